"""Runs every query on every system, with one picture in memory at a time."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.support.retrieval.edited_queries import Picture, QueryFrame, make_query_image
from benchmarks.support.retrieval.gallery import Gallery
from benchmarks.support.retrieval.outcomes import Outcome, search_and_judge
from benchmarks.support.retrieval.systems import RetrievalSystem
from whenanime_pipeline.core.media.picture_codec import encode_jpeg

SystemSelector = Callable[[str], Sequence[RetrievalSystem]]
"""Series → the systems to evaluate; ours has a model not trained on the series."""

OutcomeCallback = Callable[[Outcome, Picture], None]
"""Receives each outcome with its query picture."""


def always_select(*systems: RetrievalSystem) -> SystemSelector:
    """Return a selector of the same systems for every series."""
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
    """Search for each frame with each edit.

    Args:
        sources: query frames.
        kinds: names of edits, or `clean`.
        seed: seed of the edits.
        select_systems: returns the systems for a series.
        gallery: frames of the library, to judge answers by.
        on_outcome: receives each outcome.
        log: takes one line of progress.

    Returns:
        Outcomes, sorted by frame, edit and system.
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
        log(f"searched for {source.path} at {source.second:.1f} s")
    return outcomes


class QueryImageWriter:
    """Writes query pictures of selected outcomes to a folder."""

    def __init__(self, folder: Path, wanted: Callable[[Outcome], bool]) -> None:
        """Make the folder.

        Args:
            folder: folder to write to.
            wanted: returns whether to write an outcome's picture.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._wanted = folder, wanted

    def __call__(self, outcome: Outcome, picture: Picture) -> None:
        """Write a picture if its outcome is selected."""
        if not self._wanted(outcome):
            return
        name = f"{outcome.kind}-{outcome.source.number:04}-{outcome.system.replace(' ', '_')}"
        (self._folder / f"{name}.jpg").write_bytes(encode_jpeg(picture))
