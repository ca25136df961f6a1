"""What the next snapshot holds, decided before any file of it is made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.library.series_numbers import (
    SeriesNumber,
    identify_series,
    list_numbers,
)
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, FramesReport
from whenanime_pipeline.core.search.snapshot.episode_table import (
    EpisodeRecord,
    derive_numbers,
    episode_record,
    record_fields,
)
from whenanime_pipeline.core.search.snapshot.manifest import (
    SCHEMA_VERSION,
    Content,
    IndexSegment,
    Manifest,
)
from whenanime_pipeline.core.search.snapshot.parent import PublishedState
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.settings import IndexOptions

INDEX_FILE = "index.hnsw"


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """What the next snapshot holds, and what changes for it."""

    episodes: tuple[EpisodeRecord, ...]
    contents: tuple[Content, ...]
    added: tuple[Content, ...]
    removed: tuple[Content, ...]
    next_content: int


def plan_snapshot(
    statuses: Sequence[EpisodeStatus],
    series_numbers: Iterable[SeriesNumber],
    published: PublishedState,
    can_carry_over: Callable[[EpisodeRecord], bool],
) -> SnapshotPlan:
    """Decide what the next snapshot holds: what is ready, and what is in use until its work is.

    A content keeps its ordinal for as long as some episode shows it; a new one gets the next
    number, in the order of the episodes' keys, and no number is ever used again. An episode whose
    work for a changed option is not done keeps what the published snapshot shows of it.

    Args:
        statuses: all episodes, sorted by key.
        series_numbers: of the catalogue.
        published: the snapshot that it builds on; counts are taken from its episodes.
        can_carry_over: whether an episode of it can be taken over as it is.
    """
    parent = published.manifest
    old = {content.identity: content for content in (parent.contents if parent else ())}
    before = _PreviousEpisodes(published.episodes)
    series = {identify_series(status.episode.name) for status in statuses}
    numbers = list_numbers(series_numbers, series)
    next_content = published.next_content
    contents: dict[tuple[str, str], Content] = {}
    added: list[Content] = []
    episodes: list[EpisodeRecord] = []
    for status in statuses:
        fingerprint = status.episode.fingerprint
        row = before.find_episode(status)
        if status.is_ready:
            sampling_id = status.sampling.id
            same = before.find_content(sampling_id, fingerprint)
            known = _read_report(status) if same is None else same
        elif status.is_pending and row is not None and can_carry_over(row):
            sampling_id, known = row.sampling_id, row
        else:
            continue
        identity = (sampling_id, fingerprint)
        content = contents.get(identity) or old.get(identity)
        if content is None:
            content = Content(
                ordinal=next_content,
                fingerprint=fingerprint,
                sampling_id=sampling_id,
                fps=status.sampling.fps,
                frames=known.frames,
            )
            next_content += 1
            added.append(content)
        contents[identity] = content
        episodes.append(
            episode_record(
                status.episode,
                sampling_id=sampling_id,
                series_numbers=numbers[identify_series(status.episode.name)],
                content=content.ordinal,
                duration=known.duration,
                frames=known.frames,
                warnings=known.warnings,
                chapters=known.chapters,
            )
        )
    return SnapshotPlan(
        episodes=tuple(episodes),
        contents=tuple(sorted(contents.values(), key=lambda content: content.ordinal)),
        added=tuple(added),
        removed=tuple(c for identity, c in old.items() if identity not in contents),
        next_content=next_content,
    )


class _PreviousEpisodes:
    """The published episodes, to be found by what is known of one now."""

    def __init__(self, rows: Iterable[EpisodeRecord]) -> None:
        self._by_key: dict[tuple[str, str], EpisodeRecord] = {}
        self._by_fingerprint: dict[str, EpisodeRecord] = {}
        self._by_content: dict[tuple[str, str], EpisodeRecord] = {}
        for row in rows:
            self._by_key[row.key, row.fingerprint] = row
            self._by_fingerprint.setdefault(row.fingerprint, row)
            self._by_content[row.sampling_id, row.fingerprint] = row

    def find_episode(self, status: EpisodeStatus) -> EpisodeRecord | None:
        """Return the same episode; of a renamed one, the same file."""
        episode = status.episode
        same = self._by_key.get((episode.key, episode.fingerprint))
        return same or self._by_fingerprint.get(episode.fingerprint)

    def find_content(self, sampling_id: str, fingerprint: str) -> EpisodeRecord | None:
        """Return an episode that shows a content."""
        return self._by_content.get((sampling_id, fingerprint))


def _read_report(status: EpisodeStatus) -> FramesReport:
    with FramesFile(status.frames_file) as file:
        return file.report


def _list_row_fields(rows: Iterable[EpisodeRecord]) -> list[dict[str, Any]]:
    """Return what the episodes' rows say; without what is read the same where it is not stored.

    So a snapshot made before a column existed is not built again for it.
    """
    said = [record_fields(row) for row in rows]
    for row, derived in zip(said, derive_numbers(said), strict=True):
        for name, unstored in (("chapters", ()), ("characters", ()), ("series_numbers", derived)):
            if row[name] == unstored:
                del row[name]
    return said


def draft_manifest(
    plan: SnapshotPlan,
    published: PublishedState,
    model_id: str,
    dimension: int,
    options: IndexOptions,
    sections: Mapping[str, JsonValue],
) -> Manifest:
    """Describe the next snapshot, less its files; its id follows from what it holds.

    Args:
        plan: what it holds.
        published: the snapshot that it builds on.
        model_id: whose vectors it has.
        dimension: components of a vector.
        options: the graph's.
        sections: what each section will hold, by name.
    """
    content_hash = hash_json(
        {
            "model": model_id,
            "dimension": dimension,
            "index": options.model_dump(),
            "contents": [content.model_dump() for content in plan.contents],
            "episodes": _list_row_fields(plan.episodes),
        }
        # A snapshot made before a section existed keeps its id until that section holds something.
        | dict(sections)
    )
    return Manifest(
        schema_version=SCHEMA_VERSION,
        id=f"{published.sequence:06d}-{content_hash}",
        held_id=content_hash,
        sequence=published.sequence,
        parent=published.latest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        model_id=model_id,
        dimension=dimension,
        index=options,
        next_content=plan.next_content,
        segments=(IndexSegment(path=INDEX_FILE, count=sum(c.frames for c in plan.contents)),),
        contents=plan.contents,
        files=(),
    )
