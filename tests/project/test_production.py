"""Settings of production, as the commands see them."""

from pathlib import Path

import pytest

from tests.project.running import manage

COMPANY = {
    "COUNTERSIGN_COMPANY_NAME": "Nordhafen AG",
    "COUNTERSIGN_COMPANY_IBAN": "DE89370400440532013000",
    "COUNTERSIGN_COMPANY_BIC": "COBADEFFXXX",
    "COUNTERSIGN_COMPANY_STREET": "Kai 1",
    "COUNTERSIGN_COMPANY_TOWN": "Hamburg",
    "COUNTERSIGN_COMPANY_POSTCODE": "20457",
    "COUNTERSIGN_COMPANY_COUNTRY": "DE",
}


def test_production_settings_pass_the_deployment_check_without_a_database(tmp_path: Path) -> None:
    done = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        **COMPANY,
        data=tmp_path,
        COUNTERSIGN_ENV="production",
        ALLOWED_HOSTS="countersign.example",
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize(
    ("environment", "debug"), [({}, "False"), ({"COUNTERSIGN_ENV": "development"}, "True")]
)
def test_pages_for_developers_are_asked_for(tmp_path: Path, environment: dict[str, str], debug: str) -> None:
    done = manage("diffsettings", "--all", data=tmp_path, **environment)
    assert f"DEBUG = {debug}" in done.stdout.replace("### ", "").splitlines()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"COUNTERSIGN_ENV": "production", **COMPANY}, "ALLOWED_HOSTS is not set"),
        ({"COUNTERSIGN_ENV": "prod"}, "development, demo, staging, production"),
        ({"COUNTERSIGN_ENV": "staging"}, "COUNTERSIGN_COMPANY_NAME is not set"),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, environment: dict[str, str], said: str) -> None:
    done = manage("migrate", data=tmp_path, **environment)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
