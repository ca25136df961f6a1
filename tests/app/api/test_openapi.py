"""`/docs` and `/openapi.json` describe the routes."""

import re

import httpx

from app.sample_home import Sample, encode_png, noise_picture
from whenanime_app.api.tracemoe_openapi import ErrorAnswer
from whenanime_app.library.scene_models import SearchAnswer


def test_openapi_lists_the_routes(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/search", "/image/{token}", "/video/{token}", "/me", "/status"} <= set(paths)


def test_answers_are_as_the_docs_describe_them(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    for query in ("", "?anilistInfo"):
        for data in (picture, encode_png(noise_picture(2))):
            answer = client.post(f"/search{query}", files={"image": data})
            SearchAnswer.model_validate_json(answer.content)
    ErrorAnswer.model_validate_json(client.post("/search").content)


def test_the_docs_list_every_parameter(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    def options(path: str, method: str = "get") -> set[str]:
        return {entry["name"] for entry in paths[path][method]["parameters"]}

    assert options("/search") == {"url", "anilistID", "anilistInfo", "tag", "cutBorders", "key"}
    assert options("/search", "post") == options("/search")
    assert options("/image/{token}") == {"token", "size"}
    assert options("/video/{token}") == {"token", "size", "mute", "format"}
    assert "multipart/form-data" in paths["/search"]["post"]["requestBody"]["content"]
    assert set(paths["/video/{token}"]["get"]["responses"]) >= {"200", "304", "403", "410"}
    sent = paths["/image/{token}"]["get"]["responses"]["200"]["content"]
    assert set(sent) == {"image/jpeg", "image/webp"}


def test_openapi_lists_the_v1_routes(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    own = {path[7:]: routes for path, routes in paths.items() if path.startswith("/api/v1/")}

    def options(path: str, method: str = "get") -> set[str]:
        return {entry["name"] for entry in own[path][method]["parameters"]}

    assert set(own["/library"]) == {"get"}
    assert options("/library") == {"tag"}
    assert options("/themes") == options("/characters") == {"series", "tag"}
    assert options("/series/{name}") == {"name", "seriesNumber"}
    assert options("/episodes/{key}") == {"key"}
    assert options("/episodes/{key}/frame") == {"key", "at", "size"}
    assert set(own["/episodes/{key}/themes"]) == {"get", "post", "put", "delete"}
    assert options("/episodes/{key}/themes", "delete") == {"key", "from", "to"}
    assert options("/series/{name}/themes") == {"name", "seriesNumber"}
    assert set(own["/operator"]) == {"get", "post", "delete"}
    asked = {"limit", "series", "season", "anilistID", "tag"}
    assert options("/search", "post") - {"url"} == asked
    assert options("/search/batch", "post") == asked
    forms = own["/search/batch"]["post"]["requestBody"]["content"]
    assert forms["multipart/form-data"]["schema"]["properties"]["image"]["maxItems"] == 16


def test_openapi_lists_no_422(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    codes = {
        code
        for routes in schema["paths"].values()
        for operation in routes.values()
        for code in operation["responses"]
    }
    assert "400" in codes
    assert "422" not in codes
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_the_docs_load_no_external_resources(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "/openapi.json" in page.text
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) >= 2
    for address in named:
        assert httpx.URL(address).host == client.base_url.host
        assert len(client.get(address).content) > 100
