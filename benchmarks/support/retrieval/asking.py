"""Asking every system every question, one after the other, in memory of a single picture."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.support.retrieval.gallery import Gallery
from benchmarks.support.retrieval.outcomes import Outcome, answered
from benchmarks.support.retrieval.questions import Picture, Source, ask
from benchmarks.support.retrieval.systems import System
from whenanime_pipeline.core.media.pictures import encode_jpeg

Lineup = Callable[[str], Sequence[System]]
"""Which systems are asked for frames of a series: ours has a model not trained on it."""

Keep = Callable[[Outcome, Picture], None]
"""Gets each outcome with the picture that was asked with."""


def always(*systems: System) -> Lineup:
    """Return a line-up that is the same for every series."""
    return lambda _: systems


def ask_all(
    sources: Iterable[Source],
    kinds: Sequence[str],
    seed: int,
    lineup: Lineup,
    gallery: Gallery,
    *,
    keep: Keep | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Ask for each frame in each way.

    Args:
        sources: the frames.
        kinds: what is done to each: edits, or `clean`.
        seed: of the edits.
        lineup: the systems.
        gallery: to judge by.
        keep: is told of each outcome.
        say: takes one line of progress.

    Returns:
        A frame's outcomes together, and an edit's together in them, in the order of the systems.
    """
    outcomes: list[Outcome] = []
    for source in sources:
        for kind in kinds:
            picture = ask(source, kind, seed)
            for system in lineup(source.series):
                outcome = answered(system, source, kind, picture, gallery)
                outcomes.append(outcome)
                if keep:
                    keep(outcome, picture)
        say(f"asked for {source.path} at {source.second:.1f} s")
    return outcomes


class PicturesKept:
    """Writes the pictures that were asked with to a folder, where the outcome is of a kind."""

    def __init__(self, folder: Path, wanted: Callable[[Outcome], bool]) -> None:
        """Make the folder.

        Args:
            folder: to write to.
            wanted: tells which outcomes are to be looked at.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._wanted = folder, wanted

    def __call__(self, outcome: Outcome, picture: Picture) -> None:
        """Keep a picture if its outcome is wanted."""
        if not self._wanted(outcome):
            return
        name = f"{outcome.kind}-{outcome.source.number:04}-{outcome.system.replace(' ', '_')}"
        (self._folder / f"{name}.jpg").write_bytes(encode_jpeg(picture))
