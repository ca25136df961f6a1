"""Signs and reads tokens that expire."""

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
            secret: key of the signatures; its holder can make tokens.
            kind: kind of the tokens; tokens of another kind are rejected.
            lifetime: seconds for which a token is valid at least.
            expiry_step: seconds to which expiry is rounded up, so that equal values keep one token.
            now: the clock.
        """
        self._lifetime, self._expiry_step, self._now = lifetime, expiry_step, now
        self._serializer = URLSafeSerializer(
            secret,
            salt=f"whenanime.{kind}",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def sign(self, values: Sequence[object]) -> str:
        """Return a token that carries some JSON values."""
        expiry = (int(self._now()) + self._lifetime) // self._expiry_step + 1
        token = self._serializer.dumps([expiry, *values])
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> list[Any]:
        """Return the values of a token.

        Raises:
            TokenError: the token was not made by this server.
            TokenExpiredError: the token has expired.
        """
        try:
            signed: list[Any] = self._serializer.loads(token)
            expiry, *values = signed
            expired = self._now() >= expiry * self._expiry_step
        except (BadData, ValueError, TypeError) as error:
            raise TokenError("this link was not made by this server") from error
        if expired:
            raise TokenExpiredError("this link has expired; search again")
        return values
