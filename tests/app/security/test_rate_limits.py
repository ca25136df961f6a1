"""Limits of each client, identification of clients get proxies, and refusals."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.live_server import run_server
from app.sample_home import Sample
from whenanime_app.errors import BusyError
from whenanime_app.search.memory_budget import MemoryBudget
from whenanime_app.security import gate
from whenanime_app.security.clients import Client
from whenanime_app.security.gate import SecurityMiddleware
from whenanime_app.security.rate_limits import (
    ClientLimits,
    ConcurrencyLimitExceededError,
    RateLimitExceededError,
)
from whenanime_app.settings import AppSettings

SEARCHES, REQUESTS = 3, 6
CLIENT, OTHER = Client("192.0.2.1", is_local=False), Client("192.0.2.2", is_local=False)


def limits(searches: int = SEARCHES, requests: int = REQUESTS, at_once: int = 1) -> ClientLimits:
    return ClientLimits(
        searches_per_minute=searches, requests_per_minute=requests, searches_at_once=at_once
    )


def test_clients_and_kinds_are_counted_separately() -> None:
    client_limits = limits()
    for left in (2, 1, 0):
        status = client_limits.admit(CLIENT, "search")
        assert status is not None
        assert (status.limit, status.remaining) == (3, left)
        assert 1 <= status.reset_seconds <= 60
    with pytest.raises(RateLimitExceededError, match="more than 3 a minute") as caught:
        client_limits.admit(CLIENT, "search")
    assert caught.value.status.remaining == 0
    assert client_limits.admit(CLIENT, "request") is not None
    assert client_limits.admit(OTHER, "search") is not None
    assert client_limits.quota_json(CLIENT) == {"quota": 3, "quotaUsed": 3}
    assert client_limits.quota_json(OTHER) == {"quota": 3, "quotaUsed": 1}


def test_running_searches_are_limited() -> None:
    client_limits = limits(at_once=2)
    with client_limits.track_search(CLIENT), client_limits.track_search(CLIENT):
        with (
            pytest.raises(ConcurrencyLimitExceededError, match="2 searches at once"),
            client_limits.track_search(CLIENT),
        ):
            pass
        with client_limits.track_search(OTHER):
            pass
    with client_limits.track_search(CLIENT):
        pass


def test_local_clients_and_limits_of_zero_are_unlimited() -> None:
    local = Client("127.0.0.1", is_local=True)
    for client_limits, client in ((limits(1, 1, 1), local), (limits(0, 0, 0), CLIENT)):
        with client_limits.track_search(client), client_limits.track_search(client):
            for _ in range(5):
                assert client_limits.admit(client, "search") is None
        assert client_limits.quota_json(client)["quotaUsed"] == 0
        assert client_limits.get_concurrency_limit(client, threads=7) == 7


def test_memory_budget_is_shared_and_returned() -> None:
    budget = MemoryBudget(10)
    with budget.open_reservation() as one, budget.open_reservation() as other:
        one.grow(6)
        other.grow(4)
        with pytest.raises(BusyError):
            other.grow(1)
    with budget.open_reservation() as one:
        one.grow(10)


Get = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def get(sample: Sample) -> Iterator[Get]:
    """Function `get(path, address)` that sends a request as through a proxy on the loopback."""
    settings = AppSettings(
        home=sample.home,
        searches_per_minute=SEARCHES,
        requests_per_minute=REQUESTS,
        searches_at_once=1,
    )
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:

        def request(path: str, address: str, method: str = "GET", **more: Any) -> httpx.Response:
            headers = {"x-forwarded-for": address} | more.pop("headers", {})
            return client.request(method, path, headers=headers, **more)

        yield request


def test_refused_search_names_when_to_retry(get: Get, picture: bytes) -> None:
    for left in range(SEARCHES - 1, -1, -1):
        answer = get("/search", "198.51.100.1", "POST", files={"image": picture})
        assert answer.status_code == 200
        assert answer.headers["ratelimit-limit"] == str(SEARCHES)
        assert answer.headers["ratelimit-remaining"] == str(left)
        assert answer.json()["quota"] == SEARCHES
        assert answer.json()["quotaUsed"] == SEARCHES - left
    answer = get("/search", "198.51.100.1", "POST", files={"image": picture})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["ratelimit-remaining"] == "0"
    assert 1 <= int(answer.headers["ratelimit-reset"]) <= 60
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "more than 3 a minute" in answer.json()["error"]
    me = get("/me", "198.51.100.1").json()
    assert me == {
        "id": "198.51.100.1",
        "priority": 0,
        "concurrency": 1,
        "quota": SEARCHES,
        "quotaUsed": SEARCHES,
    }
    assert get("/me", "198.51.100.2").json()["quotaUsed"] == 0


def test_refusal_of_the_page_has_the_format_of_gradio(get: Get) -> None:
    for _ in range(REQUESTS):
        assert get("/gradio_api/queue/join", "198.51.100.3", "POST").status_code == 422
    answer = get("/gradio_api/queue/join", "198.51.100.3", "POST")
    assert answer.status_code == 429
    assert set(answer.json()) == {"detail"}


def test_other_requests_have_their_own_limit_and_the_page_has_none(get: Get) -> None:
    for _ in range(REQUESTS):
        assert get("/status", "198.51.100.4").status_code == 200
    assert get("/status", "198.51.100.4").status_code == 429
    for _ in range(REQUESTS + 1):
        assert get("/", "198.51.100.4").status_code == 200


def test_addresses_of_one_ipv6_network_are_one_client(get: Get) -> None:
    for host in range(REQUESTS):
        assert get("/status", f"2001:db8:1:2::{host}").status_code == 200
    assert get("/status", "2001:db8:1:2:ffff::1").status_code == 429
    assert get("/status", "2001:db8:1:3::1").status_code == 200
    assert get("/me", "[2001:db8:1:3::7]:4000").json()["id"] == "2001:db8:1:3::"


def test_forwarded_loopback_address_is_limited(get: Get) -> None:
    for _ in range(REQUESTS):
        assert get("/status", "127.0.0.1").status_code == 200
    assert get("/status", "127.0.0.1").status_code == 429


def test_only_the_last_forwarded_address_counts(get: Get) -> None:
    """A client may send the header too; the proxy appends the address that it sees."""
    for number in range(REQUESTS):
        assert get("/status", f"203.0.113.{number}, 198.51.100.5").status_code == 200
    assert get("/status", "203.0.113.99, 198.51.100.5").status_code == 429


def test_links_follow_a_trusted_proxy(get: Get, picture: bytes) -> None:
    forwarded = {"x-forwarded-proto": "https", "x-forwarded-host": "anime.example"}
    answer = get("/search", "198.51.100.6", "POST", files={"image": picture}, headers=forwarded)
    assert answer.json()["result"][0]["image"].startswith("https://anime.example/image/")
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "https://anime.example" in get("/config", "198.51.100.6", headers=forwarded).text


def test_each_picture_of_a_batch_is_a_search(get: Get, picture: bytes) -> None:
    files = [("image", (f"{number}.png", picture)) for number in range(SEARCHES + 2)]
    answer = get("/api/v1/search/batch", "198.51.100.40", "POST", files=files)
    assert answer.status_code == 200
    answered = [one["error"] == "" for one in answer.json()]
    assert answered == [True] * SEARCHES + [False] * 2
    assert "a minute" in answer.json()[-1]["error"]
    again = get("/api/v1/search", "198.51.100.40", "POST", files=files[:1])
    assert again.status_code == 429


def test_headers_of_untrusted_proxies_are_ignored(sample: Sample, picture: bytes) -> None:
    settings = AppSettings(
        home=sample.home,
        trusted_proxies=(ipaddress.ip_network("192.0.2.0/24"),),
        requests_per_minute=REQUESTS,
    )
    spoofed = {
        "x-forwarded-proto": "https",
        "x-forwarded-host": "evil.example",
        "x-forwarded-prefix": "/evil",
        "forwarded": "for=198.51.100.8;host=evil.example;proto=https",
        "x-real-ip": "198.51.100.8",
    }
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        answer = client.post("/search", files={"image": picture}, headers=spoofed)
        assert answer.json()["result"][0]["image"].startswith(f"{url}/image/")
        assert "strict-transport-security" not in answer.headers
        assert "evil.example" not in client.get("/config", headers=spoofed).text
        for number in range(REQUESTS):
            address = {"x-forwarded-for": f"198.51.100.{number}"}
            assert client.get("/me", headers=spoofed | address).json()["id"] == "127.0.0.1"
        assert client.get("/me", headers={"x-forwarded-for": "198.51.100.9"}).status_code == 429
        # Without proxy headers, the client is local.
        assert client.get("/me").status_code == 200


def test_second_search_is_refused_while_the_first_is_running() -> None:

    async def run() -> list[httpx.Response]:
        started, released = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            started.set()
            await released.wait()
            await Response()(scope, receive, send)

        gate = SecurityMiddleware(
            app, max_picture_bytes=100, limits=limits(), budget=MemoryBudget(100)
        )
        transport = httpx.ASGITransport(gate, client=("198.51.100.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            first = asyncio.create_task(client.get("/search"))
            await started.wait()
            second, other = await client.get("/search"), await client.get("/api/v1/search")
            released.set()
            return [second, other, await first, await client.get("/search")]

    second, other, first, third = asyncio.run(run())
    assert [answer.status_code for answer in (second, other, first)] == [402, 429, 200]
    assert second.json()["error"] == "more than 1 searches at once; wait for one to end"
    assert second.headers["retry-after"] == "1"
    # Refused searches count too, and three a minute are allowed.
    assert third.status_code == 429


def test_total_size_and_time_of_bodies_are_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "_BODY_TIMEOUT", 0.2)

    async def run() -> list[int]:
        half, released = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await Request(scope, receive).body()
            await Response()(scope, receive, send)

        async def first() -> AsyncIterator[bytes]:
            yield bytes(60)
            half.set()
            await released.wait()
            yield bytes(20)

        async def silent() -> AsyncIterator[bytes]:
            yield b"x"
            await asyncio.Event().wait()

        gate = SecurityMiddleware(
            ExceptionMiddleware(app),
            max_picture_bytes=100,
            limits=limits(0, 0, 0),
            budget=MemoryBudget(100),
        )
        transport = httpx.ASGITransport(gate)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            one = asyncio.create_task(client.post("/search", content=first()))
            await half.wait()
            refused = await client.post("/search", content=bytes(50))
            fitting = await client.post("/search", content=bytes(40))
            released.set()
            after = [(await one), await client.post("/search", content=bytes(100))]
            slow = await client.post("/search", content=silent())
        return [answer.status_code for answer in (refused, fitting, *after, slow)]

    assert asyncio.run(run()) == [503, 200, 200, 200, 408]
