"""Reading settings from the environment: a wrong value raises, and the message says what to write instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True)
class Environ:
    """Typed access to environment variables; an empty value counts as unset."""

    values: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, "").strip() or default

    def required(self, name: str, meaning: str) -> str:
        value = self.text(name)
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. Set it to {meaning}.")
        return value

    def choice(self, name: str, options: tuple[str, ...], default: str) -> str:
        value = self.text(name, default).lower()
        if value not in options:
            raise ImproperlyConfigured(f"{name}={value!r} is not known. Use one of: {', '.join(options)}.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name}={value!r} is neither on nor off. Use 1 or 0.")
        return value in TRUE

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not low <= int(value) <= high:
            raise ImproperlyConfigured(
                f"{name}={value!r} is no number from {low} to {high}. Use for example {default}."
            )
        return int(value)

    def folder(self, name: str, default: Path) -> Path:
        path = Path(self.text(name, str(default))).expanduser().resolve()
        if path.exists() and not path.is_dir():
            raise ImproperlyConfigured(
                f"{name}={path} is a file. Name a folder; it is made when it does not exist."
            )
        return path

    def names(self, name: str) -> list[str]:
        return [part for part in (part.strip() for part in self.text(name).split(",")) if part]
