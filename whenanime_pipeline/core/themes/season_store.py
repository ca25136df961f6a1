"""Reads and writes the themes of a season as JSON."""

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.themes.errors import DamagedThemesError, ThemesError
from whenanime_pipeline.core.themes.segments import SeasonThemes, Segment

SCHEMA_VERSION = 1
"""Version of the file format; incremented when older programs cannot read it."""
_ADAPTER = TypeAdapter(SeasonThemes)
_TOUCHING = 1e-6
"""Seconds by which neighbours may overlap: rounding of floating point numbers."""


def read_season_themes(path: Path) -> SeasonThemes | None:
    """Read the themes of a season.

    Args:
        path: `Home.season_themes_file`.

    Returns:
        The themes; None where the file is missing: they were not computed yet.

    Raises:
        DamagedThemesError: it is damaged.
        ThemesError: it cannot be read, or was written by a newer program.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ThemesError(f"{path}: cannot be read ({error.strerror or error})") from error
    return parse_season_themes(data, path)


def parse_season_themes(data: bytes, path: Path) -> SeasonThemes:
    """Return the themes that a file's content holds.

    Args:
        data: the content.
        path: the file, for messages.

    Raises:
        ThemesError: as `read_season_themes`.
    """
    try:
        document = json.loads(data)
        schema = document["schema"]
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            raise ThemesError(
                f"{path}: was written by a newer WhenAnime (schema {schema}, this one knows"
                f" {SCHEMA_VERSION}); update WhenAnime, or delete the file to compute it again"
            )
        themes = _ADAPTER.validate_python(document["themes"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DamagedThemesError(_describe_damage(path, _first_line(error))) from error
    problem = find_problem(themes)
    if problem is not None:
        raise DamagedThemesError(_describe_damage(path, problem))
    return themes


def write_season_themes(path: Path, themes: SeasonThemes) -> None:
    """Write the themes of a season; readers see the old or the new ones.

    Args:
        path: `Home.season_themes_file`; its folder is created.
        themes: the themes.

    Raises:
        ValueError: segments overlap, or have impossible times.
        ThemesError: the file cannot be written.
    """
    problem = find_problem(themes)
    if problem is not None:
        raise ValueError(problem)
    data = b'{"schema": %d, "themes": %s}\n' % (SCHEMA_VERSION, _ADAPTER.dump_json(themes))
    try:
        with atomic_write(path) as part:
            part.write_bytes(data)
    except OSError as error:
        raise ThemesError(f"{path}: cannot be written ({error.strerror or error})") from error


def find_problem(themes: SeasonThemes) -> str | None:
    """Return why some themes cannot be right: times, overlaps, unknown templates; None if not."""
    known = {template.id for template in themes.templates}
    if len(known) != len(themes.templates):
        return "two templates have one id"
    for fingerprint, segments in themes.episodes.items():
        problem = _find_segment_problem(segments)
        if problem is not None:
            return f"{fingerprint}: {problem}"
        for segment in segments:
            if segment.template is not None and segment.template not in known:
                return f"{fingerprint}: no template has the id {segment.template}"
    return None


def _find_segment_problem(segments: Sequence[Segment]) -> str | None:
    for one in segments:
        times = (one.start, one.end, one.start_error, one.end_error)
        if not all(map(math.isfinite, times)) or min(times) < 0 or one.end <= one.start:
            return f"a segment from {one.start} to {one.end} s is impossible"
    for one, after in pairwise(segments):
        if after.start < one.end - _TOUCHING:
            return f"segments at {one.start} and {after.start} s overlap or are out of order"
    return None


def _describe_damage(path: Path, reason: str) -> str:
    return f"{path}: is damaged; delete it, and its season's themes are computed again ({reason})"


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return next(iter(str(error).splitlines()), type(error).__name__)
