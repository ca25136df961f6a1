"""Homes of earlier builds open, and answer what those builds answered."""

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from app.live_server import run_server

from homes.recording import record_answers
from whenanime_app.links.share_links import ShareLinkSigner
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.library.catalogue import load_catalogue, save_catalogue
from whenanime_pipeline.core.library.change_detection import detect_settled_changes
from whenanime_pipeline.core.search.snapshot.parent import read_published

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
HOMES = sorted(FOLDER.glob("*.tar.xz"))
MADE = 1_796_016_230.0
"""Seconds since 1970 at which the first home was made: its shared links hold for 90 days."""
NARROWED = {("Result", "anilist"), ("FoundResult", "anilist"), ("AniListInfo", "id")}
"""Fields of answers that are no longer all that they could be: trace.moe's are never null."""
TEXTS = {"error", "detail", "reason", "description", "summary", "title", "said", "msg"}
"""Fields for people, which may be worded again in a later build."""


@pytest.fixture(scope="module", params=HOMES, ids=lambda path: path.name.split(".")[0])
def older(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(request.param) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def recorded(older: Path) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((older / "answers.json").read_text(encoding="utf-8"))
    return answers


@pytest.fixture(scope="module")
def client(older: Path) -> Iterator[httpx.Client]:
    settings = AppSettings(home=older / "home", videos=older / "videos")
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=60) as connection:
        yield connection


@pytest.fixture(scope="module")
def answered(older: Path, client: httpx.Client) -> dict[str, Any]:
    return record_answers(client, older / "queries")


def strip_texts(value: Any) -> Any:
    """Return JSON in which texts for people are replaced by whether there is one."""
    if isinstance(value, dict) and "values" in value and ("said" in value or "text" in value):
        return True  # a message to the page: its fields are between the server and its scripts
    if isinstance(value, dict):
        return {
            name: bool(one) if name in TEXTS and isinstance(one, str) else strip_texts(one)
            for name, one in value.items()
        }
    return [strip_texts(one) for one in value] if isinstance(value, list) else value


def approximate(value: Any) -> Any:
    """Return JSON whose floats equal what is rounded otherwise by another processor."""
    if isinstance(value, dict):
        return {name: approximate(one) for name, one in value.items()}
    if isinstance(value, list):
        return [approximate(one) for one in value]
    return pytest.approx(value, abs=2e-3) if isinstance(value, float) else value


def select_fields(value: Any, known: Any) -> Any:
    """Return JSON with those fields of each object alone that the earlier build had too."""
    if isinstance(value, dict) and isinstance(known, dict):
        return {name: select_fields(value[name], known[name]) for name in value if name in known}
    if isinstance(value, list) and isinstance(known, list):
        pairs = zip(value, known, strict=False)
        return [*(select_fields(*pair) for pair in pairs), *value[len(known) :]]
    return value


