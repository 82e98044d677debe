"""Text in the Latin character set that every bank of the SEPA scheme takes (EPC217-08).

The rule: letters lose their accents, ligatures and letters of other Latin alphabets are spelled out (ß ss,
ø o, æ ae, ł l), other scripts are transliterated, a few signs have a stand-in of their own (& is +, _ is
-), and what is left over becomes a full stop. White space is one space. What is too long is cut.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from text_unidecode import unidecode  # type: ignore[import-untyped]

_STAND_INS: Final = str.maketrans(
    {
        "&": "+",
        "_": "-",
        "–": "-",
        "—": "-",
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
        ";": ",",
        "\\": "/",
        "|": "/",
        "€": "EUR",
    }
)
_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")
_SLASHES: Final = re.compile(r"/{2,}")


def latin(text: str, most: int) -> str:
    """The text in the scheme's character set, at most `most` characters; empty stays empty."""
    replaced = text.translate(_STAND_INS)
    bare = "".join(
        char for char in unicodedata.normalize("NFKD", replaced) if not unicodedata.combining(char)
    )
    spelled = bare if bare.isascii() else unidecode(unicodedata.normalize("NFC", bare))
    clean = _OUTSIDE.sub(".", " ".join(spelled.split()))
    return _SLASHES.sub("/", clean).strip(" /")[:most].rstrip(" /")
