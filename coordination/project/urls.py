"""URLs of the whole site: signing in and out, then the pages of each app."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from coordination.project import login

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", login.LoginView.as_view(), name="login"),
    path("login/as/<slug:username>/", login.continue_as, name="continue-as"),
    path("logout/", login.logout, name="logout"),
]
if find_spec("coordination.urls"):
    urlpatterns.append(path("", include("coordination.urls")))
