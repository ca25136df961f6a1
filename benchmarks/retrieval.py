"""Whether the right second comes back for a bad screenshot, on films nothing was trained on.

Measures, on the given films as `whenanime index` publishes them, the share of questions whose best
answer is the right file within a second, or shows the same picture in whichever file: frames as
they are and after 15 edits that people make, each series asked as often as the others (protocol L).
Compares in one run with trace.moe's Color Layout and a 64-bit DCT hash of every frame, eight a
second, all of them compared.
"""

from collections.abc import Callable
from pathlib import Path

from pydantic import Field, field_validator

from benchmarks.support.report import Report, about
from benchmarks.support.retrieval.asking import WrongPictures, ask_all
from benchmarks.support.retrieval.descriptors import ColorLayout, PerceptualHash
from benchmarks.support.retrieval.exact import Descriptor
from benchmarks.support.retrieval.questions import KINDS, draw_sources
from benchmarks.support.retrieval.scores import (
    rows_by_kind,
    rows_of_series,
    rows_of_verdicts,
)
from benchmarks.support.retrieval.stage import films_by_series, set_stage
from benchmarks.support.room import Options as BaseOptions
from benchmarks.support.room import Room
from whenanime_pipeline.core.home import Home

_SYSTEMS = ("ours", "color-layout", "phash")
_DESCRIPTORS: dict[str, Callable[[], Descriptor]] = {
    "color-layout": ColorLayout,
    "phash": PerceptualHash,
}


class Options(BaseOptions):
    """What can be set; lists are written with commas."""

    edits: tuple[str, ...] = Field(default=KINDS, description="of `clean` and the edits")
    systems: tuple[str, ...] = Field(default=_SYSTEMS, description="to ask")
    frames: int = Field(default=24, ge=1, description="source frames, each asked in every way")
    seed: int = Field(default=0, ge=0, description="of all choices; development has 1000 and more")
    models: Path | None = Field(
        default=None, description="folder of models that were trained without some series"
    )
    home: Path | None = Field(default=None, description="where indexes are kept for the next run")
    wrong: Path | None = Field(default=None, description="folder for pictures of wrong answers")
    threads: int = Field(default=1, ge=0, description="of our network when searching; 0: a core's")

    @field_validator("edits", "systems", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("edits")
    @classmethod
    def _known_edits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(value) - set(KINDS):
            raise ValueError(f"no edits {sorted(unknown)}; there are {', '.join(KINDS)}")
        return tuple(kind for kind in KINDS if kind in value)

    @field_validator("systems")
    @classmethod
    def _known_systems(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(value) - set(_SYSTEMS):
            raise ValueError(f"no systems {sorted(unknown)}; there are {', '.join(_SYSTEMS)}")
        return value


def measure(room: Room, options: Options) -> Report:
    """Measure it all."""
    stage = set_stage(
        room.library,
        Home(options.home or room.scratch / "home"),
        models=options.models,
        descriptors=[_DESCRIPTORS[name]() for name in options.systems if name in _DESCRIPTORS],
        ours="ours" in options.systems,
        threads=options.threads,
        say=room.say,
    )
    outcomes = ask_all(
        draw_sources(films_by_series(room.library), options.frames, options.seed),
        options.edits,
        options.seed,
        stage.lineup,
        stage.gallery,
        keep=WrongPictures(options.wrong) if options.wrong else None,
        say=room.say,
    )
    return Report(
        "retrieval",
        about(__doc__),
        [],
        {
            "top-1 by edit": rows_by_kind(outcomes),
            "top-1 by series": rows_of_series(outcomes),
            "verdicts and cost": rows_of_verdicts(outcomes),
            "wrong answers": [o.row() for o in outcomes if not o.is_right],
        },
    )
