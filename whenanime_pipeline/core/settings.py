"""The operator's options: `config.toml` in the home, checked, with defaults for the rest."""

import tomllib
from pathlib import Path
from typing import Literal

from pathspec import GitIgnoreSpec
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

LeaveOutType = Literal["opening", "ending", "recap", "preview", "eyecatch", "sponsor"]
"""Types of themes that can be left out of an index."""


class SettingsError(Exception):
    """The configuration file cannot be used; the message names it and says what to mend."""


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LibraryOptions(_Options):
    """How files become episodes."""

    title: str | None = Field(
        default=None, description="series name for season folders that stand under no series"
    )
    ignore: tuple[str, ...] = Field(
        default=(), description="files and folders to leave out: patterns as in a .gitignore"
    )

    @field_validator("ignore")
    @classmethod
    def _check_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            GitIgnoreSpec.from_lines([pattern])  # raises ValueError, which pydantic reports
        return patterns


class SamplingOptions(_Options):
    """Which frames of a video are sampled. A change makes new frames, next to the old ones."""

    fps: float = Field(default=8.0, gt=0, le=60, description="frames sampled per second")
    opening: float = Field(default=0.0, ge=0, description="seconds skipped at the start")
    ending: float = Field(default=0.0, ge=0, description="seconds skipped at the end")
    full_first_ep: bool = Field(
        default=True, description="keep opening and ending of a season's first episode"
    )
    similarity_threshold: float = Field(
        default=6.0,
        ge=0,
        le=255,
        description="two frames are one picture when no cell of 64×36 differs by more gray levels",
    )


class IndexOptions(_Options):
    """What is in the index, and the shape of its HNSW graph (Malkov & Yashunin 2016).

    The shape trades quality against memory and time. What is left out is not part of a manifest:
    its contents say which of their frames are.
    """

    dimension: int | None = Field(
        default=None, ge=2, description="leading components kept; all of the model's when unset"
    )
    m: int = Field(default=16, ge=2, le=100, description="edges a node")
    ef_construction: int = Field(default=200, ge=8, description="candidates while building")
    ef: int = Field(default=128, ge=1, description="candidates while searching")
    leave_out: tuple[LeaveOutType, ...] = Field(
        default=(), exclude=True, description="certain themes that are left out of the index"
    )
    leave_out_first: bool = Field(
        default=False,
        exclude=True,
        description="leave out a theme's first appearance in its season, too",
    )


class RunOptions(_Options):
    """How long finished runs stay in Dagster, apart from those that made what is there now."""

    days: int = Field(default=90, ge=1, description="days that a finished run stays")
    count: int = Field(default=1000, ge=10, description="number of finished runs that stay")


class CharacterOptions(_Options):
    """Whether faces are found in the episodes, and by which detector."""

    enabled: bool = Field(default=False, description="find faces once an episode is searchable")
    detector: str = Field(
        default="animeface",
        description="animeface, or the path of an .onnx network or of an .xml cascade of OpenCV's, "
        "relative to the home",
    )

    @field_validator("detector")
    @classmethod
    def _check_detector(cls, detector: str) -> str:
        if detector != "animeface" and Path(detector).suffix.lower() not in {".onnx", ".xml"}:
            raise ValueError("give animeface, or the path of an .onnx or .xml file")
        return detector


class Settings(_Options):
    """All options of one home."""

    library: LibraryOptions = LibraryOptions()
    sampling: SamplingOptions = SamplingOptions()
    index: IndexOptions = IndexOptions()
    runs: RunOptions = RunOptions()
    characters: CharacterOptions = CharacterOptions()


def load_settings(path: Path) -> Settings:
    """Read `config.toml`; a missing file means the defaults.

    Args:
        path: the file.

    Raises:
        SettingsError: it cannot be read, is not TOML, or an option is unknown or out of range.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin it with a mark
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text; save it as UTF-8 ({error})") from error
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise SettingsError(f"{path}: {problems}") from error
