"""LangGraph with its PostgreSQL checkpointer: the same agents in four nodes, one thread per invoice.

Each node decides and writes the same rows as the transaction by hand, in one transaction of its own; the
checkpointer keeps what was answered so far, as its documentation has it.
"""

from __future__ import annotations

import os
import sys
from typing import Any, TypedDict

import psycopg

from . import floor, steps
from .measure import Meter


class State(TypedDict, total=False):
    """What a graph of four steps carries: the facts by reference, the answers so far."""

    index: int
    state: str
    answers: list[dict[str, Any]]


def main() -> None:
    steps.setup()
    work = steps.load(int(sys.argv[1]))
    from langgraph.checkpoint.postgres import PostgresSaver
    from langgraph.graph import END, START, StateGraph

    graph: Any = StateGraph(State)
    names = [a.replace(".", "_") for a in steps.AGENTS]
    with (
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection,
        PostgresSaver.from_conn_string(os.environ["DATABASE_URL"]) as saver,
    ):
        for number, node in enumerate(names):
            graph.add_node(node, step(work, number, connection))
        for before, after in zip([START, *names], [*names, END], strict=True):
            graph.add_edge(before, after)
        saver.setup()
        app = graph.compile(checkpointer=saver)
        meter = Meter()
        for index, item in enumerate(work):
            config = {"configurable": {"thread_id": str(item.invoice.id)}}
            app.invoke({"index": index, "state": "received", "answers": []}, config)
        meter.end(len(work) * len(steps.AGENTS))


def step(work: list[steps.Work], number: int, connection: psycopg.Connection[Any]) -> Any:
    """A node: agent and gate on the invoice's facts, the rows of the step, and what it said into the graph's
    state."""
    name, state, columns = steps.AGENTS[number], steps.STATES[number], floor.invoice_columns()

    def run(now: State) -> State:
        proposal, ruling, made = floor.decided(work[now["index"]], number, columns)
        with connection.transaction():
            for sql, values in made:
                connection.execute(sql, values)
        answer = {"agent": name, "result": ruling.outcome, "reasoning": proposal.reasoning}
        return {"state": state, "answers": [answer]}

    return run


if __name__ == "__main__":
    main()
