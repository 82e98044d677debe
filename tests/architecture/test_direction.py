"""coordination knows reviews, reviews knows audit, never the other way; pure modules know no database."""

import pytest
from django.apps import apps

from tests.architecture.modules import APPS, Module, modules, reached, within

BELOW = {"audit": ("reviews", "coordination"), "reviews": ("coordination",)}
PURE = (
    "audit.canonical",
    "audit.sampling",
    "audit.verify",
    "coordination.agents",
    "coordination.governance",
    "coordination.monitoring",
    "coordination.reports",
    "coordination.translation",
    "coordination.domain.key_figures",
    "coordination.world.catalogue",
    "coordination.world.evaluation",
    "coordination.world.generate",
    "coordination.world.recorded_stream",
    "coordination.world.report",
    "reviews.policy",
)
DATABASE = (
    "django.db",
    "django.apps",
    "django.contrib",
    "coordination.models",
    "coordination.facts",
    "coordination.decisions",
    "coordination.services",
    "reviews.models",
    "audit.models",
)


def touches(names: set[str], packages: tuple[str, ...]) -> set[str]:
    return {n for n in names for p in packages if n == p or n.startswith(f"{p}.")}


@pytest.mark.parametrize("app", BELOW)
def test_nothing_imports_upwards(app: str) -> None:
    upward = {m.name: found for m in within(app) if (found := touches(m.imports(), BELOW[app]))}
    assert upward == {}


@pytest.mark.parametrize("module", [m for p in PURE for m in within(p)], ids=lambda m: m.name)
def test_a_pure_module_reaches_no_database(module: Module) -> None:
    assert touches(reached(module), DATABASE) == set()


@pytest.mark.parametrize("module", within("coordination.agents"), ids=lambda m: m.name)
def test_an_agent_knows_no_clock_and_no_chance(module: Module) -> None:
    assert (
        touches(module.imports(), ("time", "random", "secrets", "os", "socket", "urllib", "requests"))
        == set()
    )
    assert not {"now(", "today(", "utcnow("} & {
        call for call in ("now(", "today(", "utcnow(") if f".{call}" in module.text
    }


def test_verification_needs_nothing_that_a_machine_without_django_lacks() -> None:
    assert not touches(reached(modules()["audit.verify"]), ("django", "psycopg", "simple_history"))


def test_foreign_keys_point_the_same_way() -> None:
    order = {name: n for n, name in enumerate(APPS)}
    for model in apps.get_models():
        if model._meta.app_label not in order:
            continue
        for field in model._meta.concrete_fields:
            target = getattr(field.remote_field, "model", None)
            label = target._meta.app_label if target is not None else ""
            assert order.get(label, -1) <= order[model._meta.app_label], f"{model.__name__}.{field.name}"


def test_no_generic_foreign_key_exists() -> None:
    assert not [m.name for m in modules().values() if "GenericForeignKey" in m.text]


@pytest.mark.parametrize("write", [".objects.create(", "bulk_create(", "bulk_update(", ".delete()", ".save("])
def test_pages_and_selectors_write_nothing(write: str) -> None:
    readers = [*within("coordination.views"), *within("coordination.selectors"), *within("reviews.views")]
    readers += within("reviews.handling_views")
    readers += within("reviews.bulk_views")
    readers += within("reviews.saved_views")
    readers += within("reviews.groups")
    readers += within("reviews.selectors")
    readers += within("reviews.open_lists")
    assert readers
    assert not [m.name for m in readers if write in m.text]


WRITERS = ("coordination.decisions.", "coordination.services.", "coordination.assurance.")


def test_only_decisions_services_and_assurance_append_to_the_ledger() -> None:
    writers = {m.name for m in modules().values() if "ledger.append(" in m.text and m.name != "audit.ledger"}
    others = {n for n in writers if not n.startswith(WRITERS)}
    # a verdict and whether it waits, who is on a question or answers for whom, rights, the sealer's own key
    desk = {"services", "answering", "pending", "assignment", "handling", "delegation", "rights"}
    allowed = {f"reviews.{name}" for name in desk} | {"audit.keys"}
    assert others <= allowed, others
