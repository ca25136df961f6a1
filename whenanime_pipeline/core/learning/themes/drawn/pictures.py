"""Makes picture tracks out of statistics of shots: how long, how alike, how much moves."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.themes.drawn.songs import Rng
from whenanime_pipeline.core.themes.tracks.episode_tracks import PICTURE_HOP, PictureTrack

_DIMENSION = 24
"""Of drawn vectors: random ones are then about as unlike as pictures of other places."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a part of an episode is filmed.

    Attributes:
        places: `(k, dimension)`, vectors of its places.
        shot_seconds: median length of a shot.
        spread: standard deviation of the logarithm of that length.
        motion: share of the frames that differ from the one before.
        drift: how far a vector moves within a shot.
        dissolves: share of the changes between shots that are no cuts.
    """

    places: NDArray[np.float64]
    shot_seconds: float
    spread: float
    motion: float
    drift: float
    dissolves: float


def draw_places(
    rng: Rng, style: NDArray[np.float64], weight: float, count: int
) -> NDArray[np.float64]:
    """Return vectors of places that share a style by a weight from 0 to 1."""
    own = rng.normal(0, 1, (count, _DIMENSION)) / np.sqrt(_DIMENSION)
    places: NDArray[np.float64] = weight * style + (1 - weight) * own
    return places


def draw_style(rng: Rng) -> NDArray[np.float64]:
    """Return the vector of a style."""
    return np.asarray(rng.normal(0, 1, _DIMENSION) / np.sqrt(_DIMENSION))


def draw_story_look(rng: Rng, style: NDArray[np.float64]) -> Look:
    """Return how a story is filmed."""
    return Look(
        places=draw_places(rng, style, rng.uniform(0.05, 0.65), int(rng.integers(2, 60))),
        shot_seconds=float(np.exp(rng.uniform(np.log(1.5), np.log(14)))),
        spread=rng.uniform(0.3, 1.0),
        motion=_draw_motion(rng),
        drift=float(np.exp(rng.uniform(np.log(0.02), np.log(0.3)))),
        dissolves=rng.uniform(0, 0.15),
    )


def _draw_motion(rng: Rng) -> float:
    """Return a share of frames that differ: films move all the time, animation holds drawings."""
    return 1.0 if rng.random() < 0.4 else float(rng.uniform(0.05, 1))


def draw_scene_look(rng: Rng, story: Look, style: NDArray[np.float64]) -> Look:
    """Return how one scene of a story is filmed: at a few of its places, or at new ones."""
    count = int(rng.integers(1, 6))
    if rng.random() < 0.7:
        places = story.places[rng.integers(len(story.places), size=count)]
    else:
        places = draw_places(rng, style, rng.uniform(0, 0.6), count)
    pace = float(np.exp(rng.normal(0, 0.35)))
    return replace(
        story,
        places=places,
        shot_seconds=story.shot_seconds * pace,
        drift=story.drift * float(np.exp(rng.normal(0, 0.4))),
    )


def draw_theme_look(rng: Rng, story: Look, style: NDArray[np.float64], kind: str) -> Look:
    """Return how an opening or ending is filmed, seldom like the story.

    Args:
        rng: decides everything.
        story: look of the episode's story.
        style: of the story.
        kind: of the part.
    """
    draw = rng.random()
    if draw < 0.12:  # made of the story's own pictures
        places = story.places[rng.integers(len(story.places), size=max(3, len(story.places) // 2))]
    elif draw < 0.45:  # the same style, other places
        places = draw_places(rng, style, rng.uniform(0.1, 0.6), int(rng.integers(3, 40)))
    else:
        places = draw_places(rng, draw_style(rng), rng.uniform(0, 0.7), int(rng.integers(1, 40)))
    is_slow = rng.random() < (0.55 if kind == "ending" else 0.12)
    low, high = (3.0, 25.0) if is_slow else (0.7, 4.5)
    return Look(
        places=places,
        shot_seconds=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        spread=rng.uniform(0.1, 0.8),
        motion=rng.uniform(0, 0.4) if is_slow and rng.random() < 0.6 else story.motion,
        drift=float(np.exp(rng.uniform(np.log(0.005 if is_slow else 0.02), np.log(0.35)))),
        dissolves=rng.uniform(0, 0.6) if is_slow else rng.uniform(0, 0.2),
    )


@dataclass(slots=True)
class PictureTimeline:
    """Shots in sequence over the time of an episode.

    Attributes:
        rng: decides everything.
        sharpness: weight of a place against what differs from shot to shot.
    """

    rng: Rng
    sharpness: float
    _frames: list[NDArray[np.int32]] = field(default_factory=list)
    _vectors: list[NDArray[np.float64]] = field(default_factory=list)
    _flat: list[NDArray[np.bool_]] = field(default_factory=list)
    _cuts: list[float] = field(default_factory=list)
    _rows: int = 0
    _count: int = 0

    def add_part(self, look: Look, end: float) -> None:
        """Fill with shots of a look until a second."""
        while (left := end - self._rows * PICTURE_HOP) > PICTURE_HOP / 2:
            draw = self.rng.normal(0, look.spread)
            seconds = max(0.4, look.shot_seconds * float(np.exp(draw)))
            rows = round(min(left, seconds if left - seconds > 0.3 else left) / PICTURE_HOP)
            self._add_shot(look, max(1, rows))

    def add_flat(self, end: float) -> None:
        """Fill with black until a second."""
        rows = round(end / PICTURE_HOP) - self._rows
        if rows > 0:
            black = np.zeros((1, _DIMENSION))
            black[0, 0] = 1
            self._append(np.zeros(rows, np.int64), black, flat=True)

    def _add_shot(self, look: Look, rows: int) -> None:
        place = look.places[int(self.rng.integers(len(look.places)))]
        noise = self.rng.normal(0, 1, _DIMENSION) / np.sqrt(_DIMENSION)
        begin = self.sharpness * place + (1 - self.sharpness) * noise
        moves = self.rng.random(rows) < look.motion ** self.rng.uniform(0.5, 2)
        moves[0] = True
        index = np.cumsum(moves) - 1
        steps = self.rng.normal(0, look.drift / np.sqrt(_DIMENSION), (index[-1] + 1, _DIMENSION))
        steps[1:] *= 0.35
        if self._rows and self.rng.random() >= look.dissolves and self.rng.random() < 0.95:
            self._cuts.append(self._rows * PICTURE_HOP + self.rng.uniform(0, PICTURE_HOP))
        self._append(index, begin + np.cumsum(steps, 0), flat=False)

    def _append(
        self, index: NDArray[np.int64], vectors: NDArray[np.float64], *, flat: bool
    ) -> None:
        self._frames.append((index + self._count).astype(np.int32))
        self._vectors.append(vectors)
        self._flat.append(np.full(len(vectors), flat))
        self._rows += len(index)
        self._count += len(vectors)

    def to_track(self) -> PictureTrack:
        """Return the track of what was added."""
        vectors = np.concatenate(self._vectors)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        return PictureTrack(
            frames=np.concatenate(self._frames),
            vectors=vectors.astype(np.float32),
            hashes=np.zeros(len(vectors), np.uint64),
            is_flat=np.concatenate(self._flat),
            cuts=np.asarray(self._cuts, np.float64),
        )
