"""Asks a server everything that clients and the page ask, and returns the answers as plain JSON.

What changes from one run to the next (signatures, times, addresses) is replaced by a mark.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

GETS = (
    "/status", "/me", "/openapi.json", "/image/nonsense", "/video/nonsense", "/search",
    "/api/v1/library", "/api/v1/series/Lantern", "/api/v1/series/nothing",
    "/api/v1/themes", "/api/v1/characters", "/api/v1/themes?series=nothing", "/api/v1/nothing",
    "/api/v1/search", "/anilist?query={Media(id:77){title{native romaji english}}}",
)  # fmt: skip
SEARCHES = (
    "/search", "/search?anilistInfo", "/search?anilistID=77", "/search?anilistID=78",
    "/api/v1/search", "/api/v1/search?limit=1", "/api/v1/search?series=nothing",
    "/api/v1/search?season=x", "/api/v1/search?limit=0",
)  # fmt: skip
_TOKEN = re.compile(r"(/image/|/video/|[?&]r=)[\w.\-]+")
_SHARE = re.compile(r"^[\w\-]{40,}\.?[\w\-.]*$")
_VOLATILE = {"milliseconds", "timings", "quotaUsed", "session_hash", "app_id", "root", "url"}


def record_answers(client: httpx.Client, queries: Path) -> dict[str, Any]:
    """Return status codes and bodies of all routes, and the page's structure and states.

    Args:
        client: whose base address is the server's.
        queries: a folder of pictures.
    """
    answers: dict[str, Any] = {"get": {}, "post": {}, "page": {}}
    for path in GETS:
        answers["get"][path] = _describe(client.get(path))
    episodes = client.get("/api/v1/series/Lantern").json()
    for key in sorted(_episode_keys(episodes)):
        path = f"/api/v1/episodes/{key}"
        answers["get"][path] = _describe(client.get(path))
        answers["get"][f"{path}/frame?at=1.5"] = _describe(client.get(f"{path}/frame?at=1.5"))
    for query in sorted(queries.glob("*.png")):
        for path in SEARCHES:
            answer = client.post(path, files={"image": query.read_bytes()})
            answers["post"][f"{path} {query.stem}"] = _describe(answer)
    files = [("image", (one.name, one.read_bytes())) for one in sorted(queries.glob("*.png"))]
    answers["post"]["/api/v1/search/batch"] = _describe(
        client.post("/api/v1/search/batch", files=files)
    )
    answers["page"] = _record_page(client, queries)
    return answers


def _episode_keys(series: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("key"), str):
                found.add(value["key"])
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(series)
    return found


def _describe(answer: httpx.Response) -> dict[str, Any]:
    kind = answer.headers.get("content-type", "").split(";")[0]
    body = mask(answer.json()) if kind == "application/json" else {"bytes": bool(answer.content)}
    return {"status": answer.status_code, "type": kind, "body": body}


def mask(value: Any, name: str = "") -> Any:
    """Return JSON without what changes from run to run."""
    if name in _VOLATILE:
        return "<volatile>"
    if isinstance(value, dict):
        return {key: mask(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [mask(one) for one in value]
    if isinstance(value, str):
        text = re.sub(r"http://127\.0\.0\.1:\d+", "<server>", value)
        text = _TOKEN.sub(r"\1<token>", text)
        return "<token>" if _SHARE.match(text) else text
    return value


def _record_page(client: httpx.Client, queries: Path) -> dict[str, Any]:
    config = client.get("/config").json()
    structure = [
        {
            "type": one["type"],
            "elem_id": one["props"].get("elem_id"),
        }
        for one in config["components"]
    ]
    events = [
        {"targets": [target[1] for target in one["targets"]], "outputs": len(one["outputs"])}
        for one in config["dependencies"]
    ]
    page = _Page(client, config)
    states: dict[str, dict[str, Any] | None] = {
        "load": page.call("load"),
        "filled": page.call("filled"),
        "refresh": page.call("refresh"),
    }
    for query in sorted(queries.glob("*.png")):
        path = page.upload(query)
        states[f"search {query.stem}"] = page.call("search", {"id": 1, "path": path})
    share = _first_share(states["search frame"] or {})
    states["shared"] = page.call("load", query={"r": share}) if share else None
    return {
        "structure": structure,
        "events": events,
        "share": share,
        "states": {name: mask(state) for name, state in states.items()},
    }


def _first_share(state: Mapping[str, Any]) -> str | None:
    text = json.dumps(state)
    found = re.search(r'"share": "([^"]+)"', text)
    return found[1] if found else None


class _Page:
    """An opened page, which joins Gradio's queue as its scripts do."""

    def __init__(self, client: httpx.Client, config: Mapping[str, Any]) -> None:
        self._client = client
        self._functions = {
            target[1]: one["id"] for one in config["dependencies"] for target in one["targets"]
        }

    def upload(self, file: Path) -> str:
        answer = self._client.post("/gradio_api/upload", files={"files": file.read_bytes()})
        return str(answer.json()[0])

    def call(
        self,
        event: str,
        fields: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        session = uuid4().hex
        body = {
            "data": [], "fn_index": self._functions[event], "trigger_id": None,
            "session_hash": session, "event_data": fields,
        }  # fmt: skip
        self._client.post("/gradio_api/queue/join", json=body, params=query).raise_for_status()
        path, data = "/gradio_api/queue/data", {"session_hash": session}
        with self._client.stream("GET", path, params=data) as answer:
            for line in answer.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") == "process_completed":
                    state: dict[str, Any] = message["output"]["data"][0]
                    return state
        raise AssertionError("the queue ended without an answer")
