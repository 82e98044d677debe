"""Each setting that is wrong is refused by its own name, and each that is right means what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from coordination.project import values
from coordination.project.environ import FALSE, TRUE, Environ
from coordination.project.loopback import from_here, is_loopback

BERLIN, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")
Read = Callable[[Environ], object]


def in_trial(env: Environ) -> object:
    return values.company(env, production=False)


def address(env: Environ) -> object:
    return values.participant(env, production=True)


def named(env: Environ) -> object:
    return values.hosts(env, production=False)


@pytest.mark.parametrize(
    ("setting", "value", "read"),
    [
        ("COUNTERSIGN_COMPANY_IBAN", "DE00", in_trial),
        ("COUNTERSIGN_COMPANY_IBAN", "DE89370400440532013001", in_trial),
        ("COUNTERSIGN_COMPANY_BIC", "COBA", in_trial),
        ("COUNTERSIGN_COMPANY_COUNTRY", "de", in_trial),
        ("COUNTERSIGN_COMPANY_COUNTRY", "DEU", in_trial),
        ("COUNTERSIGN_COMPANY_COUNTRY", "D1", in_trial),
        ("COUNTERSIGN_COMPANY_VAT_IDS", "DE136695976, 136695976", values.ours),
        ("COUNTERSIGN_COMPANY_VAT_IDS", "DE1", values.ours),
        ("COUNTERSIGN_COMPANY_ENDPOINTS", "4012345000009", values.ours),
        ("COUNTERSIGN_COMPANY_ENDPOINTS", "0088:4012345000009, 88:1", values.ours),
        ("COUNTERSIGN_CUTOFF", "25:00 Europe/Berlin", values.cutoff),
        ("COUNTERSIGN_CUTOFF", "14:00 Europe/Atlantis", values.cutoff),
        ("COUNTERSIGN_CUTOFF", "two o'clock", values.cutoff),
        ("COUNTERSIGN_CUTOFF", "14", values.cutoff),
        ("COUNTERSIGN_CUTOFFS", "14:00", values.cutoffs),
        ("COUNTERSIGN_CUTOFFS", "usd=12:00", values.cutoffs),
        ("COUNTERSIGN_CUTOFFS", "USD=12:00, GBP", values.cutoffs),
        ("COUNTERSIGN_CUTOFFS", "USD=noon", values.cutoffs),
        ("COUNTERSIGN_TIME_ZONE", "Mars/Olympus", values.time_zone),
        ("COUNTERSIGN_TIME_ZONE", "../../etc/passwd", values.time_zone),
        ("COUNTERSIGN_PEPPOL_ID", "DE136695976", address),
        ("ALLOWED_HOSTS", "countersign.example.com, *", named),
        ("DATABASE_URL", "sqlite:///books.db", values.database),
        ("DATABASE_URL", "postgresql://db.example", values.database),
        ("COUNTERSIGN_POOL", "201", values.database),
        ("COUNTERSIGN_POOL", "many", values.database),
        ("COUNTERSIGN_LOG", "two words", values.log_name),
        ("COUNTERSIGN_LOG", "a+b", values.log_name),
        ("COUNTERSIGN_LOG", "x" * 101, values.log_name),
        ("COUNTERSIGN_CHECKPOINTS", "worm", values.checkpoint_sinks),
        ("COUNTERSIGN_CHECKPOINTS", "http://sink.example/", values.checkpoint_sinks),
        ("COUNTERSIGN_CHECKPOINTS", "mailto:nobody", values.checkpoint_sinks),
        ("COUNTERSIGN_CHECKPOINTS", "/mnt/worm, ftp://sink.example", values.checkpoint_sinks),
        ("COUNTERSIGN_MAIL", "mail.company.example", values.mail_server),
        ("COUNTERSIGN_MAIL", ":25", values.mail_server),
        ("COUNTERSIGN_MAIL", "mail.company.example:smtp", values.mail_server),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_the_name_of_its_setting(
    setting: str, value: str, read: Read
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(Environ({setting: value}))
    assert setting in str(refused.value)


@pytest.mark.parametrize("given", [" ", "\t", ""])
@pytest.mark.parametrize(
    "read",
    [
        values.ours,
        values.cutoff,
        values.cutoffs,
        values.time_zone,
        values.log_name,
        values.checkpoint_sinks,
        values.mail_server,
    ],
)
def test_an_empty_setting_is_one_that_is_not_set(given: str, read: Read) -> None:
    names = ("CUTOFF", "CUTOFFS", "TIME_ZONE", "LOG", "CHECKPOINTS", "MAIL", "COMPANY_NAME", "PEPPOL_ID")
    assert read(Environ({f"COUNTERSIGN_{name}": given for name in names})) == read(Environ({}))


def test_a_time_of_day_without_a_zone_is_one_of_berlin() -> None:
    assert values.cutoff(Environ({})) == (time(14), BERLIN)
    assert values.cutoff(Environ({"COUNTERSIGN_CUTOFF": "9:30"})) == (time(9, 30), BERLIN)
    assert values.cutoff(Environ({"COUNTERSIGN_CUTOFF": "16:45 Europe/London"})) == (time(16, 45), LONDON)


def test_each_currency_has_its_own_time_of_day() -> None:
    env = Environ({"COUNTERSIGN_CUTOFFS": " USD=12:00 Europe/London , GBP = 13:15,"})
    assert values.cutoffs(env) == {"USD": (time(12), LONDON), "GBP": (time(13, 15), BERLIN)}


def test_who_we_are_is_nobody_until_something_says_it() -> None:
    assert values.ours(Environ({})) is None
    assert values.company(Environ({}), production=False)["name"] == "Example Trading GmbH"


def test_who_we_are_is_each_name_and_address_once() -> None:
    env = Environ(
        {
            "COUNTERSIGN_COMPANY_NAME": "Muster AG",
            "COUNTERSIGN_COMPANY_NAMES": "Muster Holding, Muster AG",
            "COUNTERSIGN_COMPANY_VAT_IDS": "DE136695976,ATU12345678",
            "COUNTERSIGN_COMPANY_ENDPOINTS": "0088:1, 9930:DE1",
            "COUNTERSIGN_PEPPOL_ID": "0088:1",
        }
    )
    assert values.ours(env) == (
        ("Muster AG", "Muster Holding"),
        ("DE136695976", "ATU12345678"),
        ("0088:1", "9930:DE1"),
    )


@pytest.mark.parametrize("field", ["NAME", "IBAN", "BIC", "STREET", "TOWN", "POSTCODE", "COUNTRY"])
def test_in_production_the_paying_company_leaves_no_field_to_an_example(field: str) -> None:
    stated = {f"COUNTERSIGN_COMPANY_{name}": example for name, example in values.EXAMPLE_COMPANY.items()}
    assert values.company(Environ(stated), production=True) == {
        name.lower(): example for name, example in values.EXAMPLE_COMPANY.items()
    }
    del stated[f"COUNTERSIGN_COMPANY_{field}"]
    with pytest.raises(ImproperlyConfigured, match=f"COUNTERSIGN_COMPANY_{field} is not set"):
        values.company(Environ(stated), production=True)


@pytest.mark.parametrize(
    "sink",
    [
        "/mnt/worm",
        "mailto:audit@company.example",
        "https://worm.example/put",
        "http://127.0.0.1:9000/put",
        "http://localhost/put",
        "http://[::1]:9000/",
    ],
)
def test_checkpoints_go_to_a_folder_a_person_or_an_address(sink: str) -> None:
    assert values.checkpoint_sinks(Environ({"COUNTERSIGN_CHECKPOINTS": f"{sink},/second"})) == [
        sink,
        "/second",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1.evil.example", "localhost.evil.example", "localhostx"])
def test_a_checkpoint_does_not_leave_in_the_clear_for_a_host_that_begins_like_this_machine(host: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="COUNTERSIGN_CHECKPOINTS"):
        values.checkpoint_sinks(Environ({"COUNTERSIGN_CHECKPOINTS": f"http://{host}/put"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail.company.example:587", ("mail.company.example", 587)),
        ("[::1]:25", ("[::1]", 25)),
        ("", ("localhost", 25)),
    ],
)
def test_a_mail_server_is_a_host_and_a_port(text: str, expected: tuple[str, int]) -> None:
    assert values.mail_server(Environ({"COUNTERSIGN_MAIL": text})) == expected


def test_a_data_folder_below_a_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ImproperlyConfigured, match="COUNTERSIGN_DATA"):
        values.secret_key(Environ({}), file / "below")


def test_a_data_folder_that_may_not_be_made_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(ImproperlyConfigured, match=r"COUNTERSIGN_DATA=.*Permission denied"):
        values.secret_key(Environ({}), tmp_path / "new")


# --- the environment ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", sorted(TRUE | FALSE))
def test_a_switch_is_read_in_any_case(word: str) -> None:
    for spelt in (word, word.upper(), word.title(), f" {word} "):
        assert Environ({"X": spelt}).flag("X", default=word in FALSE) is (word in TRUE)


@given(st.text(max_size=8))
def test_a_switch_is_on_off_unset_or_refused_by_name(text: str) -> None:
    env, word = Environ({"SWITCH": text}), text.strip().lower()
    if word in TRUE | FALSE | {""}:
        assert env.flag("SWITCH", default=True) is (word not in FALSE)
        return
    with pytest.raises(ImproperlyConfigured, match=r"^SWITCH="):
        env.flag("SWITCH", default=True)


@given(st.integers(-50, 150), st.integers(0, 100), st.integers(0, 100))
def test_a_number_is_between_its_bounds_or_refused_by_name(value: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    env = Environ({"COUNT": str(value)})
    if low <= value <= high:
        assert env.number("COUNT", low, low, high) == value
    else:
        with pytest.raises(ImproperlyConfigured, match=f"^COUNT=.*from {low} to {high}"):
            env.number("COUNT", low, low, high)


@pytest.mark.parametrize("text", ["1.5", "1e3", "+5", "0x10", "5 5", "²", "five"])
def test_what_is_no_whole_number_in_plain_digits_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^COUNT="):
        Environ({"COUNT": text}).number("COUNT", 5, 0, 100)


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5)))
def test_names_come_back_in_their_order_without_space_and_gaps(names: list[str]) -> None:
    assert Environ({"NAMES": " , ".join(["", *names, ""])}).names("NAMES") == names


def test_a_choice_is_read_in_any_case_and_an_unknown_one_refused_with_what_there_is() -> None:
    options = ("demo", "production")
    assert Environ({"ENV": " Production "}).choice("ENV", options, "demo") == "production"
    assert Environ({}).choice("ENV", options, "demo") == "demo"
    with pytest.raises(ImproperlyConfigured, match=r"^ENV='prod' is not known.*demo, production"):
        Environ({"ENV": "prod"}).choice("ENV", options, "demo")


def test_what_is_required_says_what_to_set_it_to() -> None:
    assert Environ({"X": " v "}).required("X", "a colour") == "v"
    with pytest.raises(ImproperlyConfigured, match=r"^X is not set. Set it to a colour.$"):
        Environ({"X": " "}).required("X", "a colour")


def test_a_folder_need_not_be_there_and_is_told_from_its_root(tmp_path: Path) -> None:
    assert Environ({"X": str(tmp_path / "a" / ".." / "b")}).folder("X", tmp_path) == tmp_path / "b"
    assert Environ({}).folder("X", tmp_path) == tmp_path
    assert Environ({"X": "~"}).folder("X", tmp_path) == Path.home().resolve()


# --- this machine -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
        ("LOCALHOST", False),
        ("127.1", False),
        ("", False),
    ],
)
def test_this_machine_is_its_loopback_and_nothing_that_looks_like_it(where: str, here: bool) -> None:
    assert is_loopback(where) is here


@pytest.mark.parametrize(
    ("sender", "headers", "here"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.1", {}, False),
        ("", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        ("10.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
    ],
)
def test_a_request_comes_from_here_only_when_nobody_passed_it_on(
    sender: str, headers: dict[str, str], here: bool
) -> None:
    request = RequestFactory(headers=headers).get("/")
    request.META["REMOTE_ADDR"] = sender
    assert from_here(request) is here
