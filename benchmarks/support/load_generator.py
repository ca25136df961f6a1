"""Clients that search all the time, in a process of their own, and what each answer took.

A generator of our own: those of PyPI include a web server and another scheduler, which would
take from the two cores what is measured on them.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import aiohttp

REFUSAL_CODES = frozenset({402, 429, 503})
"""Answers to who is one too many."""
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Response:
    """An answer.

    Attributes:
        status: 0 when there was none.
        seconds: from the first byte of the request to the last one of the answer.
        has_retry_after: whether a refusal says when to come again.
    """

    status: int
    seconds: float
    has_retry_after: bool = True


@dataclass(frozen=True, slots=True)
class ClientGroup:
    """Clients of a kind.

    Attributes:
        clients: each searches, waits for the answer, and searches again.
        seconds: for which new searches are begun.
        addresses: that a proxy says they have, in turn; none: they are on this machine.
    """

    clients: int
    seconds: float
    addresses: Sequence[str] = ()


def run_clients(
    url: str, files: Sequence[Path], groups: Sequence[ClientGroup], seed: int
) -> list[Response]:
    """Have crowds of clients search at once; who is refused comes again when it is asked to.

    Args:
        url: of the server.
        files: screenshots, of which each client takes any.
        groups: all begin at once.
        seed: of what they take.
    """
    return asyncio.run(_run_clients(url, [file.read_bytes() for file in files], groups, seed))


async def _run_clients(
    url: str, pictures: Sequence[bytes], crowds: Sequence[ClientGroup], seed: int
) -> list[Response]:
    answers: list[Response] = []
    began = perf_counter()
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=_PATIENCE)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        asyncio.TaskGroup() as group,
    ):
        for crowd in crowds:
            for number in range(crowd.clients):
                headers = {"Content-Type": "image/jpeg"}
                if crowd.addresses:
                    headers["X-Forwarded-For"] = crowd.addresses[number % len(crowd.addresses)]
                rng = random.Random(f"{seed} {number}")
                until = began + crowd.seconds
                group.create_task(
                    _client(session, f"{url}/search", headers, pictures, rng, until, answers)
                )
    return answers


async def _client(
    session: aiohttp.ClientSession,
    url: str,
    headers: dict[str, str],
    pictures: Sequence[bytes],
    rng: random.Random,
    until: float,
    answers: list[Response],
) -> None:
    while (began := perf_counter()) < until:
        wait = 0.0
        try:
            async with session.post(url, data=rng.choice(pictures), headers=headers) as answer:
                await answer.read()
                after = answer.headers.get("Retry-After", "")
                answers.append(Response(answer.status, perf_counter() - began, after.isdigit()))
                if answer.status in REFUSAL_CODES:
                    # Not all in the same moment, as people are.
                    wait = float(after or 1) * rng.uniform(1, 1.5)
        except (aiohttp.ClientError, TimeoutError):
            answers.append(Response(0, perf_counter() - began))
        if wait:
            await asyncio.sleep(min(wait, max(0.0, until - perf_counter())))
