"""The composition root: guards after each migration, first data, and the desk's ends that invoices hold."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db import connection
from django.db.models.signals import post_migrate, pre_migrate


class CoordinationConfig(AppConfig):
    name = "coordination"

    def ready(self) -> None:
        from .live import endings
        from .project import checks  # noqa: F401 - registers itself
        from .project.people import connect

        connect()
        endings.connect()
        _connect_desk()
        _connect_rules()
        _connect_lists()
        # the last app whose migrations run: by then every table is there
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="countersign.guards")
        pre_migrate.connect(_before_migrate, sender=self, dispatch_uid="countersign.views")


def _after_migrate(**_: Any) -> None:
    from audit import guards

    from .assurance import sql_views
    from .facts import exchange_rates, policies

    tables = set(connection.introspection.table_names())
    if any(m._meta.managed and m._meta.db_table not in tables for m in apps.get_models()):
        return  # a partial migrate; the next whole one installs everything
    guards.install()
    exchange_rates.ensure_defaults()
    policies.ensure_defaults()
    sql_views.after_migrate()


def _before_migrate(plan: Any = (), **_: Any) -> None:
    from .assurance import sql_views

    sql_views.make_way(plan)


def _connect_rules() -> None:
    from pathlib import Path

    from django.conf import settings

    from .translation import schematron

    folder = settings.COUNTERSIGN_EN16931_XSLT
    schematron.configure(schematron.stylesheets_in(Path(folder)) if folder else {})


def _connect_lists() -> None:
    from pathlib import Path

    from django.conf import settings

    from .translation import nature

    folder = settings.COUNTERSIGN_LISTS
    nature.configure(Path(folder) if folder else None)


def _connect_desk() -> None:
    from reviews import policy as desk
    from reviews.signals import resolved

    from .decisions import human
    from .facts import exchange_rates, makers, policies
    from .services import payments, statements
    from .services.intake import map_versions

    desk.LOCKS.update(
        {
            "invoice": human.lock_invoice,
            "vendor": human.lock_vendor,
            "payment_batch": payments.lock_batch,
            "payment_file": payments.second_file.lock,
            "statement": statements.lock_statement,
            "vendor_master": human.lock_vendor,
            "rates": exchange_rates.lock_rates,
            "map": map_versions.lock_map,
            "bank_report": payments.lock_reported,
            "paid_elsewhere": payments.paid_elsewhere.lock_stated,
        }
    )
    desk.MAKERS.update(
        {
            "invoice": makers.of_invoice,
            "payment_run": makers.of_run,
            "paid_elsewhere": payments.paid_elsewhere.of_statement,
        }
    )
    desk.LIMITS[:] = [lambda group: policies.active().limit(group)]
    desk.CURRENCY[:] = [lambda: policies.active().company_currency]
    resolved.connect(human.receive, dispatch_uid="countersign.verdicts")
