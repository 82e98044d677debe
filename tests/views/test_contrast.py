"""Every pair of colours in use is readable, in light and in dark."""

import pytest

from .palette import contrast, palette

TEXT, GRAPHICS = 4.5, 3.0
GROUNDS = ("canvas", "surface", "sunken", "hover")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("text", "text2", "accent") for ground in GROUNDS),
    *(("text3", ground, TEXT) for ground in ("canvas", "surface", "hover", "sunken", "accentweak")),
    *((ink, "accentweak", TEXT) for ink in ("text", "text2")),
    *((tone, f"{tone}weak", TEXT) for tone in ("ok", "warn", "bad", "accent")),
    *((tone, ground, TEXT) for tone in ("ok", "warn", "bad") for ground in ("canvas", "surface")),
    *((f"person{n}-text", f"person{n}", TEXT) for n in range(1, 6)),
    ("on-accent", "accent-solid", TEXT),
    *(("control", ground, GRAPHICS) for ground in ("canvas", "surface")),
]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_ink_on_ground_is_readable(ink: str, ground: str, least: float, mode: str) -> None:
    colours, side = palette(), ("light", "dark").index(mode)
    ratio = contrast(colours[ink][side], colours[ground][side])
    assert ratio >= least, f"{ink} on {ground} has {ratio:.2f}; {least} is the least"


def test_known_ratios() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
