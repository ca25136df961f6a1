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

Kind = Literal["search", "request"]

UNLIMITED_QUOTA = 1_000_000
"""What who is not limited is told: clients stop when their quota is used up."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to a client.

    Attributes:
        limit: requests a minute.
        remaining: that may still come now.
        seconds: until more may come.
    """

    limit: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """It as headers of an answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.seconds),
        }


class TooManyError(Exception):
    """A client has asked too much in this minute.

    Attributes:
        standing: tells when it may come again.
    """

    def __init__(self, standing: Standing) -> None:
        super().__init__(
            f"more than {standing.limit} a minute; try again in {standing.seconds} seconds"
        )
        self.standing = standing


class TooManyAtOnceError(Exception):
    """A client has too many searches under way."""


class Limits:
    """Counts what each client asks for; who is on this machine is not counted."""

    def __init__(
        self, *, searches_a_minute: int, requests_a_minute: int, searches_at_once: int
    ) -> None:
        """Set the limits, for each client; 0 is no limit.

        Args:
            searches_a_minute: searches.
            requests_a_minute: all else: stills, clips, lists.
            searches_at_once: searches under way.
        """
        self._most: dict[Kind, int] = {"search": searches_a_minute, "request": requests_a_minute}
        self._at_once = searches_at_once
        self._under_way: Counter[str] = Counter()
        # Two numbers a client, whatever it does; forgotten after two minutes.
        self._rates = SlidingWindowCounterRateLimiter(MemoryStorage())

    def admit(self, client: Client, kind: Kind) -> Standing | None:
        """Count a request.

        Returns:
            What is left to the client; None when it is not limited.

        Raises:
            TooManyError: it has asked too much; this request is not counted.
        """
        if client.near or not self._most[kind]:
            return None
        admitted = self._rates.hit(self._rate(kind), kind, client.name)
        standing = self._standing(client, kind)
        if not admitted:
            raise TooManyError(standing)
        return standing

    @contextmanager
    def searching(self, client: Client) -> Iterator[None]:
        """Count a search as under way while the block runs.

        Raises:
            TooManyAtOnceError: there are too many of this client already.
        """
        if client.near or not self._at_once:
            yield
            return
        if self._under_way[client.name] >= self._at_once:
            raise TooManyAtOnceError(
                f"more than {self._at_once} searches at once; wait for one to end"
            )
        self._under_way[client.name] += 1
        try:
            yield
        finally:
            self._under_way[client.name] -= 1
            if not self._under_way[client.name]:
                del self._under_way[client.name]

    def at_once(self, client: Client, threads: int) -> int:
        """Return how many searches of a client may be under way.

        Args:
            client: who asks.
            threads: searches at work at once for all clients together.
        """
        return threads if client.near or not self._at_once else self._at_once

    def quota(self, client: Client) -> dict[str, int]:
        """Return what trace.moe calls `quota` and `quotaUsed`: here of searches, of the minute."""
        limit = self._most["search"]
        if client.near or not limit:
            return {"quota": UNLIMITED_QUOTA, "quotaUsed": 0}
        used = limit - self._standing(client, "search").remaining
        return {"quota": limit, "quotaUsed": used}

    def _rate(self, kind: Kind) -> RateLimitItemPerMinute:
        return RateLimitItemPerMinute(self._most[kind])

    def _standing(self, client: Client, kind: Kind) -> Standing:
        rate = self._rate(kind)
        stats = self._rates.get_window_stats(rate, kind, client.name)
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        return Standing(rate.amount, stats.remaining, seconds)
