"""The report on a model: how it does on validation frames, against the one in use, and why not.

It goes through what will be used: the exported model in ONNX Runtime. Only facts are stored,
`report.json` in the model's folder; pictures are drawn from it and the material.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np

from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.scarcity import few_warning
from whenanime_pipeline.core.learning.evaluation import (
    Difference,
    Judged,
    judge,
    mrr_difference,
    ranks,
)
from whenanime_pipeline.core.learning.material import Material
from whenanime_pipeline.core.learning.report.checks import (
    better_than_in_use,
    export_equal,
    loss_finite,
)
from whenanime_pipeline.core.learning.report.mistakes import Mistake, Place, worst_mistakes
from whenanime_pipeline.core.learning.report.provenance import may_know
from whenanime_pipeline.core.models.registry import (
    BASE,
    REPORT_FILE,
    Check,
    model_named,
    name_in_use,
)
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import ModelMeta, base_model
from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.errors import ModelError


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to know of a model before it is used.

    Attributes:
        model_id: of the model.
        made: when, ISO 8601 in UTC.
        material: id of the material whose validation frames it was judged on.
        judged: how it does.
        rival: id of the model it was compared with: the one in use, or where it is in use itself,
            the base model.
        rival_judged: how that one does on the same frames.
        difference: of their MRR, views → originals.
        checks: `loss_finite`, `better_than_in_use`, `export_equal`.
        mistakes: the worst ones first.
        notes: what makes the figures less than they seem, a sentence each.
    """

    model_id: str
    made: str
    material: str
    judged: Judged
    rival: str
    rival_judged: Judged
    difference: Difference
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that do not hold; with any of them the model is used only on demand."""
        return tuple(check for check in self.checks if not check.passed)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "model_id": self.model_id,
            "made": self.made,
            "material": self.material,
            "judged": self.judged.to_json(),
            "rival": self.rival,
            "rival_judged": self.rival_judged.to_json(),
            "difference": asdict(self.difference),
            "checks": [check.model_dump() for check in self.checks],
            "mistakes": [asdict(mistake) for mistake in self.mistakes],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        return cls(
            model_id=value["model_id"],
            made=value["made"],
            material=value["material"],
            judged=Judged.from_json(value["judged"]),
            rival=value["rival"],
            rival_judged=Judged.from_json(value["rival_judged"]),
            difference=Difference(**value["difference"]),
            checks=tuple(Check.model_validate(check) for check in value["checks"]),
            mistakes=tuple(Mistake(**mistake) for mistake in value["mistakes"]),
            notes=tuple(value["notes"]),
        )


def make_report(
    home: Home,
    folder: Path,
    material: Material,
    *,
    places: Sequence[Place] | None = None,
    seed: int = 0,
) -> Report:
    """Judge a model and store the report in its folder.

    Args:
        home: of the library; its model in use is what there is to beat.
        folder: of the model.
        material: whose validation frames to judge on.
        places: where these are from, a row each, to name mistakes.
        seed: of the intervals.

    Raises:
        ModelError: the model, or the base model, cannot be loaded.
        OSError: the report cannot be written.
    """
    embedder = Embedder.load(folder)
    rival, named, notes = _rival(home, embedder.model_id)
    notes += _notes(embedder.meta, rival.meta, material, places)
    originals, views = _embedded(embedder, material)
    found = ranks(views, originals)
    judged = judge(originals, views, seed=seed)
    rival_originals, rival_views = _embedded(rival, material)
    rival_judged = judge(rival_originals, rival_views, seed=seed)
    difference = mrr_difference(found, ranks(rival_views, rival_originals), seed=seed)
    report = Report(
        model_id=embedder.model_id,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        material=material.id,
        judged=judged,
        rival=rival.model_id,
        rival_judged=rival_judged,
        difference=difference,
        checks=(
            loss_finite(folder, np.concatenate([originals, views])),
            better_than_in_use(judged, rival_judged, difference, named=named),
            export_equal(folder, embedder, material.originals),
        ),
        mistakes=worst_mistakes(views, originals, found, places),
        notes=tuple(notes),
    )
    write_json(folder / REPORT_FILE, report.to_json())
    return report


def read_report(folder: Path) -> Report | None:
    """Return the report in a model's folder; None when there is none that can be read."""
    try:
        value = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
        return Report.from_json(value)
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _embedded(embedder: Embedder, material: Material) -> tuple[Vectors, Vectors]:
    return embedder.embed(material.originals), embedder.embed(material.views)


def _rival(home: Home, model_id: str) -> tuple[Embedder, str, list[str]]:
    """Return what to compare a model with, what to call it, and what to note about that."""
    used = model_named(home, name_in_use(home))
    notes: list[str] = []
    if used.name != BASE and used.id != model_id:
        try:
            return Embedder.load(used.folder), f"the model in use ({used.id})", notes
        except ModelError as error:
            notes.append(f"The model in use cannot be loaded, so the base model stands in: {error}")
    if used.id == model_id:
        notes.append("It is in use itself, and is compared with the base model.")
    base = Embedder.load(base_model())
    return base, f"the base model ({base.model_id})", notes


def _notes(
    model: ModelMeta, rival: ModelMeta, material: Material, places: Sequence[Place] | None
) -> list[str]:
    notes = []
    if few := few_warning(len(material.originals)):
        notes.append(f"{few[:1].upper()}{few[1:]}.")
    validating = {place.path for place in places or ()}
    for meta, named in ((model, "It"), (rival, f"{rival.model_id}, which it is compared with,")):
        if may_know(meta, dataset=material.dataset, validating=validating):
            notes.append(f"{named} may have learnt from these frames, which favours it.")
    return notes
