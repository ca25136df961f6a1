"""The API over a real server, a real snapshot and real films."""

import asyncio
import ipaddress
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sample_home import Sample, noise, png
from app.served import served
from whenanime_app.described import ErrorAnswer, SearchAnswer
from whenanime_app.server import create_app
from whenanime_app.settings import AppSettings
from whenanime_app.tokens import Place, Tokens


def check(answer: httpx.Response, sample: Sample) -> dict[str, Any]:
    """Check that the answer is the moment the picture comes from; return the best result."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"frameCount", "error", "quota", "quotaUsed", "result"}
    assert body["error"] == ""
    assert body["frameCount"] > 0
    assert 1 <= len(body["result"]) <= 10
    best: dict[str, Any] = body["result"][0]
    file, second = sample.moment()
    assert best["filename"] == Path(file.path).name
    assert best["from"] <= best["at"] <= best["to"]
    assert best["from"] - 0.5 <= second <= best["to"] + 0.5
    return best


def test_a_file_under_any_name(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    for field in ("image", "file", "whatever"):
        check(client.post("/search", files={field: ("shot.png", picture, "image/png")}), sample)


def test_fields_before_the_file_are_passed_over(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    check(client.post("/search", data={"note": "hello"}, files={"image": picture}), sample)


@pytest.mark.parametrize(
    "kind", ["image/png", "application/octet-stream", "application/x-www-form-urlencoded"]
)
def test_the_picture_as_the_body(
    client: httpx.Client, sample: Sample, picture: bytes, kind: str
) -> None:
    check(client.post("/search", content=picture, headers={"content-type": kind}), sample)


def test_every_field_has_its_type(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    answer = client.post("/search", files={"image": picture})
    best = check(answer, sample)
    file, _ = sample.moment()
    series = next(entry for entry in sample.truth.series if entry.title == file.series)
    assert best["anilist"] == series.anilist
    assert best["episode"] == file.episode
    assert best["duration"] == pytest.approx(file.duration, abs=0.1)
    assert 0.9 <= best["similarity"] <= 1
    assert best["match"] in {"certain", "likely"}
    assert best["mirrored"] is False
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert np.array(best["corners"]) == pytest.approx(np.array(whole), abs=0.03)
    assert best["video"].startswith(str(client.base_url).rstrip("/") + "/video/")
    assert best["image"].startswith(str(client.base_url).rstrip("/") + "/image/")
    assert (best["series"], best["title"]) == (file.series, file.title)
    assert (best["season"], best["label"]) == (file.season, f"S{file.season:02d}E01")
    assert isinstance(best["also"], list)
    similarities = [result["similarity"] for result in answer.json()["result"]]
    assert all(0 <= value <= 1 for value in similarities)


def test_a_mirrored_part_is_found_and_placed(client: httpx.Client, sample: Sample) -> None:
    frame = sample.frame()
    height, width = frame.shape[:2]
    part = frame[: 3 * height // 4, width // 4 :, :]
    best = check(client.post("/search", files={"image": png(part[:, ::-1])}), sample)
    assert best["match"] in {"certain", "likely"}
    assert best["mirrored"] is True
    # Of the mirror image of the query, which is as the frame is.
    part_of = [[0.25, 0], [1, 0], [1, 0.75], [0.25, 0.75]]
    assert np.array(best["corners"]) == pytest.approx(np.array(part_of), abs=0.03)


def test_what_is_not_there_is_only_similar(client: httpx.Client) -> None:
    results = client.post("/search", files={"image": png(noise(1))}).json()["result"]
    assert {result["match"] for result in results} == {"similar"}
    assert all(result["similarity"] < 0.9 for result in results)


def test_anilist_info(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    for flag in ("?anilistInfo", "?anilistInfo=", "?anilistInfo=1&cutBorders"):
        best = check(client.post(f"/search{flag}", files={"image": picture}), sample)
        series = next(s for s in sample.truth.series if s.anilist == best["anilist"]["id"])
        assert best["anilist"] == {
            "id": series.anilist,
            "idMal": series.mal,
            "title": {
                "native": series.native,
                "romaji": series.romaji,
                "english": series.english,
            },
            "synonyms": [] if series.title == series.english else [series.title],
            "isAdult": False,
        }


def test_one_series_alone(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    for series in sample.truth.series:
        answer = client.post(f"/search?anilistID={series.anilist}", files={"image": picture})
        assert {result["anilist"] for result in answer.json()["result"]} == {series.anilist}
    answer = client.post("/search?anilistID=1", files={"image": picture})
    assert (answer.status_code, answer.json()["result"]) == (200, [])


def test_a_key_is_taken_and_ignored(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    check(client.post("/search?key=mine", files={"image": picture}), sample)
    check(client.post("/search", files={"image": picture}, headers={"x-trace-key": "mine"}), sample)
    assert client.get("/me?key=mine").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_any_method_searches(
    client: httpx.Client, sample: Sample, picture: bytes, method: str
) -> None:
    check(client.request(method, "/search", files={"image": picture}), sample)


def test_a_number_of_no_series(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    for number in ("0", "1", "9" * 18, "9" * 19, "9" * 5000):
        answer = client.post(f"/search?anilistID={number}", files={"image": picture})
        assert (answer.status_code, answer.json()["result"]) == (200, [])
    for nothing in ("", "none", "-1", "१"):
        answer = client.post("/search", params={"anilistID": nothing}, files={"image": picture})
        check(answer, sample)


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
def test_what_is_no_picture_is_refused_in_words(client: httpx.Client, name: str) -> None:
    answer = client.post("/search", files={"image": ("shot.png", BAD[name])})
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10


def test_unusual_pictures_are_found(client: httpx.Client, sample: Sample) -> None:
    picture = Image.open(BytesIO(png(sample.frame())))
    other = Image.new("RGB", picture.size, "red")
    alpha = picture.convert("RGBA")
    for data in (
        _saved(picture, "GIF", save_all=True, append_images=[other], duration=100),
        _saved(picture, "WEBP", save_all=True, append_images=[other], duration=100, quality=90),
        _saved(picture.convert("CMYK"), "JPEG", quality=90),
        _saved(alpha, "PNG"),
        _saved(picture, "BMP"),
    ):
        check(client.post("/search", files={"image": data}), sample)


def test_of_a_video_the_first_frame_is_searched(client: httpx.Client, sample: Sample) -> None:
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
    with served(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        check(client.get("/search", params={"url": f"{pictures}/shot.png"}), sample)
        check(client.post("/search", params={"url": f"{pictures}/shot.png"}), sample)
        assert client.get("/search", params={"url": f"{pictures}/none"}).status_code == 404


def test_private_addresses_are_refused(client: httpx.Client, pictures: str) -> None:
    for address in (pictures, "http://localhost/", "http://169.254.169.254/", "file:///etc/passwd"):
        answer = client.get("/search", params={"url": address})
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_stills_in_three_sizes(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
    widths = {}
    for size in ("s", "m", "l"):
        for address in (f"{best['image']}?size={size}", f"{best['image']}&size={size}"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert answer.headers["content-type"] in {"image/jpeg", "image/webp"}
            widths[size] = Image.open(BytesIO(answer.content)).width
    assert widths == {"s": 160, "m": 320, "l": 320}  # the film itself is 320 pixels wide
    assert client.get(f"{best['image']}?size=x").status_code == 400


def test_a_preview_plays_and_says_what_it_shows(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
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


def test_a_preview_comes_in_pieces_too(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    """Safari plays nothing else."""
    best = check(client.post("/search", files={"image": picture}), sample)
    whole = client.get(f"{best['video']}?mute")
    piece = client.get(f"{best['video']}?mute", headers={"range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, whole.content[10:20])


def test_a_preview_as_gif(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
    answer = client.get(f"{best['video']}?format=gif")
    assert answer.headers["content-type"] == "image/gif"
    moving = Image.open(BytesIO(answer.content))
    assert moving.format == "GIF"
    assert getattr(moving, "n_frames", 1) > 5


def test_what_has_not_changed_is_not_sent_again(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
    for address in (best["image"], f"{best['video']}?mute"):
        first = client.get(address)
        assert "max-age" in first.headers["cache-control"]
        again = client.get(address, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    still, small = client.get(best["image"]), client.get(f"{best['image']}?size=s")
    assert still.headers["etag"] != small.headers["etag"]


def test_the_head_of_what_can_be_got(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
    for address in (best["image"], f"{best['video']}&size=s&mute", "/me", "/status"):
        whole, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length", "etag", "x-video-start"):
            assert head.headers.get(name) == whole.headers.get(name)


def test_any_tag_will_do(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
    tag = client.get(best["image"]).headers["etag"]
    for known in ("*", f'"other", W/{tag}'):
        again = client.get(best["image"], headers={"if-none-match": known})
        assert again.status_code == 304


def test_options_behind_a_token_without_a_query(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
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


def test_links_that_are_not_ours(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    best = check(client.post("/search", files={"image": picture}), sample)
    token = best["image"].rpartition("/")[2]
    for changed in (token[:-4] + "AAAA", "x", "..%2f..%2fetc%2fpasswd", token.swapcase()):
        for kind in ("image", "video"):
            answer = client.get(f"/{kind}/{changed}")
            assert answer.status_code == 403
            assert answer.json()["error"]


def test_links_that_are_too_old(client: httpx.Client, sample: Sample) -> None:
    secret = (sample.home / "app" / "secret").read_text()
    old = Tokens(secret, now=lambda: 1_000_000_000.0).sign(Place(0, 0, 1.0, 1.0, 2.0))
    assert client.get(f"/image/{old}").status_code == 410


def test_links_to_what_is_gone(client: httpx.Client, sample: Sample) -> None:
    tokens = Tokens((sample.home / "app" / "secret").read_text())
    for place in (Place(99, 0, 1.0, 1.0, 2.0), Place(0, 1_000_000, 1.0, 1.0, 2.0)):
        assert client.get(f"/image/{tokens.sign(place)}").status_code == 404


def test_me_and_status(client: httpx.Client) -> None:
    me = client.get("/me").json()
    assert set(me) == {"id", "priority", "concurrency", "quota", "quotaUsed"}
    status = client.get("/status").json()
    assert status["ready"]
    assert status["problem"] is None
    assert (status["series"], status["episodes"]) == (2, 2)
    assert status["frames"] > 100


def test_an_accident_is_told_to_other_sites_too(tmp_path: Path) -> None:
    app = create_app(AppSettings(home=tmp_path))

    def accident(_: Request) -> Response:
        return Response((tmp_path / "missing").read_bytes())

    app.router.routes.insert(0, Route("/api/accident", accident))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/api/accident")

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert set(answer.json()) == {"error"}
    assert str(tmp_path) not in answer.text


def test_other_sites_may_call_the_api_and_nothing_else(client: httpx.Client) -> None:
    elsewhere = {"origin": "https://elsewhere.example"}
    assert client.get("/status", headers=elsewhere).headers["access-control-allow-origin"] == "*"
    ask = elsewhere | {"access-control-request-method": "POST"}
    assert client.options("/search", headers=ask).headers["access-control-allow-methods"]
    for path in ("/", "/config", "/gradio_api/info"):
        answer = client.get(path, headers=elsewhere)
        assert answer.headers.get("access-control-allow-origin") != "*"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/file=http://127.0.0.1/",
        "/gradio_api/proxy=http://127.0.0.1/",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/call/search",
        "/gradio_api/run/predict",
        "/gradio_api/stream/x",
        "/gradio_api/process_recording",
        "/gradio_api/vibe-edit",
        "/gradio_api/custom_component/x/server/y/z",
        "/monitoring",
        "/redoc",
    ],
)
def test_doors_that_stay_closed(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in {403, 404}


def test_a_browser_is_told_what_it_may_do(client: httpx.Client) -> None:
    page, api = client.get("/").headers, client.get("/status").headers
    for headers in (page, api, client.get("/nowhere").headers, client.get("/me/x").headers):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "server" not in headers
        assert "strict-transport-security" not in headers
    rules = dict(rule.strip().split(" ", 1) for rule in page["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["frame-ancestors"] == "'self'"
    assert rules["object-src"] == "'none'"
    assert not any("http" in rule or "*" in rule for rule in rules.values())
    assert api["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_openapi_tells_the_routes(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/search", "/image/{token}", "/video/{token}", "/me", "/status"} <= set(paths)


def test_answers_are_as_the_docs_describe_them(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    for query in ("", "?anilistInfo"):
        for data in (picture, png(noise(2))):
            answer = client.post(f"/search{query}", files={"image": data})
            SearchAnswer.model_validate_json(answer.content)
    ErrorAnswer.model_validate_json(client.post("/search").content)


def test_the_docs_name_every_way_to_ask(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    def options(path: str, method: str = "get") -> set[str]:
        return {entry["name"] for entry in paths[path][method]["parameters"]}

    assert options("/search") == {"url", "anilistID", "anilistInfo", "cutBorders", "key"}
    assert options("/search", "post") == options("/search")
    assert options("/image/{token}") == {"token", "size"}
    assert options("/video/{token}") == {"token", "size", "mute", "format"}
    assert "multipart/form-data" in paths["/search"]["post"]["requestBody"]["content"]
    assert set(paths["/video/{token}"]["get"]["responses"]) >= {"200", "304", "403", "410"}
    sent = paths["/image/{token}"]["get"]["responses"]["200"]["content"]
    assert set(sent) == {"image/jpeg", "image/webp"}


def test_the_docs_load_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "/openapi.json" in page.text
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) >= 2
    for address in named:
        assert httpx.URL(address).host == client.base_url.host
        assert len(client.get(address).content) > 100


def test_the_page_has_its_own_icon(client: httpx.Client) -> None:
    assert client.get("/").status_code == 200
    icon = Image.open(BytesIO(client.get("/favicon.ico").content))
    assert (icon.format, icon.size) == ("PNG", (64, 64))
