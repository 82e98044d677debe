"""What fields of pages share: what is typed is read, gives way to a default, or is refused in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError

from audit.errors import CountersignError
from reviews import fields


class NotAccepted(CountersignError):
    """A field of this form cannot be read. Correct it and send it again."""


class NoSuchDay(CountersignError):
    """Say the day as it stands in the calendar: year, month and day."""


class Refusal(ValidationError):
    """An error of a field that keeps its own words and status."""

    def __init__(self, error: CountersignError) -> None:
        super().__init__(error.message, code=type(error).__name__)
        self.error = error


class PageForm(forms.Form):
    """The fields of one page or of one thing done on it. No field is required unless it says so."""

    @classmethod
    def accept(cls, data: Mapping[str, str]) -> Self:
        """Return the form with its `cleaned_data`. Raises what the first field that cannot be read refuses
        with."""
        form = cls(data)
        form.check_fields()
        return form

    def check_fields(self) -> None:
        """Read every field; those that can be read are in `cleaned_data` either way. Raises as `accept`."""
        for errors in self.errors.as_data().values():
            for error in errors:
                raise error.error if isinstance(error, Refusal) else NotAccepted("; ".join(error.messages))

    @property
    def typed(self) -> dict[str, str]:
        """What was typed into each field, to be shown again."""
        return {name: self[name].value() or "" for name in self.fields}


class PlainField(forms.CharField):
    """Text as it was sent, with the space around it; whoever takes it has its own limits."""

    def __init__(self) -> None:
        super().__init__(required=False, strip=False)


class CutField(forms.CharField):
    """Text of which so many characters are looked at, in addresses and codes; `otherwise` where none was
    sent."""

    def __init__(self, most: int, *, strip: bool = True, otherwise: str = "") -> None:
        super().__init__(required=False, strip=strip)
        self.most, self.otherwise = most, otherwise

    def to_python(self, value: str | None) -> str:
        return self.otherwise if value is None else str(super().to_python(value))[: self.most]

    def prepare_value(self, value: Any) -> Any:
        return None if value is None else self.to_python(value)


class WordsField(forms.CharField):
    """What a person writes in their own words. Too many are refused; nothing is cut off unsaid."""

    def __init__(self, most: int, what: str) -> None:
        super().__init__(required=False)
        self.most, self.what = most, what

    def to_python(self, value: str | None) -> str:
        try:
            return fields.within(str(super().to_python(value)), self.most, self.what)
        except fields.TooLong as error:
            raise Refusal(error) from None


class SentField(forms.CharField):
    """Text that may be empty, and has to be sent."""

    def __init__(self, missing: Callable[[], CountersignError]) -> None:
        super().__init__(required=False, strip=False)
        self.missing = missing

    def to_python(self, value: str | None) -> str:
        if value is None:
            raise Refusal(self.missing())
        return str(super().to_python(value))


class WholeField(forms.IntegerField):
    """A whole number of at most so many digits that pages send by themselves; `otherwise` for anything
    else."""

    def __init__(self, otherwise: int | None, *, digits: int = 8, strip: bool = False) -> None:
        super().__init__(required=False)
        self.otherwise, self.digits, self.strip = otherwise, digits, strip

    def to_python(self, value: str | None) -> int | None:
        written = value or ""
        found = fields.whole(written.strip() if self.strip else written, -1, digits=self.digits)
        return self.otherwise if found < 0 else found


class SizeField(WholeField):
    """The size of a checkpoint; None where none is asked for, -1 for what is no size."""

    def __init__(self) -> None:
        super().__init__(-1, digits=15)

    def to_python(self, value: str | None) -> int | None:
        return super().to_python(value) if value else None


class OneOfField(forms.ChoiceField):
    """One of a few, each under the word that pages send; `otherwise` for any other word."""

    def __init__(self, values: Mapping[str, Any], otherwise: Any) -> None:
        super().__init__(choices=[(word, word) for word in values], required=False)
        self.values, self.otherwise = values, otherwise

    def clean(self, value: str | None) -> Any:
        return self.values.get(value or "", self.otherwise)


class DayField(forms.DateField):
    """A day as date fields send it, None for an empty one. Refuses with `NoSuchDay`, and where it is required
    an empty one too."""

    def to_python(self, value: Any) -> date | None:
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise Refusal(NoSuchDay()) from None

    def validate(self, value: date | None) -> None:
        if value is None and self.required:
            raise Refusal(NoSuchDay())


class DayFilterField(DayField):
    """A day that a list is narrowed to; what is no day narrows nothing."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except Refusal:
            return None


class AmountField(forms.DecimalField):
    """An amount as a person writes it, thousands with commas; `otherwise` for none, and `wrong` for what is
    no amount."""

    def __init__(self, wrong: Callable[[], CountersignError], otherwise: Decimal | None = None) -> None:
        super().__init__(required=False)
        self.wrong, self.otherwise = wrong, otherwise

    def to_python(self, value: str | None) -> Any:
        written = (value or "").strip()
        found = fields.amount(written) if written else self.otherwise
        if written and found is None:
            raise Refusal(self.wrong())
        return found


class ReadField(forms.Field):
    """Text that one of our functions reads; its refusal is the field's."""

    def __init__(self, read: Callable[[str], Any], *, cut: int | None = None) -> None:
        super().__init__(required=False)
        self.read, self.cut = read, cut

    def to_python(self, value: str | None) -> Any:
        try:
            return self.read((value or "")[: self.cut])
        except CountersignError as error:
            raise Refusal(error) from error
