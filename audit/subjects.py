"""What an entry is about: a kind and a key, written `kind/key` (CloudEvents `subject`)."""

from __future__ import annotations

from uuid import UUID


class Subject(str):
    """A subject as stored text that knows its parts: `Subject("person/1").key`, `Subject.of("person",
    1)`."""

    __slots__ = ()

    @classmethod
    def of(cls, kind: str, key: object) -> Subject:
        """The subject of this kind with this key, a number, text or UUID."""
        return cls(f"{kind}/{key}")

    @property
    def kind(self) -> str:
        """What it is: `person`, `policy`."""
        return self.partition("/")[0]

    @property
    def key(self) -> str:
        """Which one; empty where the text names none."""
        return self.partition("/")[2]

    @property
    def uuid(self) -> UUID:
        """The key as a UUID. Raises `ValueError` where it is none."""
        return UUID(self.key)

    @property
    def parts(self) -> tuple[str, str]:
        """Kind and key."""
        return self.kind, self.key
