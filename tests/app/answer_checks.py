"""Checks of API responses that several tests share."""

from pathlib import Path
from typing import Any

import httpx

from app.sample_home import Sample


def check_best_result(answer: httpx.Response, sample: Sample) -> dict[str, Any]:
    """Check that the best result is the moment of the sample's picture; return it."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"frameCount", "error", "quota", "quotaUsed", "result"}
    assert body["error"] == ""
    assert body["frameCount"] > 0
    assert 1 <= len(body["result"]) <= 10
    best: dict[str, Any] = body["result"][0]
    file, second = sample.known_moment()
    assert best["filename"] == Path(file.path).name
    assert best["from"] <= best["at"] <= best["to"]
    assert best["from"] - 0.5 <= second <= best["to"] + 0.5
    return best
