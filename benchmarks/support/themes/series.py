"""Series to compose episodes of: their world, their music, and themes drawn or cut out of films."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.support.themes.film_clips import FilmCut, FilmMontage
from benchmarks.support.themes.pieces import FRAMES
from benchmarks.support.themes.scenery import Look
from benchmarks.support.themes.shots import PictureSource, ShotFilm, World, plan_cuts
from benchmarks.support.themes.songs import STYLES, Song
from benchmarks.support.themes.story_sound import SongSound, SoundSource


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme that episodes show again.

    Attributes:
        name: of the template.
        frames: its length.
        picture: source of its pictures.
        sound: source of its sound.
    """

    name: str
    frames: int
    picture: PictureSource
    sound: SoundSource


@dataclass(frozen=True, slots=True)
class Series:
    """What the episodes of a season share.

    Attributes:
        seed: of everything.
        world: of the story.
        music: songs that play under the story.
    """

    seed: int
    world: World
    music: tuple[Song, ...]

    def song(self, number: int, seconds: float, voice: int | None = None) -> Song:
        """Return a song of the series by number."""
        rng = np.random.default_rng([self.seed, number, 52])
        style = STYLES[int(rng.integers(len(STYLES)))]
        return Song(style, self.seed * 100 + number, seconds, voice)

    def theme(self, name: str, number: int, seconds: float) -> Theme:
        """Return a drawn theme by number; its places and figures are its own."""
        song, world = self.song(number, seconds), self.theme_world(number)
        cuts = plan_cuts(self.seed * 100 + number, seconds, song.beat)
        film = ShotFilm(world, self.seed * 100 + number, cuts, is_lively=True)
        return Theme(name, round(seconds * FRAMES), film, SongSound(song))

    def theme_world(self, number: int) -> World:
        """Return the world of a theme by number."""
        seed = self.seed * 100 + 50 + number
        return World(self.world.look, (self.world.hue + 0.17 * number) % 1, seed)


def make_series(seed: int, look: Look) -> Series:
    """Return a series by its seed."""
    rng = np.random.default_rng([seed, 51])
    music = tuple(
        Song(STYLES[int(rng.integers(len(STYLES)))], seed * 100 + 60 + number, 50)
        for number in range(5)
    )
    return Series(seed, World(look, float(rng.uniform(0, 1)), seed), music)


@dataclass(frozen=True, slots=True)
class Films:
    """Films that themes and stories are cut out of.

    Attributes:
        clips: eighteen clips of 8 s with sound.
        trailer: a trailer of 52 s with sound.
        feature: ten minutes without sound.
        shorts: films of a minute without sound.
    """

    clips: tuple[Path, ...]
    trailer: Path
    feature: Path
    shorts: tuple[Path, ...]

    def clip_theme(self, name: str, first: int, count: int, seconds: float = 8.0) -> Theme:
        """Return a theme of clips with their own sound, `seconds` of each."""
        cuts = tuple(FilmCut(path, 0, seconds) for path in self.clips[first : first + count])
        return self._theme(name, cuts)

    def trailer_theme(self, name: str, start: float, seconds: float) -> Theme:
        """Return a part of the trailer as a theme, with its own sound."""
        return self._theme(name, (FilmCut(self.trailer, start, seconds),))

    def cut_theme(self, name: str, song: Song) -> Theme:
        """Return a theme of short cuts of the first three minutes of the feature, with a song."""
        rng = np.random.default_rng([song.seed, 53])
        starts = rng.permutation(np.arange(12, 180, 4))
        cuts, seconds = [], 0.0
        for start in starts:
            length = min(float(rng.integers(8, 31)) / 8, song.seconds - seconds)
            cuts.append(FilmCut(self.feature, float(start), round(length * 8) / 8))
            seconds += cuts[-1].seconds
            if seconds >= song.seconds - 0.125:
                break
        montage = FilmMontage(tuple(cuts))
        return Theme(name, round(seconds * FRAMES), montage, SongSound(song))

    def _theme(self, name: str, cuts: tuple[FilmCut, ...]) -> Theme:
        montage = FilmMontage(cuts)
        return Theme(name, round(sum(cut.seconds for cut in cuts) * FRAMES), montage, montage)


def find_films(folder: Path) -> Films | None:
    """Return the films of a folder `library`; None if it lacks some."""
    clips = sorted(folder.glob("01_*/*.mp4"))
    trailers = sorted(folder.glob("Sintel/*.mp4"))
    features = sorted(folder.glob("Big Buck Bunny*/*.mp4"))
    shorts = sorted(folder.glob("Popeye/*/*.mp4"))
    if len(clips) < 18 or not trailers or not features or len(shorts) < 2:
        return None
    return Films(tuple(clips), trailers[0], features[0], tuple(shorts))
