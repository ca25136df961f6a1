"""Which frames of one episode are stored: the options as they apply to it, and their id."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.settings import SamplingOptions

# Raised when the same options would store other frames than before.
CODE_VERSION = 1
LONG_SIDE = 320
"""Pixels of a stored frame's longer side: enough for faces, thumbnails and local features."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one episode is sampled.

    Attributes:
        fps: frames sampled per second.
        skip_start: seconds left out at the beginning.
        skip_end: seconds left out at the end.
        similarity_threshold: gray levels by which a cell of one picture may differ.
        long_side: pixels of a stored frame's longer side.
    """

    fps: float
    skip_start: float
    skip_end: float
    similarity_threshold: float
    long_side: int = LONG_SIDE

    @property
    def id(self) -> str:
        """Names all that decides which frames are stored: other options never share a folder."""
        return _hash_sampling(self)


@lru_cache(maxsize=64)
def _hash_sampling(sampling: Sampling) -> str:
    """Return the id of a way of sampling; thousands of episodes share one or two."""
    return hash_json({"code": CODE_VERSION} | asdict(sampling))


def resolve_samplings(
    episodes: Iterable[Episode], options: SamplingOptions
) -> Mapping[str, Sampling]:
    """Return how each episode is sampled, by its key.

    With `full_first_ep`, a season's first numbered episode keeps its opening and ending, as the
    others may only repeat it.
    """
    everything = list(episodes)
    first: dict[tuple[str, int | None], int] = {}
    for episode in everything:
        name = episode.name
        if name.number is not None:
            season = (name.series, name.season)
            first[season] = min(name.number, first.get(season, name.number))

    def sampling(episode: Episode) -> Sampling:
        name = episode.name
        leads = name.number is not None and name.number == first[name.series, name.season]
        whole = options.full_first_ep and leads
        return Sampling(
            fps=options.fps,
            skip_start=0.0 if whole else options.opening,
            skip_end=0.0 if whole else options.ending,
            similarity_threshold=options.similarity_threshold,
        )

    return {episode.key: sampling(episode) for episode in everything}
