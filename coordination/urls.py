"""Addresses of the pages."""

from django.urls import path

from .views import agents, documents, flow, intake, invoices, overview, payments, shell

app_name = "coordination"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("flow/", flow.flow, name="flow"),
    path("agents/", agents.agents, name="agents"),
    path("agents/series/", agents.series, name="agent_series"),
    path("agents/<str:name>/", agents.agent, name="agent"),
    path("agents/<str:name>/pause/", agents.pause, name="agent_pause"),
    path("agents/<str:name>/resume/", agents.resume, name="agent_resume"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<uuid:invoice_id>/", invoices.invoice, name="invoice"),
    path("invoices/<uuid:invoice_id>/hold/", invoices.hold, name="invoice_hold"),
    path("invoices/<uuid:invoice_id>/entries/<int:seq>/", invoices.entry, name="entry"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("intake/", intake.intake, name="intake"),
    path("intake/quarantine/", intake.quarantine, name="quarantine"),
    path(
        "intake/quarantine/<uuid:quarantine_id>/original/", documents.quarantined, name="quarantine_original"
    ),
    path("intake/quarantine/<uuid:quarantine_id>/retry/", intake.retry, name="quarantine_retry"),
    path("intake/quarantine/<uuid:quarantine_id>/dismiss/", intake.dismiss, name="quarantine_dismiss"),
    path("payments/", payments.payments, name="payments"),
    path("payments/propose/", payments.propose, name="payments_propose"),
    path("payments/<int:number>/", payments.batch, name="payment_batch"),
    path("payments/<int:number>/approve/", payments.approve, name="payment_approve"),
    path("payments/<int:number>/file/", payments.file, name="payment_file"),
    path("payments/<int:number>/confirm/", payments.confirm, name="payment_confirm"),
    path("shell/nav/", shell.nav, name="nav"),
    path("shell/preferences/", shell.preferences, name="preferences"),
]
