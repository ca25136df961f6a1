"""Limits each client's requests per minute and searches at once."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from whenanime_app.security.clients import Client

RequestKind = Literal["search", "request"]

UNLIMITED_QUOTA = 1_000_000
"""Quota reported to clients without a limit: clients stop when their quota is used up."""


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """State of a client's limit.

    Attributes:
        limit: requests per minute.
        remaining: requests allowed now.
        reset_seconds: seconds until more are allowed.
    """

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit-*` headers of a response."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class RateLimitExceededError(Exception):
    """A client has sent too many requests in the last minute.

    Attributes:
        status: state of the limit, with the time until more requests are allowed.
    """

    def __init__(self, status: RateLimitStatus) -> None:
        super().__init__(
            f"more than {status.limit} a minute; try again in {status.reset_seconds} seconds"
        )
        self.status = status


class ConcurrencyLimitExceededError(Exception):
    """A client has too many searches running."""


class ClientLimits:
    """Counts each client's requests; clients on this machine are not limited."""

    def __init__(
        self, *, searches_per_minute: int, requests_per_minute: int, searches_at_once: int
    ) -> None:
        """Set the limits of each client; 0 is no limit.

        Args:
            searches_per_minute: searches per minute.
            requests_per_minute: other requests per minute: stills, clips, lists.
            searches_at_once: searches that may run at once.
        """
        self._per_minute: dict[RequestKind, int] = {
            "search": searches_per_minute,
            "request": requests_per_minute,
        }
        self._searches_at_once = searches_at_once
        self._active_searches: Counter[str] = Counter()
        # Stores two numbers per client, which expire after two minutes.
        self._rate_limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def admit(self, client: Client, kind: RequestKind) -> RateLimitStatus | None:
        """Count a request.

        Args:
            client: sender of the request.
            kind: limit to count it against.

        Returns:
            State of the limit; None when the client is not limited.

        Raises:
            RateLimitExceededError: the limit is exceeded; this request is not counted.
        """
        if client.is_local or not self._per_minute[kind]:
            return None
        admitted = self._rate_limiter.hit(self._make_rate_limit(kind), kind, client.address)
        status = self._read_status(client, kind)
        if not admitted:
            raise RateLimitExceededError(status)
        return status

    @contextmanager
    def track_search(self, client: Client) -> Iterator[None]:
        """Count a search as running while the block runs.

        Raises:
            ConcurrencyLimitExceededError: too many searches of this client are running.
        """
        if client.is_local or not self._searches_at_once:
            yield
            return
        if self._active_searches[client.address] >= self._searches_at_once:
            raise ConcurrencyLimitExceededError(
                f"more than {self._searches_at_once} searches at once; wait for one to end"
            )
        self._active_searches[client.address] += 1
        try:
            yield
        finally:
            self._active_searches[client.address] -= 1
            if not self._active_searches[client.address]:
                del self._active_searches[client.address]

    def get_concurrency_limit(self, client: Client, threads: int) -> int:
        """Return how many searches of a client may run at once.

        Args:
            client: client that searches.
            threads: searches that run at once for all clients together.
        """
        return threads if client.is_local or not self._searches_at_once else self._searches_at_once

    def quota_json(self, client: Client) -> dict[str, int]:
        """Return trace.moe's `quota` and `quotaUsed`, here counting searches in a minute."""
        limit = self._per_minute["search"]
        if client.is_local or not limit:
            return {"quota": UNLIMITED_QUOTA, "quotaUsed": 0}
        used = limit - self._read_status(client, "search").remaining
        return {"quota": limit, "quotaUsed": used}

    def _make_rate_limit(self, kind: RequestKind) -> RateLimitItemPerMinute:
        return RateLimitItemPerMinute(self._per_minute[kind])

    def _read_status(self, client: Client, kind: RequestKind) -> RateLimitStatus:
        rate = self._make_rate_limit(kind)
        stats = self._rate_limiter.get_window_stats(rate, kind, client.address)
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        return RateLimitStatus(rate.amount, stats.remaining, seconds)
