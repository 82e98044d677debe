"""URLs of the whole site: signing in and out, then the pages of each app."""

from django.urls import URLPattern, URLResolver, include, path

from . import login

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", login.LoginView.as_view(), name="login"),
    path("login/as/<slug:username>/", login.continue_as, name="continue-as"),
    path("logout/", login.logout, name="logout"),
    path("", include("coordination.urls")),
    path("", include("reviews.urls")),
]
handler400 = "coordination.views.errors.bad_request"
handler403 = "coordination.views.errors.not_allowed"
handler404 = "coordination.views.errors.not_found"
handler500 = "coordination.views.errors.broken"
