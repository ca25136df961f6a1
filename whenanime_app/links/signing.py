"""Makes and reads tokens that only this server can make, and that expire."""

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

Clock = Callable[[], float]
"""A clock: seconds since 1970."""


class TokenError(Exception):
    """A link was not made by this server."""


class TokenExpiredError(TokenError):
    """A link was made by this server, but too long ago."""


class TokenSigner:
    """Makes and reads the tokens of one kind."""

    def __init__(
        self, secret: str, kind: str, *, lifetime: int, expiry_step: int, now: Clock = time.time
    ) -> None:
        """Keep the key.

        Args:
            secret: the key; who has it can make tokens.
            kind: of the tokens: one of another kind is not read.
            lifetime: seconds that a token holds at least.
            expiry_step: expiry is rounded up to this many seconds, so that one thing keeps one token.
            now: the clock.
        """
        self._lifetime, self._expiry_step, self._now = lifetime, expiry_step, now
        self._serializer = URLSafeSerializer(
            secret,
            salt=f"whenanime.{kind}",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def sign(self, values: Sequence[object]) -> str:
        """Return a token that says some values, as JSON has them."""
        expiry = (int(self._now()) + self._lifetime) // self._expiry_step + 1
        token = self._serializer.dumps([expiry, *values])
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> list[Any]:
        """Return the values of a token.

        Raises:
            TokenError: it is not one of ours.
            TokenExpiredError: it is one of ours and too old.
        """
        try:
            said: list[Any] = self._serializer.loads(token)
            expiry, *values = said
            expired = self._now() >= expiry * self._expiry_step
        except (BadData, ValueError, TypeError) as error:
            raise TokenError("this link was not made by this server") from error
        if expired:
            raise TokenExpiredError("this link has expired; search again")
        return values
