"""The truth of composed seasons: where every segment is, to the frame; written next to them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.support.themes.pieces import Composition, Modality, Piece, SeasonPlan
from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment

TRUTH_FILE = "truth.json"
"""Name of the file in a season's folder; it is there once the season is whole."""


@dataclass(frozen=True, slots=True)
class ComposedSegment(TrueSegment):
    """A segment as it was composed.

    Attributes:
        template: name of what it shows.
        repeats: what of it other episodes of the season repeat, sorted.
    """

    template: str | None
    repeats: tuple[Modality, ...]


@dataclass(frozen=True, slots=True)
class EpisodeTruth:
    """An episode as it was composed.

    Attributes:
        file: name of the file.
        number: of the episode.
        frames: of the picture.
        frame_rate: frames a second.
        seconds: of the picture.
        sound_seconds: of the sound; None without sound.
        segments: in order of time.
    """

    file: str
    number: int
    frames: int
    frame_rate: float
    seconds: float
    sound_seconds: float | None
    segments: tuple[ComposedSegment, ...]


@dataclass(frozen=True, slots=True)
class SeasonTruth:
    """A season as it was composed.

    Attributes:
        name: of its folder.
        condition: which hard case it is of.
        source: of its themes.
        episodes: in order.
    """

    name: str
    condition: str
    source: str
    episodes: tuple[EpisodeTruth, ...]


def describe_episode(name: str, number: int, episode: Composition) -> EpisodeTruth:
    """Return the truth of an episode from its pieces."""
    rate, frames = episode.release.rate, episode.frames
    share = {"none": None, "short": 0.6}.get(episode.release.sound, 1.0)
    silent = episode.release.sound == "none"
    segments: list[ComposedSegment] = []
    at, last = 0, None
    for piece in episode.pieces:
        start, end = float(at / rate), float((at + piece.frames) / rate)
        if piece.type != "story":
            repeats = tuple(sorted(r for r in piece.repeats if r == "pictures" or not silent))
            found = ComposedSegment(piece.type, start, end, piece.template, repeats)
            if last is not None and _is_one(last, piece):
                found = ComposedSegment(
                    piece.type, segments.pop().start, end, piece.template, repeats
                )
            segments.append(found)
        at, last = at + piece.frames, piece
    seconds = float(frames / rate)
    sound = None if share is None else seconds * share
    return EpisodeTruth(name, number, frames, float(rate), seconds, sound, tuple(segments))


def describe_season(plan: SeasonPlan, episodes: Sequence[EpisodeTruth]) -> SeasonTruth:
    """Return the truth of a season from that of its episodes."""
    return SeasonTruth(plan.name, plan.condition, plan.source, tuple(episodes))


def write_truth(folder: Path, truth: SeasonTruth) -> None:
    """Write the truth into a season's folder."""
    write_text(folder / TRUTH_FILE, json.dumps(asdict(truth), indent=1, ensure_ascii=False))


def read_truth(folder: Path) -> SeasonTruth | None:
    """Return the truth of a season's folder; None while the season is not whole."""
    path = folder / TRUTH_FILE
    if not path.is_file():
        return None
    data = json.loads(path.read_text("utf-8"))
    episodes = []
    for episode in data.pop("episodes"):
        segments = tuple(
            ComposedSegment(**segment | {"repeats": tuple(segment["repeats"])})
            for segment in episode.pop("segments")
        )
        episodes.append(EpisodeTruth(**episode, segments=segments))
    return SeasonTruth(**data, episodes=tuple(episodes))


def _is_one(last: Piece, piece: Piece) -> bool:
    """Return whether a piece goes on with the segment of the last one."""
    return last.type == piece.type and last.template == piece.template
