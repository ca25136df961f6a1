import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_app.links.preview_links import (
    PREVIEW_LINK_LIFETIME,
    FrameRef,
    PreviewLinkSigner,
    load_or_create_secret,
)
from whenanime_app.links.signing import TokenError, TokenExpiredError

PLACE = FrameRef(content=7, frame=31, start=750.0, at=754.5, end=756.125)
SECONDS = st.integers(0, 10**8).map(lambda milliseconds: milliseconds / 1000)


@given(st.builds(FrameRef, st.integers(0, 2**39), st.integers(0, 2**24), SECONDS, SECONDS, SECONDS))
def test_a_place_survives_signing(place: FrameRef) -> None:
    tokens = PreviewLinkSigner("key")
    assert tokens.read(tokens.sign(place)) == place


def test_a_token_needs_no_escaping_in_an_address() -> None:
    token = PreviewLinkSigner("key").sign(PLACE)
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_any_changed_character_is_noticed() -> None:
    tokens = PreviewLinkSigner("key")
    token = tokens.sign(PLACE)
    for position in range(len(token) - 1):  # the last one carries unused bits of base64
        changed = (
            token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        )
        with pytest.raises(TokenError):
            tokens.read(changed)


@pytest.mark.parametrize("text", ["", ".", "a.b", "../../etc/passwd", "WzFd.x", "\x00", "名"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        PreviewLinkSigner("key").read(text)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(TokenError):
        PreviewLinkSigner("other").read(PreviewLinkSigner("key").sign(PLACE))


def test_a_link_expires_after_24_to_25_hours() -> None:
    clock = [1_700_000_123.0]
    tokens = PreviewLinkSigner("key", now=lambda: clock[0])
    token = tokens.sign(PLACE)
    clock[0] += PREVIEW_LINK_LIFETIME
    assert tokens.read(token) == PLACE
    clock[0] += 3601
    with pytest.raises(TokenExpiredError):
        tokens.read(token)


def test_a_place_keeps_its_token_within_the_hour() -> None:
    first = PreviewLinkSigner("key", now=lambda: 1_700_000_000.0).sign(PLACE)
    assert first == PreviewLinkSigner("key", now=lambda: 1_700_000_001.0).sign(PLACE)


def test_the_key_file_is_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "app" / "secret"
    key = load_or_create_secret(path)
    assert len(key) >= 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_secret(path) == key
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_servers_that_start_at_once_share_the_key(tmp_path: Path) -> None:
    path, barrier, keys = tmp_path / "secret", threading.Barrier(8), []

    def start() -> None:
        barrier.wait()
        keys.append(load_or_create_secret(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
