"""`/image` and `/video`: targets of a result's links."""

from io import BytesIO
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from app.answer_checks import check_best_result
from app.sample_home import Sample
from whenanime_app.links.preview_links import FrameRef, PreviewLinkSigner


@pytest.fixture(scope="module")
def best(url: str, sample: Sample, picture: bytes) -> dict[str, Any]:
    return check_best_result(
        httpx.post(f"{url}/search", files={"image": picture}, timeout=30), sample
    )


def test_stills_in_three_sizes(client: httpx.Client, best: dict[str, Any]) -> None:
    widths = {}
    for size in ("s", "m", "l"):
        for address in (f"{best['image']}?size={size}", f"{best['image']}&size={size}"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert answer.headers["content-type"] in {"image/jpeg", "image/webp"}
            widths[size] = Image.open(BytesIO(answer.content)).width
    assert widths == {"s": 160, "m": 320, "l": 320}  # the film itself is 320 pixels wide
    assert client.get(f"{best['image']}?size=x").status_code == 400


def test_a_preview_has_a_video_and_its_metadata(client: httpx.Client, best: dict[str, Any]) -> None:
    answer = client.get(f"{best['video']}&size=m&mute")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    start, end, duration = (
        float(answer.headers[f"x-video-{name}"]) for name in ("start", "end", "duration")
    )
    assert start <= best["at"] <= end
    assert duration == pytest.approx(end - start, abs=0.002)
    assert duration <= 5
    with av.open(BytesIO(answer.content), "r") as clip:
        assert clip.streams.video[0].width == 320
        assert not clip.streams.audio
        seconds = [frame.time for frame in clip.decode(video=0)]
    assert seconds[-1] == pytest.approx(duration, abs=0.2)


def test_a_preview_supports_range_requests(client: httpx.Client, best: dict[str, Any]) -> None:
    """Safari plays nothing else."""
    whole = client.get(f"{best['video']}?mute")
    piece = client.get(f"{best['video']}?mute", headers={"range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, whole.content[10:20])


def test_a_preview_as_gif(client: httpx.Client, best: dict[str, Any]) -> None:
    answer = client.get(f"{best['video']}?format=gif")
    assert answer.headers["content-type"] == "image/gif"
    moving = Image.open(BytesIO(answer.content))
    assert moving.format == "GIF"
    assert getattr(moving, "n_frames", 1) > 5


def test_unchanged_previews_are_answered_by_304(client: httpx.Client, best: dict[str, Any]) -> None:
    for address in (best["image"], f"{best['video']}?mute"):
        first = client.get(address)
        assert "max-age" in first.headers["cache-control"]
        again = client.get(address, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    still, small = client.get(best["image"]), client.get(f"{best['image']}?size=s")
    assert still.headers["etag"] != small.headers["etag"]


def test_head_requests_match_get_requests(client: httpx.Client, best: dict[str, Any]) -> None:
    for address in (best["image"], f"{best['video']}&size=s&mute", "/me", "/status"):
        whole, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length", "etag", "x-video-start"):
            assert head.headers.get(name) == whole.headers.get(name)


def test_any_tag_will_do(client: httpx.Client, best: dict[str, Any]) -> None:
    tag = client.get(best["image"]).headers["etag"]
    for known in ("*", f'"other", W/{tag}'):
        again = client.get(best["image"], headers={"if-none-match": known})
        assert again.status_code == 304


def test_options_behind_a_token_without_a_query(client: httpx.Client, best: dict[str, Any]) -> None:
    tags = {
        client.head(f"{best['video']}{options}").headers["etag"]
        for options in (
            "&size=s&mute",
            "&mute&size=s",
            "?mute&size=s",
            "&size=s&muted=",
            "&mute?size=s",
        )
    }
    assert len(tags) == 1
    with_sound = client.head(f"{best['video']}&size=s").headers["etag"]
    assert with_sound not in tags


def test_links_that_are_not_ours(client: httpx.Client, best: dict[str, Any]) -> None:
    token = best["image"].rpartition("/")[2]
    for changed in (token[:-4] + "AAAA", "x", "..%2f..%2fetc%2fpasswd", token.swapcase()):
        for kind in ("image", "video"):
            answer = client.get(f"/{kind}/{changed}")
            assert answer.status_code == 403
            assert answer.json()["error"]


def test_links_that_are_too_old(client: httpx.Client, sample: Sample) -> None:
    secret = (sample.home / "app" / "secret").read_text()
    old = PreviewLinkSigner(secret, now=lambda: 1_000_000_000.0).sign(FrameRef(0, 0, 1.0, 1.0, 2.0))
    assert client.get(f"/image/{old}").status_code == 410


def test_links_to_removed_frames(client: httpx.Client, sample: Sample) -> None:
    tokens = PreviewLinkSigner((sample.home / "app" / "secret").read_text())
    for place in (FrameRef(99, 0, 1.0, 1.0, 2.0), FrameRef(0, 1_000_000, 1.0, 1.0, 2.0)):
        assert client.get(f"/image/{tokens.sign(place)}").status_code == 404
