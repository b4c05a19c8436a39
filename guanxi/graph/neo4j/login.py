"""Who logs in to Neo4j, and where the password comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

#: The user that every Neo4j server has at first.
USER = "neo4j"


@dataclass
class Login:
    """A user and a password; the password is never shown.

    `ask(question)` is called once, when the server wants a password and there is none: it
    returns what a person typed, or None where nobody can be asked. The answer is kept for
    later connections, until a server refuses it.
    """

    user: str = USER
    password: str | None = field(default=None, repr=False)
    ask: Callable[[str], str | None] | None = field(default=None, repr=False)
    _asked: bool = field(default=False, repr=False)

    @property
    def auth(self) -> tuple[str, str] | None:
        """What the driver takes; None to come without a password."""
        return None if self.password is None else (self.user, self.password)

    def ask_for_password(self, place: str) -> bool:
        """Ask for the password of the user at `place`; whether there is one now."""
        if self.password is None and self.ask is not None:
            self.password = self.ask(f"Password of {self.user} at {place}: ") or None
            self._asked = self.password is not None
        return self.password is not None

    def was_refused(self) -> None:
        """Forget a password that was typed, so that the next connection asks again."""
        if self._asked:
            self.password = None
            self._asked = False