def select_schemas(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the paths and schemas of an OpenAPI document."""
    document = answer["body"]
    return {"paths": document["paths"], "schemas": document["components"]["schemas"]}


def test_routes_answer_as_recorded(recorded: dict[str, Any], answered: dict[str, Any]) -> None:
    for method in ("get", "post"):
        assert answered[method].keys() == recorded[method].keys()
        for path, answer in recorded[method].items():
            if path != "/openapi.json":
                now = select_fields(strip_texts(answered[method][path]), strip_texts(answer))
                assert now == approximate(strip_texts(answer)), path


def test_openapi_paths_and_schemas_are_as_recorded(
    recorded: dict[str, Any], answered: dict[str, Any]
) -> None:
    before = select_schemas(recorded["get"]["/openapi.json"])
    now = select_schemas(answered["get"]["/openapi.json"])
    assert set(now["paths"]) >= set(before["paths"])  # later builds may add to them
    assert set(now["schemas"]) >= set(before["schemas"])
    drop_added_parameters(now["paths"], before["paths"])
    for name, recorded_schema in before["schemas"].items():
        schema = now["schemas"][name]
        for field in NARROWED & {(name, field) for field in schema.get("properties", {})}:
            check_is_narrower(
                schema["properties"].pop(field[1]), recorded_schema["properties"].pop(field[1])
            )
        # What is added is in every answer, which the recorded schema could not require.
        if "required" in schema:
            known = recorded_schema["required"]
            schema["required"] = [field for field in schema["required"] if field in known]
    assert select_fields(strip_texts(now), strip_texts(before)) == strip_texts(before)


def drop_added_parameters(now: dict[str, Any], before: dict[str, Any]) -> None:
    """Remove the parameters of operations that the earlier build did not take."""
    for path, operations in before.items():
        for method, recorded in operations.items():
            known = {one["name"] for one in recorded.get("parameters", ())}
            operation = now[path][method]
            if "parameters" in operation:
                operation["parameters"] = [
                    one for one in operation["parameters"] if one["name"] in known
                ]


def check_is_narrower(now: dict[str, Any], before: dict[str, Any]) -> None:
    """Check that a field is nothing that clients of the earlier build do not expect."""
    kinds, known = (one.get("anyOf", [{"type": one.get("type")}]) for one in (now, before))
    assert [kind for kind in kinds if kind not in known] == []


def test_page_has_the_recorded_structure_and_states(
    recorded: dict[str, Any], answered: dict[str, Any]
) -> None:
    before, now = recorded["page"], answered["page"]
    assert now["structure"] == before["structure"]
    assert now["events"] == before["events"]
    for name, state in before["states"].items():
        known = strip_texts(state)
        shown = select_fields(strip_texts(now["states"][name]), known)
        assert shown == approximate(known), name


def test_shared_link_of_the_earlier_build_opens(older: Path, recorded: dict[str, Any]) -> None:
    key = (older / "home/app/secret").read_text(encoding="utf-8").strip()
    shared = ShareLinkSigner(key, now=lambda: MADE).read(recorded["page"]["share"])
    assert shared.key == "Lantern/S01E01"


def test_command_answers_as_recorded(older: Path, recorded: dict[str, Any]) -> None:
    for query in ("crop", "negative"):
        done = subprocess.run(
            [sys.executable, "-m", "whenanime_pipeline", "search", older / f"queries/{query}.png",
             "--json", "--home", older / "home", "--videos", older / "videos"],
            check=True, capture_output=True, cwd=ROOT,
        )  # fmt: skip
        assert json.loads(done.stdout) == approximate(recorded["cli"][query])


def test_series_have_numbers_that_indexing_again_keeps(
    older: Path, tmp_path: Path, client: httpx.Client
) -> None:
    """A snapshot that holds none is served with those that the catalogue gets."""
    (series,) = client.get("/api/v1/library").json()["series"]
    number = series["seriesNumber"]
    assert series["anilist"] == 77
    query = f"{{Media(id:{number}){{id title{{native}}}}}}"
    media = client.get("/anilist", params={"query": query}).json()["data"]["Media"]
    assert media == {"id": 77, "title": {"native": "灯"}}
    stored = load_catalogue(older / "home/catalogue.json")
    diff = detect_settled_changes(older / "videos", stored, interval=0.01)
    save_catalogue(stored.apply(diff), tmp_path / "catalogue.json")
    again = load_catalogue(tmp_path / "catalogue.json")
    assert [(one.series, one.number) for one in again.series_numbers] == [("Lantern", number)]


def test_indexing_again_decodes_nothing_and_publishes_only_new_sections(
    older: Path, tmp_path: Path
) -> None:
    """The frames that are stored stay valid, and the file that is no video stays named."""
    place = shutil.copytree(older, tmp_path / "copy")
    frames = place / "home/frames"
    files = {path: path.stat().st_mtime_ns for path in frames.rglob("*.arrow")}
    before = read_published(place / "home/snapshots").manifest
    done = subprocess.run(
        [sys.executable, "-m", "whenanime_pipeline", "index", "--home", place / "home",
         "--videos", place / "videos"],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Lantern - S01E03.mkv: not a readable video file" in done.stderr
    now = read_published(place / "home/snapshots").manifest
    assert now is not None
    assert before is not None
    assert now.id == before.id or now.sections.keys() > before.sections.keys()
    assert now.contents == before.contents
    assert {path: path.stat().st_mtime_ns for path in frames.rglob("*.arrow")} == files
