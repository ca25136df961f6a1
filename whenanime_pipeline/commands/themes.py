"""`whenanime themes`: the themes of the library's episodes, listed or written for players."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.search import format_timecode
from whenanime_pipeline.core.discs.disc_folder import is_disc_folder
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.file_reading import parse_stored_reading
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.themes.errors import LabelsError
from whenanime_pipeline.core.themes.export.episode import ExportedEpisode
from whenanime_pipeline.core.themes.lookup import ThemesReader
from whenanime_pipeline.core.themes.segments import Segment


@dataclass(frozen=True, slots=True)
class ListedEpisode:
    """An episode with its themes.

    Attributes:
        record: the episode.
        segments: its segments in order of time, as the operator's word has them.
        is_computed: whether themes were looked for.
    """

    record: EpisodeRecord
    segments: tuple[Segment, ...]
    is_computed: bool

    @property
    def exported(self) -> ExportedEpisode:
        """What files are written from."""
        one = self.record
        parts = parse_stored_reading(one.reading).parts
        folders = PurePosixPath(one.path).parts[:-1]
        is_in_parts = any(part.number for part in parts) or any(map(is_disc_folder, folders))
        return ExportedEpisode(one.key, one.path, one.duration, self.segments, is_in_parts)


def list_episodes(home: Home, series: str | None) -> tuple[list[ListedEpisode], LabelsError | None]:
    """Return the episodes of the published snapshot with their themes, season by season.

    Args:
        home: home of the library.
        series: name of the only series to list; None for all.

    Returns:
        The episodes; and why `themes.yaml` cannot be used, when an earlier word is in force.

    Raises:
        SnapshotError: nothing is published yet, or what is cannot be read.
        CommandError: no series has that name.
    """
    latest = read_latest_id(home.snapshots)
    if latest is None:
        raise SnapshotError(f"{home.snapshots}: nothing is indexed yet; run whenanime index")
    snapshot = Snapshot(home.snapshots / latest)
    names = sorted({episode.series for episode in snapshot.episodes})
    if series is not None and series not in names:
        raise CommandError(f"{series}: no series of this library; there are {', '.join(names)}")
    view = ThemesReader(home).view(snapshot)
    listed = [
        ListedEpisode(one, season.themes.episodes[one.fingerprint], season.is_computed)
        for name in (names if series is None else [series])
        for season in view.list_seasons(name)
        for one in season.episodes
    ]
    return listed, view.problem


def describe_episodes(episodes: Sequence[ListedEpisode]) -> list[dict[str, Any]]:
    """Return episodes and their segments as JSON."""
    return [
        {
            "key": one.record.key,
            "series": one.record.series,
            "path": one.record.path,
            "duration": round(one.record.duration, 3),
            "computed": one.is_computed,
            "themes": [_describe_segment(segment) for segment in one.segments],
        }
        for one in episodes
    ]


def format_episode(episode: ListedEpisode) -> str:
    """Return one line: the file, and its segments."""
    parts = [_format_segment(one) for one in episode.segments]
    nothing = "no themes" if episode.is_computed else "not looked into yet"
    return f"{episode.record.path}: {', '.join(parts) or nothing}"


def _format_segment(segment: Segment) -> str:
    times = f"{format_timecode(segment.start)}–{format_timecode(segment.end)}"
    sure = "" if segment.confidence == "certain" else f" ({segment.confidence})"
    return f"{segment.type} {times}{sure}{', never skipped' if segment.never_skip else ''}"


def _describe_segment(segment: Segment) -> dict[str, Any]:
    evidence = segment.evidence
    return {
        "type": segment.type,
        "start": round(segment.start, 3),
        "end": round(segment.end, 3),
        "startError": round(segment.start_error, 3),
        "endError": round(segment.end_error, 3),
        "confidence": segment.confidence,
        "template": segment.template,
        "first": segment.is_first,
        "skippable": segment.is_skippable,
        "evidence": {
            "witnesses": list(evidence.witnesses),
            "partners": evidence.partners,
            "sound": evidence.sound,
            "pictures": evidence.pictures,
        },
    }
