"""Sampling of an episode: the options that apply to it, and their id."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.settings import SamplingOptions

CODE_VERSION = 1
"""Incremented whenever the same options store different frames."""
LONG_SIDE = 320
"""Longer side of stored frames in pixels: enough for thumbnails and local features."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an episode is sampled.

    Attributes:
        fps: frames sampled per second.
        skip_start: seconds skipped at the beginning.
        skip_end: seconds skipped at the end.
        similarity_threshold: largest difference of any cell of equal pictures, in gray levels.
        long_side: longer side of stored frames in pixels.
        reading: id of the file's reading; empty for a file whose header tells all.
    """

    fps: float
    skip_start: float
    skip_end: float
    similarity_threshold: float
    long_side: int = LONG_SIDE
    reading: str = ""

    @property
    def id(self) -> str:
        """Hash of everything that decides which frames are stored; names the folder of frames."""
        return _hash_sampling(self)


@lru_cache(maxsize=64)
def _hash_sampling(sampling: Sampling) -> str:
    """Return the id of a sampling, cached as thousands of episodes share one or two."""
    values = asdict(sampling)
    if not sampling.reading:
        del values["reading"]  # frames from before there were readings stay valid
    return hash_json({"code": CODE_VERSION} | values)


def resolve_samplings(
    episodes: Iterable[Episode],
    options: SamplingOptions,
    readings: Mapping[str, str] | None = None,
) -> Mapping[str, Sampling]:
    """Return the sampling of each episode, by its key.

    With `full_first_ep`, opening and ending are not skipped in a season's first numbered episode,
    so that they are indexed once.

    Args:
        episodes: all episodes of the catalogue.
        options: how episodes are sampled now.
        readings: id of a file's reading by fingerprint, where it is not plain.
    """
    read_as = readings or {}
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
            reading=read_as.get(episode.fingerprint, ""),
        )

    return {episode.key: sampling(episode) for episode in everything}
