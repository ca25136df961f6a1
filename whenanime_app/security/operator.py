"""Knows the operator's requests: by the key, by the cookie it was exchanged for, or by the machine.

Without accounts there is one operator, who alone may change what the page shows.
"""

import hmac
import time

from starlette.requests import Request
from starlette.responses import Response

from whenanime_app.links.signing import Clock, TokenError, TokenSigner
from whenanime_app.security.clients import client_of
from whenanime_app.security.own_addresses import check_addresses

OPERATOR_COOKIE = "whenanime-operator"
_DAY = 24 * 3600
_LIFETIME = 90 * _DAY
"""Seconds after which the key is asked for again."""
_BEARER = "bearer "


class NotOperatorError(Exception):
    """A request that changes something is not the operator's; the message says what to do."""


class OperatorAccess:
    """Decides which requests are the operator's."""

    def __init__(
        self,
        key: str | None,
        *,
        trusts_machine: bool,
        public_url: str | None = None,
        now: Clock = time.time,
    ) -> None:
        """Keep the key.

        Args:
            key: the operator's key; None where nobody is the operator by a key.
            trusts_machine: whether clients on this machine that connect without a proxy are the
                operator. Only right where no proxy is, which would make everybody such a client.
            public_url: address at which clients reach this server; None if it is not set.
            now: the clock, seconds since 1970.
        """
        self._key = key
        self._trusts_machine = trusts_machine
        self._public_url = public_url
        # Signed by the key itself: another key ends all sessions.
        self._signer = (
            None
            if key is None
            else TokenSigner(key, "operator.1", lifetime=_LIFETIME, expiry_step=_DAY, now=now)
        )

    @property
    def has_key(self) -> bool:
        """Whether somebody can become the operator by a key."""
        return self._key is not None

    def is_operator(self, request: Request) -> bool:
        """Return whether a request is the operator's; it may still come from another site."""
        if self.is_trusted_machine(request):
            return True
        header = request.headers.get("authorization", "")
        if header[: len(_BEARER)].lower() == _BEARER and self._is_key(header[len(_BEARER) :]):
            return True
        return self.has_session(request)

    def has_session(self, request: Request) -> bool:
        """Return whether a request has the cookie that the key was exchanged for."""
        return self._is_session(request.cookies.get(OPERATOR_COOKIE))

    def is_trusted_machine(self, request: Request) -> bool:
        """Return whether a request is the operator's without any key."""
        return self._trusts_machine and client_of(request.scope).is_local

    def check_change(self, request: Request) -> None:
        """Check a request that changes something.

        Raises:
            ForeignRequestError: it names another host, or comes from another site's page.
            NotOperatorError: it is not the operator's.
        """
        check_addresses(request, self._public_url)
        if not self.is_operator(request):
            raise NotOperatorError(
                "only the operator may change this: enter the key that `whenanime doctor` shows"
                if self.has_key
                else "this server takes no changes: it has no operator's key"
            )

    def sign_in(self, request: Request, key: str, response: Response) -> None:
        """Exchange the key for a cookie.

        Args:
            request: the request that holds the key.
            key: what was entered.
            response: answer that gets the cookie.

        Raises:
            ForeignRequestError: the request names another host, or comes from another site's page.
            NotOperatorError: it is not the key.
        """
        check_addresses(request, self._public_url)
        if self._signer is None or not self._is_key(key):
            raise NotOperatorError("this is not the key; `whenanime doctor` shows it")
        response.set_cookie(
            OPERATOR_COOKIE,
            self._signer.sign([]),
            max_age=_LIFETIME,
            httponly=True,
            samesite="strict",
            secure=self._is_secure(request),
        )

    def sign_out(self, request: Request, response: Response) -> None:
        """Delete the cookie.

        Raises:
            ForeignRequestError: the request names another host, or comes from another site's page.
        """
        check_addresses(request, self._public_url)
        response.delete_cookie(
            OPERATOR_COOKIE, httponly=True, samesite="strict", secure=self._is_secure(request)
        )

    def _is_secure(self, request: Request) -> bool:
        return request.url.scheme == "https" or (self._public_url or "").startswith("https:")

    def _is_key(self, text: str) -> bool:
        return self._key is not None and hmac.compare_digest(
            text.strip().encode(), self._key.encode()
        )

    def _is_session(self, token: str | None) -> bool:
        if not self._signer or not token:
            return False
        try:
            self._signer.read(token)
        except TokenError:
            return False
        return True
