"""What is in the sample, as told by those who drew it: frozen values, to and from JSON."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from whenanime_pipeline.core.sample.shots import EpisodePart

SCHEMA_VERSION = (
    1  # raise it when the JSON or the drawing changes: samples of another are made again
)


@dataclass(frozen=True)
class HeadBox:
    """A head, crown to chin, in pixels of the picture, cut at its edges.

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
    """A character in a scene: where the head is seen, at the scene's start if nothing moves."""

    character: str
    boxes: tuple[HeadBox, ...]


@dataclass(frozen=True)
class PictureSpan:
    """Seconds in which the picture is held, only a mouth flaps or an eye blinks, or all moves."""

    kind: Literal["held", "flap", "blink", "moving"]
    start: float
    end: float


@dataclass(frozen=True)
class SubtitleTruth:
    """Words on the picture."""

    start: float
    end: float
    text: str
    role: str


@dataclass(frozen=True)
class SceneTruth:
    """One shot.

    Attributes:
        start, end: seconds from the file's start, end not included.
        part: of the episode.
        move: "still", "pan", "zoom" or "walk".
        place, time_of_day: of the background; None is black.
        background: its seed; equal numbers are one painting.
        dissolve: seconds after `start` during which the scene before still shows through.
        characters: who is there.
        spans: what the picture does.
        subtitles: what is written on it.
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
    """An opening or ending; two with one song and different versions differ in pictures."""

    start: float
    end: float
    version: str


@dataclass(frozen=True)
class EpisodeTruth:
    """One file.

    Attributes:
        path: relative to the library's folder, with forward slashes.
        bytes: the file's size.
        series, season, season_name, episode, title: what it is.
        duration: seconds; `frames` frames of 1001/24000 s.
        fps: frames a second.
        width, height: pixels.
        scenes: in order, without gaps.
        opening, ending: None when absent.
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
        """The scene at a second.

        Raises:
            ValueError: the file has no such second.
        """
        for scene in self.scenes:
            if scene.start <= time < scene.end:
                return scene
        raise ValueError(f"{self.path} has no second {time}: it lasts {self.duration:.3f} s")


@dataclass(frozen=True)
class CharacterTruth:
    """Who somebody is: what can be seen of them in every episode."""

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
    """What a sample is made from; equal recipes give equal samples."""

    schema: int
    size: tuple[int, int]
    seed: int
    episodes: int


@dataclass(frozen=True)
class SampleTruth:
    """The whole sample."""

    recipe: SampleRecipe
    series: tuple[SeriesTruth, ...]
    files: tuple[EpisodeTruth, ...]

    def get_episode(self, path: str) -> EpisodeTruth:
        """The truth of one file.

        Raises:
            KeyError: no such path in the sample.
        """
        for entry in self.files:
            if entry.path == path:
                return entry
        raise KeyError(path)

    def to_json(self) -> bytes:
        """The truth as indented UTF-8 JSON."""
        return TypeAdapter(SampleTruth).dump_json(self, indent=1)

    @staticmethod
    def from_json(data: bytes | str) -> "SampleTruth":
        """The truth from JSON.

        Raises:
            pydantic.ValidationError: not a sample's truth.
        """
        return TypeAdapter(SampleTruth).validate_json(data)
