"""Sends the requests of the page's scripts without a browser."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

JOIN = "/gradio_api/queue/join"


class PageCaller:
    """One open page, which queues events and receives their results."""

    def __init__(self, client: httpx.Client, headers: Mapping[str, str] | None = None) -> None:
        self._client = client
        self._headers = dict(headers or {})
        self._session = uuid4().hex
        config = client.get("/config", headers=self._headers).json()
        self._functions = {
            target[1]: (one["id"], len(one["outputs"]))
            for one in config["dependencies"]
            for target in one["targets"]
        }

    def join(
        self,
        event: str,
        fields: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Queue an event.

        Args:
            event: `load`, `filled`, `search` or `refresh`.
            fields: data of the event.
            query: query parameters of the page's address.
        """
        function, _ = self._functions[event]
        body = {
            "data": [],
            "fn_index": function,
            "trigger_id": None,
            "session_hash": self._session,
            "event_data": fields,
        }
        return self._client.post(JOIN, json=body, params=query, headers=self._headers)

    def wait_for_state(self) -> dict[str, Any]:
        """Wait for the result of the queued event, and return the state to show."""
        with self._client.stream(
            "GET",
            "/gradio_api/queue/data",
            params={"session_hash": self._session},
            headers=self._headers,
        ) as answer:
            for line in answer.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") == "process_completed":
                    assert message["success"], message
                    state: dict[str, Any] = message["output"]["data"][0]
                    return state
        raise AssertionError("the queue ended without an answer")
