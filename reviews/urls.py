"""Addresses of the review queue."""

from django.urls import path

from . import bulk_views, delegation_views, handling_views, presence_views, saved_views, views

app_name = "reviews"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/next/", handling_views.claim_next, name="next"),
    path("inbox/looking/", presence_views.looking, name="looking"),
    path("inbox/left/", presence_views.leave, name="leave"),
    path("inbox/<uuid:escalation_id>/looking/", presence_views.note, name="look"),
    path("inbox/lists/", saved_views.keep, name="list_keep"),
    path("inbox/lists/<uuid:list_id>/drop/", saved_views.drop, name="list_drop"),
    path("inbox/together/", bulk_views.together, name="together"),
    path("inbox/together/changed/", bulk_views.changed, name="together_changed"),
    path("inbox/together/undo/", bulk_views.undo, name="undo_together"),
    path("inbox/together/answer/", bulk_views.answer_together, name="answer_together"),
    path("inbox/delegations/", delegation_views.delegations, name="delegations"),
    path("inbox/delegations/arrange/", delegation_views.arrange, name="delegation_arrange"),
    path("inbox/delegations/<uuid:delegation_id>/end/", delegation_views.end, name="delegation_end"),
    path("inbox/<uuid:escalation_id>/", views.case, name="case"),
    path("inbox/<uuid:escalation_id>/standing/", views.case_status, name="standing"),
    path("inbox/<uuid:escalation_id>/decide/", views.decide, name="decide"),
    path("inbox/<uuid:escalation_id>/undo/", views.undo, name="undo"),
    path("inbox/<uuid:escalation_id>/answered/", views.answered, name="answered"),
    path("inbox/<uuid:escalation_id>/claim/", handling_views.claim, name="claim"),
    path("inbox/<uuid:escalation_id>/release/", handling_views.release, name="release"),
    path("inbox/<uuid:escalation_id>/remark/", handling_views.remark, name="remark"),
    path("inbox/<uuid:escalation_id>/hand-over/", handling_views.hand_over, name="hand_over"),
    path("inbox/<uuid:escalation_id>/put-aside/", handling_views.put_aside, name="put_aside"),
    path("inbox/<uuid:escalation_id>/take-back/", handling_views.take_back, name="take_back"),
]
