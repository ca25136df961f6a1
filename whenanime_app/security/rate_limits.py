"""How much one client may ask for: so many a minute, so many at once."""

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
"""What who is not limited is told: clients stop when their quota is used up."""


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """What is left to a client.

    Attributes:
        limit: requests a minute.
        remaining: that may still come now.
        reset_seconds: until more may come.
    """

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """It as headers of an answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class RateLimitExceededError(Exception):
    """A client has asked too much in this minute.

    Attributes:
        status: tells when it may come again.
    """

    def __init__(self, status: RateLimitStatus) -> None:
        super().__init__(
            f"more than {status.limit} a minute; try again in {status.reset_seconds} seconds"
        )
        self.status = status


class ConcurrencyLimitExceededError(Exception):
    """A client has too many searches under way."""


class ClientLimits:
    """Counts what each client asks for; who is on this machine is not counted."""

    def __init__(
        self, *, searches_per_minute: int, requests_per_minute: int, searches_at_once: int
    ) -> None:
        """Set the limits, for each client; 0 is no limit.

        Args:
            searches_per_minute: searches.
            requests_per_minute: all else: stills, clips, lists.
            searches_at_once: searches under way.
        """
        self._per_minute: dict[RequestKind, int] = {
            "search": searches_per_minute,
            "request": requests_per_minute,
        }
        self._searches_at_once = searches_at_once
        self._active_searches: Counter[str] = Counter()
        # Two numbers a client, whatever it does; forgotten after two minutes.
        self._rate_limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def admit(self, client: Client, kind: RequestKind) -> RateLimitStatus | None:
        """Count a request.

        Returns:
            What is left to the client; None when it is not limited.

        Raises:
            TooManyError: it has asked too much; this request is not counted.
        """
        if client.is_local or not self._per_minute[kind]:
            return None
        admitted = self._rate_limiter.hit(self._make_rate_limit(kind), kind, client.address)
        standing = self._read_status(client, kind)
        if not admitted:
            raise RateLimitExceededError(standing)
        return standing

    @contextmanager
    def track_search(self, client: Client) -> Iterator[None]:
        """Count a search as under way while the block runs.

        Raises:
            TooManyAtOnceError: there are too many of this client already.
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
        """Return how many searches of a client may be under way.

        Args:
            client: who asks.
            threads: searches at work at once for all clients together.
        """
        return threads if client.is_local or not self._searches_at_once else self._searches_at_once

    def quota_json(self, client: Client) -> dict[str, int]:
        """Return what trace.moe calls `quota` and `quotaUsed`: here of searches, of the minute."""
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
