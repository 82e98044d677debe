"""Addresses of the pages: of those in the navigation from their rows, of what belongs to them one by one."""

from importlib import import_module

from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from reviews.access import requires

from .selectors.shell import PAGES, Page
from .views import (
    agents,
    auditing,
    coding,
    conformance,
    counts,
    disagreement,
    documents,
    intake,
    invoices,
    mappings,
    payments,
    reports,
    retention,
    samples,
    seals,
    service_levels,
    shell,
    statements,
    status,
    ways,
)


def _page(page: Page) -> URLPattern:
    """The address of an entry of the navigation, for those who may see the entry."""
    module, _, name = page.view.rpartition(".")
    view = getattr(import_module(f"{__package__}.views.{module}"), name)
    methods = require_http_methods(["GET", "HEAD", *(["POST"] if page.takes_forms else [])])
    return path(page.address, methods(requires(page.right)(view)), name=page.key)


app_name = "coordination"
urlpatterns = [
    *(_page(page) for page in PAGES if page.view),
    path("kpis/counts/", counts.counts, name="counts"),
    path("kpis/counts.csv", counts.counts_csv, name="counts_csv"),
    path("kpis/counts/<slug:kind>/", counts.counted, name="counted"),
    path("kpis/counts/<slug:kind>.csv", counts.counted_csv, name="counted_csv"),
    path("kpis/figures/<slug:figure>/", counts.figure, name="figure"),
    path("kpis/figures/<slug:figure>.csv", counts.figure_csv, name="figure_csv"),
    path("kpis/holds/<slug:owner>/", counts.holds, name="holds"),
    path("kpis/holds/<slug:owner>.csv", counts.holds_csv, name="holds_csv"),
    path("conformance/way/", conformance.way, name="conformance_way"),
    path("conformance/way.csv", conformance.way_csv, name="conformance_way_csv"),
    path("conformance/<slug:rule>.csv", conformance.violations_csv, name="conformance_csv"),
    path("flow/ways/", ways.ways, name="ways"),
    path("flow/ways.csv", ways.ways_csv, name="ways_csv"),
    path("flow/ways/<slug:source>/<slug:target>/", ways.step, name="way"),
    path("flow/ways/<slug:source>/<slug:target>.csv", ways.step_csv, name="way_csv"),
    path("agents/service-levels/", service_levels.service_levels, name="service_levels"),
    path("agents/disagreement/", disagreement.disagreement, name="disagreement"),
    path("agents/disagreement/<str:first>/<str:second>/", disagreement.differing, name="differing"),
    path(
        "agents/disagreement/<str:first>/<str:second>.csv", disagreement.differing_csv, name="differing_csv"
    ),
    path("agents/series/", agents.series, name="agent_series"),
    path("agents/<str:name>/", agents.agent, name="agent"),
    path("agents/<str:name>/pause/", agents.pause, name="agent_pause"),
    path("agents/<str:name>/resume/", agents.resume, name="agent_resume"),
    path("agents/<str:name>/ask-people/", agents.ask_people, name="agent_ask_people"),
    path("invoices/<uuid:invoice_id>/", invoices.invoice, name="invoice"),
    path("invoices/<uuid:invoice_id>/hold/", invoices.hold, name="invoice_hold"),
    path("invoices/<uuid:invoice_id>/as-of/", auditing.as_of, name="invoice_as_of"),
    path("invoices/<uuid:invoice_id>/again/", auditing.again, name="invoice_again"),
    path("invoices/<uuid:invoice_id>/looks/", auditing.looks, name="invoice_looks"),
    path("invoices/<uuid:invoice_id>/walkthrough.pdf", reports.walkthrough, name="walkthrough"),
    path("invoices/<uuid:invoice_id>/evidence/", seals.evidence, name="evidence"),
    path("invoices/<uuid:invoice_id>/notes/", auditing.note, name="invoice_note"),
    path("invoices/<uuid:invoice_id>/entries/<int:seq>/", invoices.entry, name="entry"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("intake/maps/", mappings.maps, name="maps"),
    path("intake/maps/sample/", mappings.sample, name="map_sample"),
    path("intake/maps/on/<str:sha256>/", mappings.new, name="map_new"),
    path("intake/maps/on/<str:sha256>/preview/", mappings.preview, name="map_preview"),
    path("intake/maps/on/<str:sha256>/save/", mappings.save, name="map_save"),
    path("intake/maps/<uuid:map_id>/", mappings.version, name="map"),
    path("intake/maps/<uuid:map_id>/change/", mappings.change, name="map_change"),
    path("intake/maps/<uuid:map_id>/retire/", mappings.retire, name="map_retire"),
    path("intake/maps/<uuid:map_id>/retry/", mappings.retry, name="map_retry"),
    path("intake/quarantine/", intake.quarantine, name="quarantine"),
    path(
        "intake/quarantine/<uuid:quarantine_id>/original/", documents.quarantined, name="quarantine_original"
    ),
    path("intake/quarantine/<uuid:quarantine_id>/retry/", intake.retry, name="quarantine_retry"),
    path("intake/quarantine/<uuid:quarantine_id>/dismiss/", intake.dismiss, name="quarantine_dismiss"),
    path("status/<uuid:invoice_id>/", status.answered, name="status_of"),
    path("status/<uuid:invoice_id>/response.xml", status.response, name="status_response"),
    path("coding/figures/", coding.figures, name="coding_figures"),
    path("coding/<uuid:invoice_id>/<int:position>/", coding.confirm, name="coding_confirm"),
    path("statements/<uuid:statement_id>/", statements.statement, name="statement"),
    path("payments/propose/", payments.propose, name="payments_propose"),
    path("payments/<int:number>/", payments.batch, name="payment_batch"),
    path("payments/<int:number>/approve/", payments.approve, name="payment_approve"),
    path("payments/unpayable.csv", payments.unpayable, name="payments_unpayable"),
    path("payments/elsewhere/<uuid:invoice_id>/", payments.elsewhere, name="paid_elsewhere"),
    path("payments/<int:number>/withdraw/", payments.withdraw, name="payment_withdraw"),
    path("payments/<int:number>/take-out/<uuid:payment_id>/", payments.take_out, name="payment_take_out"),
    path("payments/<int:number>/stop/", payments.stop, name="payment_stop"),
    path("payments/<int:number>/recall/", payments.recall, name="payment_recall"),
    path("payments/<int:number>/again/", payments.again, name="payment_again"),
    path("payments/<int:number>/file/", payments.file, name="payment_file"),
    path("payments/<int:number>/confirm/", payments.confirm, name="payment_confirm"),
    path("audit/searches/", auditing.keep, name="search_keep"),
    path("audit/searches/<uuid:search_id>/drop/", auditing.drop, name="search_drop"),
    path("audit/population/", reports.export, name="population_export"),
    path("audit/seals/", seals.seals, name="seals"),
    path("audit/seals/verify/", seals.verify, name="seals_verify"),
    path("audit/seals/<int:size>/checkpoint.txt", seals.checkpoint, name="checkpoint"),
    path("audit/procedure/", reports.procedure, name="procedure"),
    path("audit/procedure.md", reports.procedure_file, {"suffix": "md"}, name="procedure_md"),
    path("audit/procedure.pdf", reports.procedure_file, {"suffix": "pdf"}, name="procedure_pdf"),
    path("audit/samples/", samples.samples, name="samples"),
    path("audit/samples/new/", samples.new, name="sample_new"),
    path("audit/samples/draw/", samples.draw, name="sample_draw"),
    path("audit/samples/<uuid:sample_id>/", samples.sample, name="sample"),
    path("audit/samples/<uuid:sample_id>/again/", samples.again, name="sample_again"),
    path("audit/samples/<uuid:sample_id>/sheet.csv", samples.sheet_csv, name="sample_csv"),
    path("audit/samples/<uuid:sample_id>/<uuid:invoice_id>/", samples.record, name="sample_record"),
    path("audit/retention/", retention.retention, name="retention"),
    path("audit/retention/holds/", retention.place, name="legal_hold_place"),
    path("audit/retention/holds/<uuid:hold_id>/lift/", retention.lift, name="legal_hold_lift"),
    path("shell/nav/", shell.nav, name="nav"),
    path("shell/preferences/", shell.preferences, name="preferences"),
]
