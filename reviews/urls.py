"""Addresses of the review queue."""

from django.urls import path

from . import views

app_name = "reviews"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<uuid:escalation_id>/", views.case, name="case"),
    path("inbox/<uuid:escalation_id>/standing/", views.case_status, name="standing"),
    path("inbox/<uuid:escalation_id>/decide/", views.decide, name="decide"),
    path("inbox/<uuid:escalation_id>/claim/", views.claim, name="claim"),
    path("inbox/<uuid:escalation_id>/release/", views.release, name="release"),
]
