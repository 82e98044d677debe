"""The public documents beside the checkout, and shortcuts to read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from coordination.translation import translate
from coordination.translation.canonical import Canonical, Translation

PUBLIC = Path(__file__).resolve().parents[3] / "shared" / "data"

C = TypeVar("C", bound=Canonical)
Read = Callable[[str], Translation]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of third-party documents; without it the tests that need it are skipped."""
    if not PUBLIC.is_dir():
        pytest.skip("the public documents are not beside the checkout (../shared/data)")
    return PUBLIC


@pytest.fixture(scope="session")
def read(data: Path) -> Read:
    """Translate a public document by its path below the folder."""

    def _read(path: str) -> Translation:
        return translate((data / path).read_bytes(), path)

    return _read


def only(translation: Translation, kind: type[C]) -> C:
    """The one document of a file, of the kind it has to be."""
    (document,) = translation.documents
    assert isinstance(document, kind)
    return document
