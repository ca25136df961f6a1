from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sample_home import Sample
from whenanime_app.errors import GoneError
from whenanime_app.links.preview_links import FrameRef, PreviewLinkSigner
from whenanime_app.links.share_links import (
    SHARE_LINK_LIFETIME,
    SharedScene,
    ShareLinkSigner,
    restore_scene,
)
from whenanime_app.links.signing import TokenError, TokenExpiredError
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot


@pytest.fixture(scope="module")
def snapshot(sample: Sample) -> Snapshot:
    latest = read_latest_id(sample.home / "snapshots")
    assert latest
    return Snapshot(sample.home / "snapshots" / latest)


@pytest.fixture
def scene(snapshot: Snapshot) -> Scene:
    return Scene(
        episode=snapshot.episodes[1],
        start=3.25,
        at=4.125,
        end=5.5,
        similarity=0.9731,
        match="likely",
        frame=7,
        mirrored=True,
        corners=((-0.125, 0.0), (1.0, 0.0), (1.0, 0.75), (-0.125, 0.75)),
        also=(),
    )


def test_a_shared_result_round_trips(snapshot: Snapshot, scene: Scene) -> None:
    shares = ShareLinkSigner("key")
    back = restore_scene(shares.read(shares.sign(scene)), snapshot)
    assert replace(back, also=(), runs=()) == scene
    for moment in back.also:
        assert moment.start > scene.end or moment.end < scene.start


@pytest.mark.parametrize("rotated", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_link_says_how_the_picture_was_turned(
    scene: Scene, rotated: int, *, mirrored: bool
) -> None:
    shares = ShareLinkSigner("key")
    shared = shares.read(shares.sign(replace(scene, rotated=rotated, mirrored=mirrored)))
    assert (shared.rotated, shared.mirrored) == (rotated, mirrored)


def test_a_link_needs_no_escaping_and_is_short(scene: Scene) -> None:
    token = ShareLinkSigner("key").sign(scene)
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()
    assert len(token) < 400


def test_one_result_has_one_link_for_a_day(scene: Scene) -> None:
    day = 24 * 3600
    now = 1_000.0 * day
    shares = ShareLinkSigner("key", now=lambda: now)
    first = shares.sign(scene)
    now += day - 1
    assert shares.sign(scene) == first
    now += 1
    assert shares.sign(scene) != first


def test_a_link_expires(scene: Scene) -> None:
    now = 1_000_000.0
    shares = ShareLinkSigner("key", now=lambda: now)
    token = shares.sign(scene)
    now += SHARE_LINK_LIFETIME
    assert isinstance(shares.read(token), SharedScene)
    now += 2 * 24 * 3600
    with pytest.raises(TokenExpiredError):
        shares.read(token)


@given(st.text(max_size=80))
def test_unsigned_token_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        ShareLinkSigner("key").read(token)


def test_links_of_another_key_or_kind_are_none(scene: Scene) -> None:
    place = FrameRef(scene.episode.content, scene.frame, scene.start, scene.at, scene.end)
    with pytest.raises(TokenError):
        ShareLinkSigner("key").read(ShareLinkSigner("another").sign(scene))
    with pytest.raises(TokenError):
        ShareLinkSigner("key").read(PreviewLinkSigner("key").sign(place))
    with pytest.raises(TokenError):
        PreviewLinkSigner("key").read(ShareLinkSigner("key").sign(scene))


def test_a_scene_removed_from_the_index_is_not_restored(snapshot: Snapshot, scene: Scene) -> None:
    shares = ShareLinkSigner("key")
    for gone in (
        replace(scene, episode=replace(scene.episode, content=99)),
        replace(scene, frame=1_000_000),
    ):
        with pytest.raises(GoneError):
            restore_scene(shares.read(shares.sign(gone)), snapshot)


def test_a_renamed_episode_is_found_by_its_content(snapshot: Snapshot, scene: Scene) -> None:
    shares = ShareLinkSigner("key")
    renamed = replace(scene, episode=replace(scene.episode, key="another/S01E01"))
    assert restore_scene(shares.read(shares.sign(renamed)), snapshot).episode == scene.episode
