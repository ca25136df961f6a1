"""Every way in which `/search` takes a picture, and pictures it refuses."""

import ipaddress
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from app.answer_checks import check_best_result
from app.live_server import run_server
from app.sample_home import Sample, encode_png
from whenanime_app.settings import AppSettings


def test_a_file_under_any_name(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    for field in ("image", "file", "whatever"):
        check_best_result(
            client.post("/search", files={field: ("shot.png", picture, "image/png")}), sample
        )


def test_fields_before_the_file_are_passed_over(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    check_best_result(
        client.post("/search", data={"note": "hello"}, files={"image": picture}), sample
    )


@pytest.mark.parametrize(
    "kind", ["image/png", "application/octet-stream", "application/x-www-form-urlencoded"]
)
def test_the_picture_as_the_body(
    client: httpx.Client, sample: Sample, picture: bytes, kind: str
) -> None:
    check_best_result(
        client.post("/search", content=picture, headers={"content-type": kind}), sample
    )


def test_a_form_that_is_none(client: httpx.Client) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = client.post("/search", content=b"nonsense", headers={"content-type": kind})
        assert 400 <= answer.status_code < 500
        assert answer.json()["error"]


def test_no_picture(client: httpx.Client) -> None:
    for answer in (
        client.get("/search"),
        client.post("/search"),
        client.post("/search", json={"url": "x"}),
        client.post("/search", files={"image": (None, "no file")}),
    ):
        assert answer.status_code == 405
        assert answer.json()["error"]


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


BAD = {
    "nothing": b"",
    "text": b"this is not a picture",
    "huge": _saved(Image.new("1", (20_000, 20_000)), "PNG"),
    "cut off": _saved(Image.new("RGB", (64, 64), "red"), "PNG")[:60],
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>',
}


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_picture_is_refused_with_a_reason(client: httpx.Client, name: str) -> None:
    answer = client.post("/search", files={"image": ("shot.png", BAD[name])})
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10


def test_unusual_pictures_are_found(client: httpx.Client, sample: Sample) -> None:
    picture = Image.open(BytesIO(encode_png(sample.frame())))
    other = Image.new("RGB", picture.size, "red")
    alpha = picture.convert("RGBA")
    for data in (
        _saved(picture, "GIF", save_all=True, append_images=[other], duration=100),
        _saved(picture, "WEBP", save_all=True, append_images=[other], duration=100, quality=90),
        _saved(picture.convert("CMYK"), "JPEG", quality=90),
        _saved(alpha, "PNG"),
        _saved(picture, "BMP"),
    ):
        check_best_result(client.post("/search", files={"image": data}), sample)


def test_the_first_frame_of_a_video_is_searched(client: httpx.Client, sample: Sample) -> None:
    file = sample.truth.files[0]
    data = (sample.videos / file.path).read_bytes()
    answer = client.post("/search", content=data, headers={"content-type": "video/mp4"})
    assert answer.status_code == 200
    assert answer.json()["result"][0]["from"] == pytest.approx(0, abs=0.2)


def test_the_smallest_picture_is_a_picture(client: httpx.Client) -> None:
    answer = client.post("/search", files={"image": _saved(Image.new("RGB", (1, 1)), "PNG")})
    assert answer.status_code in {200, 400}
    assert answer.json()["error"] or answer.json()["result"]


def test_more_than_25_mib(client: httpx.Client) -> None:
    large = bytes((25 << 20) + 70_000)
    answer = client.post("/search", content=large, headers={"content-type": "image/png"})
    assert answer.status_code == 413
    assert "25 MiB" in answer.json()["error"]


def test_more_than_25_mib_without_saying_so(url: str) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(30):
            yield bytes(1 << 20)

    with httpx.Client(base_url=url, timeout=30) as client:
        answer = client.post("/search", content=parts(), headers={"content-type": "image/png"})
        assert answer.status_code == 413


def test_a_picture_from_an_address(sample: Sample, pictures: str) -> None:
    settings = AppSettings(
        home=sample.home,
        videos=sample.videos,
        fetch_networks=(ipaddress.ip_network("127.0.0.0/8"),),
    )
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        check_best_result(client.get("/search", params={"url": f"{pictures}/shot.png"}), sample)
        check_best_result(client.post("/search", params={"url": f"{pictures}/shot.png"}), sample)
        assert client.get("/search", params={"url": f"{pictures}/none"}).status_code == 404


def test_private_addresses_are_refused(client: httpx.Client, pictures: str) -> None:
    for address in (pictures, "http://localhost/", "http://169.254.169.254/", "file:///etc/passwd"):
        answer = client.get("/search", params={"url": address})
        assert answer.status_code == 400
        assert answer.json()["error"]
