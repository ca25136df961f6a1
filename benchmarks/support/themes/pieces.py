"""Episodes as sequences of pieces, and the releases that files are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import cv2
import numpy as np

from benchmarks.support.themes.scenery import HEIGHT, WIDTH, Image, pick_colour
from benchmarks.support.themes.shots import PictureSource
from benchmarks.support.themes.story_sound import SoundSource
from whenanime_pipeline.core.themes.segments import SegmentType

PieceType = SegmentType | Literal["story"]
FRAMES = 24
"""Frames a second of a composition; releases may play them faster or slower."""
Modality = Literal["pictures", "sound"]
SoundKind = Literal["whole", "none", "broken", "short"]
BOTH: frozenset[Modality] = frozenset({"pictures", "sound"})


@dataclass(frozen=True, slots=True)
class Layer:
    """Sound that is mixed into a piece.

    Attributes:
        source: where it comes from.
        start: frame of the source at which it begins.
        gain: factor.
    """

    source: SoundSource
    start: int = 0
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an episode.

    Attributes:
        type: what it is.
        frames: its length.
        picture: source of its pictures.
        start: frame of the source at which it begins.
        layers: its sound.
        template: name of what it shows again; None for what is its own.
        repeats: in what its likes in other episodes are the same.
        names: seed of names written over it; None without.
    """

    type: PieceType
    frames: int
    picture: PictureSource
    start: int = 0
    layers: tuple[Layer, ...] = ()
    template: str | None = None
    repeats: frozenset[Modality] = BOTH
    names: int | None = None

    def draw(self, frame: int) -> Image:
        """Return the picture of a frame of the piece."""
        canvas = self.picture.draw((self.start + frame) // 3)
        if self.names is not None:
            _write_names(canvas, self.names, frame // (4 * FRAMES))
        return canvas


@dataclass(frozen=True, slots=True)
class Release:
    """How a composition becomes a file.

    Attributes:
        rate: frames a second; sound is played faster or slower with the pictures.
        crf: quality of the pictures, lower is better.
        gain: change of the sound in decibels.
        layout: of the sound.
        sample_rate: of the sound.
        bit_rate: of the sound.
        sound: `none` has no sound, `broken` has unreadable packets in its middle fifth, `short`
            ends after three fifths of the picture.
        is_pillarboxed: whether the pictures have black bars left and right.
        has_logo: whether a logo stands in a corner.
        brightness: change of the pictures, in levels.
        suffix: of the file.
    """

    rate: Fraction = Fraction(24)
    crf: int = 26
    gain: float = 0.0
    layout: Literal["mono", "stereo"] = "mono"
    sample_rate: int = 24000
    bit_rate: int = 48000
    sound: SoundKind = "whole"
    is_pillarboxed: bool = False
    has_logo: bool = False
    brightness: int = 0
    suffix: str = ".mp4"


@dataclass(frozen=True, slots=True)
class Composition:
    """An episode to be written.

    Attributes:
        pieces: in order.
        release: how it is written.
    """

    pieces: tuple[Piece, ...]
    release: Release = Release()

    @property
    def frames(self) -> int:
        """Length in frames."""
        return sum(piece.frames for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """A season to be composed.

    Attributes:
        name: of its folder.
        condition: which hard case it is of.
        source: of its themes: `drawn A`, `drawn B`, `films`, or `none`.
        episodes: in order.
        base_rate: rate at which its sound has its own pitch.
    """

    name: str
    condition: str
    source: str
    episodes: tuple[Composition, ...]
    base_rate: Fraction = Fraction(24)


@dataclass(frozen=True, slots=True)
class Card:
    """A static picture with a few lines of writing, or plain black."""

    seed: int | None

    def draw(self, number: int) -> Image:  # noqa: ARG002
        """Return the picture, the same for every number."""
        if self.seed is None:
            return np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        rng = np.random.default_rng([self.seed, 41])
        canvas = np.full((HEIGHT, WIDTH, 3), pick_colour(rng, 0.6, 0.5, 0.6), np.uint8)
        for _ in range(4):
            corner = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
            size = int(rng.integers(20, 90))
            cv2.circle(canvas, corner, size, pick_colour(rng, 0.5, 0.5, 0.5), -1, cv2.LINE_AA)
        for line in range(int(rng.integers(2, 5))):
            place = (int(rng.integers(15, 80)), 50 + 32 * line)
            cv2.putText(canvas, invent_name(rng), place, 3, 0.6, (250, 250, 250), 1, cv2.LINE_AA)
        return canvas


BLACK = Card(None)


def trim_pieces(pieces: Sequence[Piece], before: int, after: int) -> tuple[Piece, ...]:
    """Return pieces without the first and the last frames of the episode."""
    kept, at = [], 0
    total = sum(piece.frames for piece in pieces)
    for piece in pieces:
        skip = min(piece.frames, max(0, before - at))
        drop = min(piece.frames - skip, max(0, at + piece.frames - (total - after)))
        if piece.frames - skip - drop > 0:
            layers = tuple(replace(layer, start=layer.start + skip) for layer in piece.layers)
            length = piece.frames - skip - drop
            kept.append(replace(piece, frames=length, start=piece.start + skip, layers=layers))
        at += piece.frames
    return tuple(kept)


def invent_name(rng: np.random.Generator) -> str:
    """Return two invented words."""
    words = []
    for _ in range(2):
        syllables = rng.choice(list(_SYLLABLES), int(rng.integers(2, 4)))
        words.append("".join(syllables).capitalize())
    return " ".join(words)


_SYLLABLES = ("ka", "mi", "to", "ra", "sen", "ho", "yu", "ne", "ki", "sa", "do", "wa", "shi", "ru")


def _write_names(canvas: Image, seed: int, card: int) -> None:
    rng = np.random.default_rng([seed, card, 42])
    for line in range(2):
        place = (int(rng.integers(10, 120)), 120 + 26 * line)
        name = invent_name(rng)
        cv2.putText(canvas, name, place, 3, 0.5, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(canvas, name, place, 3, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
