"""Rules of the holds that payments set: what a hold on an invoice is about beside its code."""

from typing import Final

REPEATED: Final = "P-01"
"""It looks like a payment that was made before."""
REFUSED: Final = "P-02"
"""It did not arrive."""
ACCOUNT_REFUSED: Final = "P-03"
"""It did not arrive because of the vendor's account."""
PART_BACK: Final = "P-04"
"""A part of it came back."""
CONTRADICTED: Final = "P-05"
"""The bank says two things of it."""
ACCOUNT_PART: Final = "P-06"
"""A part of it came back because of the vendor's account."""

ACCOUNT_IN_DOUBT: Final = frozenset({ACCOUNT_REFUSED, ACCOUNT_PART})
IN_PART: Final = frozenset({PART_BACK, ACCOUNT_PART})
