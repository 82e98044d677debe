"""Signing in and out."""

from http import HTTPStatus

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from coordination.project.loopback import is_loopback
from coordination.project.people import DEMO_PEOPLE, create_demo_people

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True
    create_demo_people()


def test_a_password_signs_in(client: Client) -> None:
    User.objects.create_user("alice", password=PASSWORD)
    answer = client.post("/login/?next=/invoices/", {"username": "alice", "password": PASSWORD})
    assert answer["Location"] == "/invoices/"
    assert "_auth_user_id" in client.session


def test_a_wrong_password_does_not(client: Client) -> None:
    User.objects.create_user("alice", password=PASSWORD)
    assert client.post("/login/", {"username": "alice", "password": "x"}).status_code == HTTPStatus.OK
    assert "_auth_user_id" not in client.session


def test_the_page_offers_no_persons_outside_the_demonstration(client: Client) -> None:
    create_demo_people()
    assert "Continue as" not in client.get("/login/").content.decode()
    assert client.post("/login/as/marta/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("demo")
def test_the_demonstration_is_one_click_away(client: Client) -> None:
    page = client.get("/login/").content.decode()
    for person in DEMO_PEOPLE:
        assert f"Continue as {person.name}" in page

    assert client.post("/login/as/claire/", {"next": "/audit/"})["Location"] == "/audit/"
    assert User.objects.get(pk=client.session["_auth_user_id"]).username == "claire"


@pytest.mark.usefixtures("demo")
def test_the_click_is_a_post_with_a_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.get("/login/as/claire/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert client.post("/login/as/claire/").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.usefixtures("demo")
def test_only_the_demonstrations_people_need_no_password(client: Client) -> None:
    User.objects.create_user("alice")
    User.objects.filter(username="ada").update(is_active=False)
    assert client.post("/login/as/alice/").status_code == HTTPStatus.NOT_FOUND
    assert client.post("/login/as/ada/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("demo")
def test_somebody_with_the_name_of_one_of_them_is_not_one_of_them(client: Client) -> None:
    sofie = User.objects.get(username="sofie")
    sofie.set_password(PASSWORD)
    sofie.save()
    User.objects.filter(username="ada").delete()
    User.objects.create_user("ada")
    page = client.get("/login/").content.decode()
    for name in ("sofie", "ada"):
        assert client.post(f"/login/as/{name}/").status_code == HTTPStatus.NOT_FOUND
        assert f"Continue as {name.capitalize()}" not in page


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "sent", [{"REMOTE_ADDR": "192.0.2.7"}, {"REMOTE_ADDR": ""}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}]
)
def test_only_at_this_machine_a_click_is_enough(client: Client, sent: dict[str, str]) -> None:
    assert "Continue as" not in client.get("/login/", **sent).content.decode()
    assert client.post("/login/as/claire/", **sent).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.2", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("somewhere", False),
    ],
)
def test_what_this_machine_is(address: str, here: bool) -> None:
    assert is_loopback(address) is here


@pytest.mark.usefixtures("demo")
def test_nobody_is_sent_to_another_site(client: Client) -> None:
    assert client.post("/login/as/claire/", {"next": "https://evil.example/"})["Location"] == "/"


def test_signing_out_is_a_post(client: Client) -> None:
    client.force_login(User.objects.create_user("alice"))
    assert client.get("/logout/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    answer = client.post("/logout/")
    assert answer["Location"] == "/login/"
    assert "cache" in answer["Clear-Site-Data"]
    assert "_auth_user_id" not in client.session
