"""Scripts: an episode built piece by piece."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from benchmarks.support.themes.film_clips import FilmMontage
from benchmarks.support.themes.pieces import (
    BLACK,
    BOTH,
    FRAMES,
    Card,
    Composition,
    Layer,
    Modality,
    Piece,
    PieceType,
    Release,
    trim_pieces,
)
from benchmarks.support.themes.series import Series, Theme
from benchmarks.support.themes.shots import PictureSource, ShotFilm, plan_story
from benchmarks.support.themes.songs import Song
from benchmarks.support.themes.story_sound import SongSound, StorySound

_STORY = 1700
"""Seconds of story that an episode has at most."""


class Script:
    """An episode that grows by pieces; every method that adds one returns the script."""

    def __init__(self, series: Series, number: int) -> None:
        """Begin the episode of that number."""
        self.series, self.number = series, number
        self.rng = np.random.default_rng([series.seed, number, 61])
        seed = series.seed * 1000 + 500 + number
        self.film: PictureSource = ShotFilm(series.world, seed, plan_story(seed, _STORY))
        self.sound: StorySound = StorySound(seed, series.music)
        self.at = 0
        self.pieces: list[Piece] = []

    def use_film(self, montage: FilmMontage) -> Self:
        """Take the story's pictures out of films."""
        self.film = montage
        return self

    def use_sound(self, sound: StorySound) -> Self:
        """Take another sound for the story."""
        self.sound = sound
        return self

    def story(self, seconds: float) -> Self:
        """Go on with the story, a second longer or shorter."""
        frames = max(12, round(seconds * FRAMES) + int(self.rng.integers(-FRAMES, FRAMES)))
        layers = (Layer(self.sound, self.at),)
        self.pieces.append(Piece("story", frames, self.film, self.at, layers))
        self.at += frames
        return self

    def show(
        self,
        theme: Theme,
        kind: PieceType,
        *,
        start: int = 0,
        frames: int | None = None,
        names: int | None = None,
        picture: PictureSource | None = None,
        song: Song | None = None,
        talk: float = 0.0,
        repeats: frozenset[Modality] = BOTH,
    ) -> Self:
        """Show a theme, or a part of it.

        Args:
            theme: what to show.
            kind: what it is here.
            start: first frame of it.
            frames: how many; all that follow where None.
            names: seed of the names written over it.
            picture: pictures instead of its own.
            song: instead of its own sound.
            talk: loudness of talk over it.
            repeats: what of it other episodes show too.
        """
        layers = [Layer(theme.sound if song is None else SongSound(song), start)]
        if talk:
            layers[0] = replace(layers[0], gain=0.5)
            layers.append(Layer(StorySound(self.series.seed * 1000 + self.number), start, talk))
        length = theme.frames - start if frames is None else frames
        self.pieces.append(
            Piece(
                kind,
                length,
                theme.picture if picture is None else picture,
                start,
                tuple(layers),
                theme.name,
                repeats,
                names,
            )
        )
        return self

    def card(self, kind: PieceType, seed: int, seconds: float, jingle: Song | None = None) -> Self:
        """Show a static card, with a jingle or in near silence; the same seed is the same card."""
        sound = SongSound(jingle) if jingle else StorySound(seed + self.number, speech=0)
        name = None if kind == "story" else f"{kind} {seed}"
        piece = Piece(kind, round(seconds * FRAMES), Card(seed), 0, (Layer(sound),), name)
        self.pieces.append(piece)
        return self

    def black(self, seconds: float) -> Self:
        """Show black in silence, part of the story."""
        self.pieces.append(Piece("story", round(seconds * FRAMES), BLACK))
        return self

    def clips(
        self,
        kind: PieceType,
        earlier: Sequence["Script"],
        seconds: float,
        *,
        own_sound: float = 0.0,
        over: Sequence[Layer] = (),
    ) -> Self:
        """Show clips of other episodes' stories of 2 to 6 s, with sound over them.

        Args:
            kind: what they are together.
            earlier: episodes that they are taken from.
            seconds: of all.
            own_sound: loudness of their own sound.
            over: sound over all of them.
        """
        left, done = round(seconds * FRAMES), 0
        while left > 0:
            frames = min(left, int(self.rng.integers(2 * FRAMES, 6 * FRAMES)))
            other = earlier[int(self.rng.integers(len(earlier)))]
            shown = [piece for piece in other.pieces if _is_own_story(piece, other, frames)]
            piece = shown[int(self.rng.integers(len(shown)))]
            start = piece.start + int(self.rng.integers(0, piece.frames - frames))
            layers = [replace(layer, start=layer.start + done) for layer in over]
            if own_sound:
                layers.append(Layer(other.sound, start, own_sound))
            name = None if kind == "story" else kind
            clip = Piece(kind, frames, other.film, start, tuple(layers), name, frozenset())
            self.pieces.append(clip)
            left, done = left - frames, done + frames
        return self

    def narrate(self, music: Song | None = None) -> tuple[Layer, ...]:
        """Return a narrator's voice, with music under it."""
        voice = StorySound(self.series.seed * 1000 + 900 + self.number)
        under = () if music is None else (Layer(SongSound(music), 0, 0.5),)
        return (Layer(voice), *under)

    def compose(
        self, release: Release | None = None, *, before: int = 0, after: int = 0
    ) -> Composition:
        """Return the episode, without its first and last frames if some are to be cut off."""
        pieces = trim_pieces(self.pieces, before, after)
        return Composition(pieces, release or Release())


def _is_own_story(piece: Piece, script: Script, frames: int) -> bool:
    return piece.type == "story" and piece.picture is script.film and piece.frames > frames + FRAMES
