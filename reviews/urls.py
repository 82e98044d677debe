"""Addresses of the review queue."""

from django.urls import path

from . import delegation_views, handling_views, views

app_name = "reviews"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/delegations/", delegation_views.delegations, name="delegations"),
    path("inbox/delegations/arrange/", delegation_views.arrange, name="delegation_arrange"),
    path("inbox/delegations/<uuid:delegation_id>/end/", delegation_views.end, name="delegation_end"),
    path("inbox/<uuid:escalation_id>/", views.case, name="case"),
    path("inbox/<uuid:escalation_id>/standing/", views.case_status, name="standing"),
    path("inbox/<uuid:escalation_id>/decide/", views.decide, name="decide"),
    path("inbox/<uuid:escalation_id>/claim/", handling_views.claim, name="claim"),
    path("inbox/<uuid:escalation_id>/release/", handling_views.release, name="release"),
    path("inbox/<uuid:escalation_id>/remark/", handling_views.remark, name="remark"),
    path("inbox/<uuid:escalation_id>/hand-over/", handling_views.hand_over, name="hand_over"),
    path("inbox/<uuid:escalation_id>/put-aside/", handling_views.put_aside, name="put_aside"),
    path("inbox/<uuid:escalation_id>/take-back/", handling_views.take_back, name="take_back"),
]
