"""A way around the trail in a transaction of its own: the refusal comes with the commit, and nothing stays.

In a file of its own: what commits empties the tables, which the module's rolled-back house would not survive.
"""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction

from coordination.models import Vendor
from tests.audit.conftest import furnish
from tests.audit.test_bypasses import one, queryset_update


@transaction.atomic
def change_and_look() -> None:
    queryset_update(Vendor)
    assert one(Vendor).name == "Somebody Else"


@pytest.mark.django_db(transaction=True)
def test_the_refusal_comes_with_the_commit_and_nothing_stays() -> None:
    furnish()
    with pytest.raises(IntegrityError, match=re.escape("coordination_vendor")):
        change_and_look()
    assert one(Vendor).name == "Hartmann GmbH"
