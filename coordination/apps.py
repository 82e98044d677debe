"""The composition root: guards after each migration, first data, and what the other apps are told of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection
from django.db.models.signals import post_migrate, pre_migrate


class CoordinationConfig(AppConfig):
    name = "coordination"

    def ready(self) -> None:
        from . import rights  # noqa: F401 - rights register themselves
        from .live import endings
        from .project import checks, receivers  # noqa: F401 - checks register themselves
        from .project.people import connect

        connect()
        endings.connect()
        receivers.connect()
        _connect_texts()
        _connect_rules()
        _connect_lists()
        # the last app whose migrations run: by then every table is there
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="countersign.guards")
        pre_migrate.connect(_before_migrate, sender=self, dispatch_uid="countersign.views")


def _after_migrate(**_: Any) -> None:
    from audit import guards

    from .assurance import sql_views
    from .facts import exchange_rates
    from .services import policy_versions

    tables = set(connection.introspection.table_names())
    if any(m._meta.managed and m._meta.db_table not in tables for m in apps.get_models()):
        return  # a partial migrate; the next whole one installs everything
    guards.install()
    exchange_rates.ensure_defaults()
    policy_versions.ensure_defaults()
    sql_views.after_migrate()


def _before_migrate(plan: Any = (), **_: Any) -> None:
    from .assurance import sql_views

    sql_views.drop_views(plan)


def _connect_texts() -> None:
    """Which fields of our entries hold what a person wrote in their own words."""
    from audit import commitments

    commitments.keeps(
        {
            "invoice.held": "reason",
            "audit.noted": "text",
            "legal_hold.placed": "reason",
            "legal_hold.lifted": "reason",
            "sample.drawn": "purpose",
            "sample.result": "words",
        }
    )


def _connect_rules() -> None:
    from django.conf import settings

    if folder := settings.COUNTERSIGN_EN16931_XSLT:
        from .translation import schematron

        schematron.configure(schematron.stylesheets_in(Path(folder)))


def _connect_lists() -> None:
    from django.conf import settings

    if folder := settings.COUNTERSIGN_LISTS:
        from .translation import nature

        nature.configure(Path(folder))
