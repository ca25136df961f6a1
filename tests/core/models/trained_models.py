"""Models of a home, with reports as a training writes them."""

import json
from pathlib import Path

from conftest import make_model

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    ONNX_FILE,
    compute_model_id,
    read_model,
)


def trained_model(
    home: Home, *, seed: int, dimension: int = 32, name: str | None = None, here: bool = False
) -> str:
    """Write a model into the folder named by its id, or another; return the id.

    Unless it was trained `here`, it looks like one from elsewhere.
    """
    draft = make_model(home.models / f".draft-{seed}", seed=seed, dimension=dimension)
    if here:
        meta = json.loads((draft / META_FILE).read_text()) | {"training": {"id": f"t{seed}"}}
        meta["model_id"] = compute_model_id((draft / ONNX_FILE).read_bytes(), meta)
        (draft / META_FILE).write_text(json.dumps(meta))
    found = read_model(draft)[0].model_id
    draft.rename(home.models / (name or found))
    return found


def write_report(folder: Path, *, rival: str | None = None, **passed: bool) -> None:
    """Write what adoption reads of a report: checks by name, passed or not."""
    checks = [
        {"name": name, "passed": ok, "says": f"{name} says {ok}"} for name, ok in passed.items()
    ]
    report: dict[str, object] = {
        "model_id": read_model(folder)[0].model_id,
        "checks": checks,
        "more": [1],
    }
    if rival:
        report["rival"] = rival
    (folder / "report.json").write_text(json.dumps(report))
