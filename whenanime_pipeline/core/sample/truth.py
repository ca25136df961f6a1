"""Defines the ground truth of the sample as frozen values, to and from JSON."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from whenanime_pipeline.core.sample.shots import EpisodePart

SCHEMA_VERSION = (
    1  # increment when JSON or drawing change: samples of other versions are drawn again
)


@dataclass(frozen=True)
class HeadBox:
    """Box of a head, crown to chin, in pixels of the picture, cropped to it.

    Attributes:
        time: seconds from the file's start.
        left, top, right, bottom: pixels.
    """

    time: float
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Appearance:
    """A character in a scene with boxes of the head; one at the scene's start if nothing moves."""

    character: str
    boxes: tuple[HeadBox, ...]


@dataclass(frozen=True)
class PictureSpan:
    """Seconds in which the picture is held, only a mouth or eyes move, or everything moves."""

    kind: Literal["held", "flap", "blink", "moving"]
    start: float
    end: float


@dataclass(frozen=True)
class SubtitleTruth:
    """Text on the picture."""

    start: float
    end: float
    text: str
    role: str


@dataclass(frozen=True)
class SceneTruth:
    """One shot.

    Attributes:
        start, end: seconds from the file's start, end not included.
        part: part of the episode.
        move: "still", "pan", "zoom" or "walk".
        place, time_of_day: place and time of the background; None is black.
        background: seed of the background; equal seeds are one painting.
        dissolve: seconds after `start` in which the previous scene is still visible.
        characters: characters in the scene.
        spans: spans by movement of the picture.
        subtitles: texts on the picture.
    """

    start: float
    end: float
    part: EpisodePart
    move: str
    place: str | None
    time_of_day: str | None
    background: int | None
    dissolve: float
    characters: tuple[Appearance, ...]
    spans: tuple[PictureSpan, ...]
    subtitles: tuple[SubtitleTruth, ...]


@dataclass(frozen=True)
class ThemeTruth:
    """An opening or ending; versions with one song differ in their pictures."""

    start: float
    end: float
    version: str


@dataclass(frozen=True)
class EpisodeTruth:
    """One file.

    Attributes:
        path: relative to the library's folder, with forward slashes.
        bytes: the file's size.
        series, season, season_name, episode, title: identity of the episode.
        duration: length in seconds.
        frames: number of frames of 1001/24000 s.
        fps: frames per second.
        width, height: pixels.
        scenes: scenes in order, without gaps.
        opening, ending: themes, None when absent.
    """

    path: str
    bytes: int
    series: str
    season: int
    season_name: str
    episode: int
    title: str
    duration: float
    frames: int
    fps: float
    width: int
    height: int
    scenes: tuple[SceneTruth, ...]
    opening: ThemeTruth | None
    ending: ThemeTruth | None

    def scene_at(self, time: float) -> SceneTruth:
        """Return the scene at a second.

        Raises:
            ValueError: the file has no such second.
        """
        for scene in self.scenes:
            if scene.start <= time < scene.end:
                return scene
        raise ValueError(f"{self.path} has no second {time}: it lasts {self.duration:.3f} s")


@dataclass(frozen=True)
class CharacterTruth:
    """Visible features of a character, the same in every episode."""

    name: str
    hair: str
    hair_shape: str
    eyes: str
    outfit: str


@dataclass(frozen=True)
class SeriesTruth:
    """One series."""

    title: str
    native: str
    romaji: str
    english: str
    anilist: int
    mal: int
    cast: tuple[CharacterTruth, ...]


@dataclass(frozen=True)
class SampleRecipe:
    """Options of a sample; equal recipes give equal samples."""

    schema: int
    size: tuple[int, int]
    seed: int
    episodes: int


@dataclass(frozen=True)
class SampleTruth:
    """Ground truth of the whole sample."""

    recipe: SampleRecipe
    series: tuple[SeriesTruth, ...]
    files: tuple[EpisodeTruth, ...]

    def get_episode(self, path: str) -> EpisodeTruth:
        """Return the ground truth of one file.

        Raises:
            KeyError: no such path in the sample.
        """
        for entry in self.files:
            if entry.path == path:
                return entry
        raise KeyError(path)

    def to_json(self) -> bytes:
        """Return the ground truth as indented UTF-8 JSON."""
        return TypeAdapter(SampleTruth).dump_json(self, indent=1)

    @staticmethod
    def from_json(data: bytes | str) -> "SampleTruth":
        """Return the ground truth from JSON.

        Raises:
            pydantic.ValidationError: not a sample's truth.
        """
        return TypeAdapter(SampleTruth).validate_json(data)
