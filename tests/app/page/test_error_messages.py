"""The page has a text in each language for every message that an error carries."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from sample_videos import write_film

from app.sample_home import encode_png, noise_picture
from whenanime_app.page.texts import TEXTS
from whenanime_app.page.texts.browsing import BROWSE_TEXTS
from whenanime_app.page.texts.errors import ERROR_TEXTS, SHOWN_MESSAGES
from whenanime_app.page.texts.results import RESULT_TEXTS
from whenanime_app.page.texts.searching import SEARCH_TEXTS
from whenanime_app.security.safe_fetch import Fetcher
from whenanime_pipeline.core.media.picture_codec import decode_first_video_frame, decode_picture
from whenanime_pipeline.core.media.video import Video
from whenanime_pipeline.core.messages import MessageError
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest

TEMPLATES = [template for table in SHOWN_MESSAGES for template in table]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.code)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_has_a_text_with_its_placeholders(template: Any, language: str) -> None:
    text = TEXTS[language][template.code]
    assert _placeholders(text) == _placeholders(template.template)
    assert (text == template.template) == (language == "en")


def test_codes_are_unique_and_no_text_is_left_over() -> None:
    codes = [template.code for template in TEMPLATES]
    assert len(codes) == len(set(codes))
    assert list(ERROR_TEXTS["en"]) == codes
    assert set(ERROR_TEXTS["zh"]) == set(codes)
    others = SEARCH_TEXTS["en"] | RESULT_TEXTS["en"] | BROWSE_TEXTS["en"]
    assert not others.keys() & set(codes)


def fetch(url: str) -> Callable[[Path], object]:
    return lambda _: asyncio.run(Fetcher().fetch(url))


def decode(data: bytes, **limits: int) -> Callable[[Path], object]:
    return lambda _: decode_picture(data, **limits)


def decode_video(data: bytes, **limits: int) -> Callable[[Path], object]:
    return lambda _: decode_first_video_frame(data, **limits)


def decode_large_video(folder: Path) -> None:
    decode_first_video_frame(write_film(folder / "a.mp4", seed=1).read_bytes(), max_pixels=9_000)


def open_empty_video(folder: Path) -> None:
    (folder / "a.mkv").touch()
    Video(folder / "a.mkv")


def read_newer_snapshot(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({"schema_version": 999}))
    read_manifest(folder)


PICTURE = encode_png(noise_picture(1))
INVALID_VIDEO = "无法使用这段视频：不是可读取的视频文件（数据无效）。"


@pytest.mark.parametrize(
    ("fail", "code", "chinese"),
    [
        (fetch("picture.png"), "not_http", "这不是 http 或 https 网址"),
        (fetch("http://[::1"), "not_a_url", "这不是网址"),
        (fetch("http://a:b@1.1.1.1/"), "url_password", "不支持带有用户名或密码的网址"),
        (fetch("http://127.0.0.1/"), "private_address", "这个网址指向内部网络，请改为上传图片"),
        (decode(b""), "empty_picture", "这张图片是空的（0 字节）。"),
        (decode(b"text"), "not_a_picture", TEXTS["zh"]["not_a_picture"]),
        (decode(PICTURE[:300]), "damaged_picture", "图片已损坏或不完整，请重新发送。"),
        (
            decode(PICTURE, max_pixels=50_000),
            "picture_size",
            "图片为 320×180，上限为 0.05 百万像素。",
        ),
        (
            decode(bytes(3 << 20), max_bytes=1 << 20),
            "picture_bytes",
            "这张图片有 3.0 MiB，上限为 1 MiB。",
        ),
        (decode_video(b""), "empty_video", "这段视频是空的（0 字节）。"),
        (decode_video(b"text"), "unusable_video", INVALID_VIDEO),
        (
            decode_large_video,
            "unusable_video",
            "无法使用这段视频：画面为 160×96，上限为 0.009 百万像素。",
        ),
        (open_empty_video, "empty_file", "文件是空的（0 字节）"),
        (lambda folder: Video(folder / "b.mkv"), "file_not_found", "没有这个文件或文件夹"),
    ],
)
def test_errors_of_bad_inputs_are_shown_in_both_languages(
    tmp_path: Path, fail: Callable[[Path], object], code: str, chinese: str
) -> None:
    with pytest.raises(MessageError) as caught:
        fail(tmp_path)
    assert caught.value.code == code
    shown = caught.value.message.to_json()
    assert _translate(shown, "en") == caught.value.message.text
    assert str(caught.value).endswith(caught.value.message.text)
    assert _translate(shown, "zh") == chinese


def test_a_newer_snapshot_is_named_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(MessageError) as caught:
        read_newer_snapshot(tmp_path)
    shown = caught.value.message.to_json()
    assert _translate(shown, "en") == str(caught.value)
    assert f"{tmp_path}/manifest.json：快照的版本是 999" in _translate(shown, "zh")


def _placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}


def _translate(value: Any, language: str) -> str:
    """Fill in a message's text as the page's scripts do."""
    if not isinstance(value, dict):
        return str(value)
    if value["code"] is None:
        return str(value["text"])
    values = {name: _translate(inner, language) for name, inner in value["values"].items()}
    return TEXTS[language][value["code"]].format_map(values)
