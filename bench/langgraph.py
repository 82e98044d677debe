"""LangGraph with its PostgreSQL checkpointer: the same agents in four nodes, one thread per invoice."""

from __future__ import annotations

import os
import sys
from typing import Any, TypedDict

from . import steps
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
    for name, node, state in zip(steps.AGENTS, names, steps.STATES, strict=True):
        graph.add_node(node, step(work, name, state))
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    with PostgresSaver.from_conn_string(os.environ["DATABASE_URL"]) as saver:
        saver.setup()
        app = graph.compile(checkpointer=saver)
        meter = Meter()
        for index, item in enumerate(work):
            config = {"configurable": {"thread_id": str(item.invoice.id)}}
            app.invoke({"index": index, "state": "received", "answers": []}, config)
        meter.end(len(work) * len(steps.AGENTS))


def step(work: list[steps.Work], name: str, state: str) -> Any:
    """A node: agent and gate on the invoice's facts; what it said goes into the graph's state."""

    def run(now: State) -> State:
        shot = work[now["index"]].snapshot
        proposal, ruling = steps.propose(name, shot)
        body = steps.body(name, shot, proposal, ruling).decode()
        answer = {"agent": name, "result": ruling.outcome, "reasoning": proposal.reasoning, "body": body}
        return {"state": state, "answers": [answer]}

    return run


if __name__ == "__main__":
    main()
