"""Groups and the people of the demonstration."""

import io

import orjson
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from pytest_django import Settings

from coordination.project.people import DEMO_PEOPLE, GROUPS, create_demo_people, ensure_groups

pytestmark = pytest.mark.django_db


def test_the_groups_are_there_after_a_migrate() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(GROUPS)
    ensure_groups()
    assert Group.objects.count() == len(GROUPS)


def test_each_person_has_a_group_a_signing_profile_and_no_password() -> None:
    assert len(create_demo_people()) == len(DEMO_PEOPLE)
    marta = User.objects.get(username="marta")
    assert [group.name for group in marta.groups.all()] == ["specialist"]
    assert (marta.signing_profile.department, marta.signing_profile.title) == (
        "procurement",
        "Procurement specialist",
    )
    assert not marta.has_usable_password()


def test_a_second_time_adds_nobody_and_changes_nothing() -> None:
    create_demo_people()
    User.objects.filter(username="marta").update(first_name="Martha")
    assert create_demo_people() == []
    assert User.objects.get(username="marta").first_name == "Martha"


def test_the_command_says_whom_it_created() -> None:
    out = io.StringIO()
    call_command("setup_people", "--demo", "--json", stdout=out)
    assert orjson.loads(out.getvalue())["people"] == [person.username for person in DEMO_PEOPLE]


def test_production_gets_no_people_without_password(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="need no password"):
        call_command("setup_people", "--demo")
    assert not User.objects.exists()
