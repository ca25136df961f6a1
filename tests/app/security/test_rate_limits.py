"""What one client may ask for, who that is, and what becomes of one too many."""

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
UNTRUSTED, OTHER = Client("192.0.2.1", is_local=False), Client("192.0.2.2", is_local=False)


def limits(searches: int = SEARCHES, requests: int = REQUESTS, at_once: int = 1) -> ClientLimits:
    return ClientLimits(
        searches_per_minute=searches, requests_per_minute=requests, searches_at_once=at_once
    )


def test_each_client_and_each_kind_is_counted_apart() -> None:
    counted = limits()
    for left in (2, 1, 0):
        standing = counted.admit(UNTRUSTED, "search")
        assert standing is not None
        assert (standing.limit, standing.remaining) == (3, left)
        assert 1 <= standing.reset_seconds <= 60
    with pytest.raises(RateLimitExceededError, match="more than 3 a minute") as caught:
        counted.admit(UNTRUSTED, "search")
    assert caught.value.status.remaining == 0
    assert counted.admit(UNTRUSTED, "request") is not None
    assert counted.admit(OTHER, "search") is not None
    assert counted.quota_json(UNTRUSTED) == {"quota": 3, "quotaUsed": 3}
    assert counted.quota_json(OTHER) == {"quota": 3, "quotaUsed": 1}


def test_searches_at_once() -> None:
    counted = limits(at_once=2)
    with counted.track_search(UNTRUSTED), counted.track_search(UNTRUSTED):
        with (
            pytest.raises(ConcurrencyLimitExceededError, match="2 searches at once"),
            counted.track_search(UNTRUSTED),
        ):
            pass
        with counted.track_search(OTHER):
            pass
    with counted.track_search(UNTRUSTED):
        pass


def test_who_is_near_and_who_sets_no_limit_is_not_counted() -> None:
    near = Client("127.0.0.1", is_local=True)
    for counted, client in ((limits(1, 1, 1), near), (limits(0, 0, 0), UNTRUSTED)):
        with counted.track_search(client), counted.track_search(client):
            for _ in range(5):
                assert counted.admit(client, "search") is None
        assert counted.quota_json(client)["quotaUsed"] == 0
        assert counted.get_concurrency_limit(client, threads=7) == 7


def test_a_budget_is_shared_and_given_back() -> None:
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
def behind(sample: Sample) -> Iterator[Get]:
    """A server whose proxy stands on the loopback; `get(path, address)` asks through it."""
    settings = AppSettings(
        home=sample.home,
        searches_per_minute=SEARCHES,
        requests_per_minute=REQUESTS,
        searches_at_once=1,
    )
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:

        def get(path: str, address: str, method: str = "GET", **more: Any) -> httpx.Response:
            headers = {"x-forwarded-for": address} | more.pop("headers", {})
            return client.request(method, path, headers=headers, **more)

        yield get


def test_one_too_many_is_given_a_time_to_retry(behind: Get, picture: bytes) -> None:
    for left in range(SEARCHES - 1, -1, -1):
        answer = behind("/search", "198.51.100.1", "POST", files={"image": picture})
        assert answer.status_code == 200
        assert answer.headers["ratelimit-limit"] == str(SEARCHES)
        assert answer.headers["ratelimit-remaining"] == str(left)
        assert answer.json()["quota"] == SEARCHES
        assert answer.json()["quotaUsed"] == SEARCHES - left
    answer = behind("/search", "198.51.100.1", "POST", files={"image": picture})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["ratelimit-remaining"] == "0"
    assert 1 <= int(answer.headers["ratelimit-reset"]) <= 60
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "more than 3 a minute" in answer.json()["error"]
    me = behind("/me", "198.51.100.1").json()
    assert me == {
        "id": "198.51.100.1",
        "priority": 0,
        "concurrency": 1,
        "quota": SEARCHES,
        "quotaUsed": SEARCHES,
    }
    assert behind("/me", "198.51.100.2").json()["quotaUsed"] == 0


def test_the_page_shows_the_limit_in_its_own_words(behind: Get) -> None:
    for _ in range(REQUESTS):
        assert behind("/gradio_api/queue/join", "198.51.100.3", "POST").status_code == 422
    answer = behind("/gradio_api/queue/join", "198.51.100.3", "POST")
    assert answer.status_code == 429
    assert set(answer.json()) == {"detail"}


