"""Groups that people belong to, and the people of the demonstration."""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_migrate

from reviews.models import SigningProfile

DEMO_MARK = "!demonstration-"
"""How the password of an account begins that the demonstration made: an unusable one, and gone with the first
real one."""
GROUPS = ("specialist", "manager", "auditor", "admin")


@dataclass(frozen=True)
class Person:
    """Somebody of the demonstration: group, department whose questions they answer, what they sign alone."""

    username: str
    first_name: str
    last_name: str
    group: str
    title: str
    department: str = ""
    limit: Decimal | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


_SPECIALIST = Decimal("25000.00")
_MANAGER = Decimal("1000000.00")
DEMO_WEEKS = 9
"""How long the company of the demonstration has been at work."""

DEMO_PEOPLE = (
    Person("marta", "Marta", "Kowalczyk", "specialist", "Procurement specialist", "procurement", _SPECIALIST),
    Person("ingrid", "Ingrid", "Solberg", "specialist", "Operations specialist", "operations", _SPECIALIST),
    Person("pieter", "Pieter", "Dekker", "specialist", "Finance specialist", "finance", _SPECIALIST),
    Person("sofie", "Sofie", "Brandt", "manager", "Finance manager", limit=_MANAGER),
    Person("jonas", "Jonas", "Lindqvist", "manager", "Procurement manager", limit=_MANAGER),
    Person("claire", "Claire", "Moreau", "auditor", "Auditor"),
    Person("ada", "Ada", "Admin", "admin", "Administrator"),
)


def ensure_groups(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Create the groups that are missing; runs after each migrate."""
    if Group._meta.db_table not in connections[using].introspection.table_names():
        return  # a migrate of single apps on an empty database
    have = set(Group.objects.using(using).values_list("name", flat=True))
    Group.objects.using(using).bulk_create(Group(name=name) for name in GROUPS if name not in have)


def connect() -> None:
    """Arrange for the groups: once per migrate, at auth's own signal."""
    post_migrate.connect(ensure_groups, sender=apps.get_app_config("auth"), dispatch_uid="countersign.groups")


def demo_accounts() -> QuerySet[User]:
    """Accounts that the demonstration made and that nobody has given a password since."""
    return User.objects.filter(
        username__in=[person.username for person in DEMO_PEOPLE], password__startswith=DEMO_MARK
    )


def real_people() -> QuerySet[User]:
    """Everybody whom the demonstration did not make."""
    return User.objects.exclude(pk__in=demo_accounts().values("pk")).order_by("username")


@transaction.atomic
def create_demo_people() -> list[User]:
    """Create the demonstration's people who are missing; they have no password, demo mode lets them in."""
    ensure_groups()
    return [user for person in DEMO_PEOPLE if (user := _create(person))]


def _create(person: Person) -> User | None:
    user, created = User.objects.get_or_create(
        username=person.username,
        defaults={
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": f"{person.username}@example.com",
        },
    )
    if not created:
        return None
    user.password = DEMO_MARK + secrets.token_urlsafe(24)
    user.save(update_fields=["password"])
    user.groups.set(Group.objects.filter(name=person.group))
    SigningProfile.objects.create(
        user=user, department=person.department, title=person.title, limit=person.limit
    )
    return user
