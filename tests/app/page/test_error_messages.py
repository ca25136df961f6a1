"""What went wrong is said in the visitor's language: every message there is has a text."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pytest

from whenanime_app.page.error_messages import identify_message
from whenanime_app.page.texts import TEXTS
from whenanime_app.page.texts.details import ERROR_TEXTS
from whenanime_app.security import safe_fetch
from whenanime_pipeline.core.media import first_frame, previews, probe, thumbnails, video
from whenanime_pipeline.core.media import frame_sampler as decode
from whenanime_pipeline.core.media import picture_codec as pictures
from whenanime_pipeline.core.search.frames import extraction

RAISED_IN = (
    safe_fetch,
    decode,
    first_frame,
    pictures,
    previews,
    probe,
    thumbnails,
    video,
    extraction,
)
KINDS = {"FetchError": 0, "PictureError": 0, "LargePictureError": 0, "MediaError": 1}
"""The errors that a page shows, and which of their arguments is what they say."""


def said_in(module: ModuleType) -> Iterator[str]:
    """Yield what a module raises, filled in with something."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
            continue
        called = node.exc.func
        if isinstance(called, ast.Name) and called.id in KINDS:
            told = node.exc.args[KINDS[called.id]]
            if isinstance(told, ast.Constant):
                yield str(told.value)
            elif isinstance(told, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "some 7"
                    for part in told.values
                )


MESSAGES = [
    pytest.param(message, id=f"{Path(module.__file__ or '').stem}: {message[:40]}")
    for module in RAISED_IN
    for message in said_in(module)
]


def test_the_messages_are_found() -> None:
    assert len(MESSAGES) > 25


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_has_a_text(message: str) -> None:
    detail = identify_message(message)
    assert detail["name"] is not None
    assert _words(detail, "en") == message
    assert _words(detail, "zh") != message


def test_both_languages_have_the_same_texts_with_the_same_slots() -> None:
    english, chinese = ERROR_TEXTS["en"], ERROR_TEXTS["zh"]
    assert list(english) == list(chinese)
    for name, text in english.items():
        assert _slots(text) == _slots(chinese[name])
        assert TEXTS["zh"][name] == chinese[name]


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("This video is empty (0 bytes).", "这段视频是空的（0 字节）。"),
        (
            "This video cannot be used: not a readable video file (End of file).",
            "无法使用这段视频：不是能读取的视频文件（文件提前结束）。",
        ),
        (
            "there is no video stream in this file, so nothing to look at",
            "文件里没有视频流，没有可看的画面",
        ),
        ("no server called {name} was found", "找不到名为 {name} 的服务器"),
        ("something new", "something new"),
    ],
)
def test_a_reason_within_a_reason(said: str, chinese: str) -> None:
    detail = identify_message(said)
    assert _words(detail, "en") == said
    assert _words(detail, "zh") == chinese


def _slots(text: str) -> set[str | None]:
    return {slot for _, slot, _, _ in Formatter().parse(text)} - {None}


def _words(detail: dict[str, Any], language: str) -> str:
    """Say a detail as the page's scripts do."""
    if detail["name"] is None:
        return str(detail["said"])
    values = {slot: _words(value, language) for slot, value in detail["values"].items()}
    return TEXTS[language][detail["name"]].format_map(values)