def test_other_requests_have_a_limit_of_their_own_and_the_page_has_none(behind: Get) -> None:
    for _ in range(REQUESTS):
        assert behind("/status", "198.51.100.4").status_code == 200
    assert behind("/status", "198.51.100.4").status_code == 429
    for _ in range(REQUESTS + 1):
        assert behind("/", "198.51.100.4").status_code == 200


def test_neighbours_in_one_ipv6_network_are_one_client(behind: Get) -> None:
    for host in range(REQUESTS):
        assert behind("/status", f"2001:db8:1:2::{host}").status_code == 200
    assert behind("/status", "2001:db8:1:2:ffff::1").status_code == 429
    assert behind("/status", "2001:db8:1:3::1").status_code == 200
    assert behind("/me", "[2001:db8:1:3::7]:4000").json()["id"] == "2001:db8:1:3::"


def test_who_names_the_loopback_through_a_proxy_is_limited_all_the_same(behind: Get) -> None:
    for _ in range(REQUESTS):
        assert behind("/status", "127.0.0.1").status_code == 200
    assert behind("/status", "127.0.0.1").status_code == 429


def test_only_what_the_proxy_added_last_counts(behind: Get) -> None:
    """An untrusted client may send the header too; the proxy appends the address that it sees."""
    for number in range(REQUESTS):
        assert behind("/status", f"203.0.113.{number}, 198.51.100.5").status_code == 200
    assert behind("/status", "203.0.113.99, 198.51.100.5").status_code == 429


def test_links_follow_a_trusted_proxy(behind: Get, picture: bytes) -> None:
    reported = {"x-forwarded-proto": "https", "x-forwarded-host": "anime.example"}
    answer = behind("/search", "198.51.100.6", "POST", files={"image": picture}, headers=reported)
    assert answer.json()["result"][0]["image"].startswith("https://anime.example/image/")
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "https://anime.example" in behind("/config", "198.51.100.6", headers=reported).text


def test_each_picture_of_a_batch_is_a_search(behind: Get, picture: bytes) -> None:
    files = [("image", (f"{number}.png", picture)) for number in range(SEARCHES + 2)]
    answer = behind("/api/v1/search/batch", "198.51.100.40", "POST", files=files)
    assert answer.status_code == 200
    answered = [one["error"] == "" for one in answer.json()]
    assert answered == [True] * SEARCHES + [False] * 2
    assert "a minute" in answer.json()[-1]["error"]
    again = behind("/api/v1/search", "198.51.100.40", "POST", files=files[:1])
    assert again.status_code == 429


def test_what_others_say_of_themselves_changes_nothing(sample: Sample, picture: bytes) -> None:
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
        # Who says nothing of the kind stands right here.
        assert client.get("/me").status_code == 200


def test_one_search_at_once_is_one() -> None:
    """The second comes while the first is under way; a third after it."""

    async def story() -> list[httpx.Response]:
        begun, enough = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            begun.set()
            await enough.wait()
            await Response()(scope, receive, send)

        gate = SecurityMiddleware(
            app, max_picture_bytes=100, limits=limits(), budget=MemoryBudget(100)
        )
        negative = httpx.ASGITransport(gate, client=("198.51.100.7", 1))
        async with httpx.AsyncClient(transport=negative, base_url="http://here") as client:
            first = asyncio.create_task(client.get("/search"))
            await begun.wait()
            second, other = await client.get("/search"), await client.get("/api/v1/search")
            enough.set()
            return [second, other, await first, await client.get("/search")]

    second, other, first, third = asyncio.run(story())
    assert [answer.status_code for answer in (second, other, first)] == [402, 429, 200]
    assert second.json()["error"] == "more than 1 searches at once; wait for one to end"
    assert second.headers["retry-after"] == "1"
    # The refused ones were searches too, of which there are three a minute.
    assert third.status_code == 429


def test_bodies_together_are_bounded_and_slow_ones_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "_BODY_TIMEOUT", 0.2)

    async def story() -> list[int]:
        half, enough = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await Request(scope, receive).body()
            await Response()(scope, receive, send)

        async def first() -> AsyncIterator[bytes]:
            yield bytes(60)
            half.set()
            await enough.wait()
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
            crowded = await client.post("/search", content=bytes(50))
            other = await client.post("/search", content=bytes(40))
            enough.set()
            after = [(await one), await client.post("/search", content=bytes(100))]
            slow = await client.post("/search", content=silent())
        return [answer.status_code for answer in (crowded, other, *after, slow)]

    assert asyncio.run(story()) == [503, 200, 200, 200, 408]
