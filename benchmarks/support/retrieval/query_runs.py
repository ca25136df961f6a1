"""Asking every system every question, one after the other, in memory of a single picture."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.support.retrieval.edited_queries import Picture, QueryFrame, make_query_image
from benchmarks.support.retrieval.gallery import Gallery
from benchmarks.support.retrieval.outcomes import Outcome, search_and_judge
from benchmarks.support.retrieval.systems import RetrievalSystem
from whenanime_pipeline.core.media.picture_codec import encode_jpeg

SystemSelector = Callable[[str], Sequence[RetrievalSystem]]
"""Which systems are asked for frames of a series: ours has a model not trained on it."""

OutcomeCallback = Callable[[Outcome, Picture], None]
"""Gets each outcome with the picture that was asked with."""


def always_select(*systems: RetrievalSystem) -> SystemSelector:
    """Return a line-up that is the same for every series."""
    return lambda _: systems


def run_queries(
    sources: Iterable[QueryFrame],
    kinds: Sequence[str],
    seed: int,
    select_systems: SystemSelector,
    gallery: Gallery,
    *,
    on_outcome: OutcomeCallback | None = None,
    log: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Ask for each frame in each way.

    Args:
        sources: the frames.
        kinds: what is done to each: edits, or `clean`.
        seed: of the edits.
        select_systems: the systems.
        gallery: to judge by.
        on_outcome: receives each outcome.
        log: takes one line of progress.

    Returns:
        A frame's outcomes together, and an edit's together in them, in the order of the systems.
    """
    outcomes: list[Outcome] = []
    for source in sources:
        for kind in kinds:
            picture = make_query_image(source, kind, seed)
            for system in select_systems(source.series):
                outcome = search_and_judge(system, source, kind, picture, gallery)
                outcomes.append(outcome)
                if on_outcome:
                    on_outcome(outcome, picture)
        log(f"asked for {source.path} at {source.second:.1f} s")
    return outcomes


class QueryImageWriter:
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
