"""Generates load: clients that search in a closed loop, with the latency of each response.

Load generators from PyPI include a web server and a scheduler, which would compete with the server
for the two cores.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import aiohttp

REFUSAL_CODES = frozenset({402, 429, 503})
"""Status codes of refused requests."""
_TIMEOUT = 60.0
"""Seconds to wait for a response."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response.

    Attributes:
        status: status code; 0 if there was no response.
        seconds: from the first byte of the request to the last byte of the response.
        has_retry_after: whether a refusal has a `Retry-After` in seconds.
    """

    status: int
    seconds: float
    has_retry_after: bool = True


@dataclass(frozen=True, slots=True)
class ClientGroup:
    """Clients with the same duration and addresses.

    Attributes:
        clients: number of clients; each sends its next search after the last response.
        seconds: duration for which they start searches.
        addresses: addresses in `X-Forwarded-For`, in turn; empty for clients on this machine.
    """

    clients: int
    seconds: float
    addresses: Sequence[str] = ()


def run_clients(
    url: str, files: Sequence[Path], groups: Sequence[ClientGroup], seed: int
) -> list[Response]:
    """Run groups of clients concurrently; refused clients wait for `Retry-After`.

    Args:
        url: URL of the server.
        files: query files, of which clients choose at random.
        groups: groups of clients, started together.
        seed: seed of the choices.

    Returns:
        All responses, in order of completion.
    """
    return asyncio.run(_run_clients(url, [file.read_bytes() for file in files], groups, seed))


async def _run_clients(
    url: str, pictures: Sequence[bytes], groups: Sequence[ClientGroup], seed: int
) -> list[Response]:
    answers: list[Response] = []
    began = perf_counter()
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        asyncio.TaskGroup() as tasks,
    ):
        for group in groups:
            for number in range(group.clients):
                headers = {"Content-Type": "image/jpeg"}
                if group.addresses:
                    headers["X-Forwarded-For"] = group.addresses[number % len(group.addresses)]
                rng = random.Random(f"{seed} {number}")
                until = began + group.seconds
                tasks.create_task(
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
                    # With jitter, like real clients.
                    wait = float(after or 1) * rng.uniform(1, 1.5)
        except (aiohttp.ClientError, TimeoutError):
            answers.append(Response(0, perf_counter() - began))
        if wait:
            await asyncio.sleep(min(wait, max(0.0, until - perf_counter())))
