"""Plans the contents of the next snapshot, before any file is written."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.library.identity.series_numbers import (
    SeriesNumber,
    identify_series,
    list_numbers,
)
from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.media.file_reading import dump_reading, parse_stored_reading
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, FramesReport
from whenanime_pipeline.core.search.snapshot.episode_table import (
    LATER_COLUMNS,
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
    """Contents of the next snapshot, and the changes to the published one.

    Attributes:
        episodes: its episodes, by key.
        contents: its contents, by ordinal.
        added, removed: contents that the published one has not, and those that only it has.
        next_content: ordinal of the next new content.
        changed: contents of which the index has other frames, as published and as planned.
    """

    episodes: tuple[EpisodeRecord, ...]
    contents: tuple[Content, ...]
    added: tuple[Content, ...]
    removed: tuple[Content, ...]
    next_content: int
    changed: tuple[tuple[Content, Content], ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    """What the catalogue says in addition to its episodes.

    Attributes:
        series_numbers: numbers of series; a series that has none here gets one.
        former_keys: key to the keys that its episode had before, the oldest first.
        versions: key to the fingerprints of the other versions of its episode that are there.
    """

    series_numbers: Sequence[SeriesNumber] = ()
    former_keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    versions: Mapping[str, Collection[str]] = field(default_factory=dict)


def plan_snapshot(
    statuses: Sequence[EpisodeStatus],
    published: PublishedState,
    can_carry_over: Callable[[EpisodeRecord], bool],
    library: CatalogueFacts | None = None,
) -> SnapshotPlan:
    """Plan the next snapshot: episodes that are ready, and published ones that are not ready yet.

    A content keeps its ordinal as long as an episode has it; new ones get the next ordinals, in
    order of the episodes' keys, and ordinals are never reused. An episode that is pending because
    of changed options keeps its published content; one whose better version is not ready yet keeps
    the other version.

    Args:
        statuses: statuses of all episodes, sorted by key.
        published: the published snapshot.
        can_carry_over: returns whether an episode of it can be taken over unchanged.
        library: what the catalogue says in addition to its episodes; nothing when None.
    """
    facts = library or CatalogueFacts()
    parent = published.manifest
    old = {content.identity: content for content in (parent.contents if parent else ())}
    before = _PreviousEpisodes(published.episodes)
    series = {identify_series(status.episode.name) for status in statuses}
    numbers = list_numbers(facts.series_numbers, series)
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
            reading = dump_reading(status.reading)
        elif status.is_pending and row is not None and can_carry_over(row):
            sampling_id, known, reading = row.sampling_id, row, row.reading
        else:
            row = before.find_version(status.episode.key, facts)
            if row is None or not can_carry_over(row):
                continue
            sampling_id, fingerprint, known = row.sampling_id, row.fingerprint, row
            reading = row.reading
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
        key = status.episode.key
        record = episode_record(
            status.episode,
            sampling_id=sampling_id,
            series_numbers=numbers[identify_series(status.episode.name)],
            content=content.ordinal,
            duration=max(known.duration, parse_stored_reading(reading).end or 0.0),
            frames=known.frames,
            warnings=known.warnings,
            chapters=_choose_chapters(known, reading),
            former_keys=facts.former_keys.get(key, ()),
            reading=reading,
        )
        if fingerprint != status.episode.fingerprint and row is not None:
            record = replace(record, path=row.path, fingerprint=fingerprint)
        episodes.append(record)
    return SnapshotPlan(
        episodes=tuple(episodes),
        contents=tuple(sorted(contents.values(), key=lambda content: content.ordinal)),
        added=tuple(added),
        removed=tuple(c for identity, c in old.items() if identity not in contents),
        next_content=next_content,
    )


class _PreviousEpisodes:
    """Looks up published episodes by path, fingerprint and sampling."""

    def __init__(self, rows: Iterable[EpisodeRecord]) -> None:
        self._by_key: dict[tuple[str, str], EpisodeRecord] = {}
        self._by_fingerprint: dict[str, EpisodeRecord] = {}
        self._by_content: dict[tuple[str, str], EpisodeRecord] = {}
        for row in rows:
            self._by_key[row.key, row.fingerprint] = row
            self._by_fingerprint.setdefault(row.fingerprint, row)
            self._by_content[row.sampling_id, row.fingerprint] = row

    def find_episode(self, status: EpisodeStatus) -> EpisodeRecord | None:
        """Return the same episode, or the same file if it was renamed."""
        episode = status.episode
        same = self._by_key.get((episode.key, episode.fingerprint))
        return same or self._by_fingerprint.get(episode.fingerprint)

    def find_version(self, key: str, facts: CatalogueFacts) -> EpisodeRecord | None:
        """Return the episode that shows another version of an episode, if that is still there."""
        keys = {key, *facts.former_keys.get(key, ())}
        rows = (self._by_fingerprint.get(one) for one in sorted(facts.versions.get(key, ())))
        return next((row for row in rows if row is not None and row.key in keys), None)

    def find_content(self, sampling_id: str, fingerprint: str) -> EpisodeRecord | None:
        """Return an episode with a content."""
        return self._by_content.get((sampling_id, fingerprint))


def _choose_chapters(
    known: FramesReport | EpisodeRecord, reading: str | None
) -> tuple[Chapter, ...]:
    """Return the chapters as players list them, also of frames stored before that was known."""
    listed = parse_stored_reading(reading).chapters
    return known.chapters if listed is None else listed


def _read_report(status: EpisodeStatus) -> FramesReport:
    with FramesFile(status.frames_file) as file:
        return file.report


def _list_row_fields(rows: Iterable[EpisodeRecord]) -> list[dict[str, Any]]:
    """Return the episodes' fields without those that read the same where they are not stored.

    So a snapshot from before a column is not built again for it.
    """
    said = [record_fields(row) for row in rows]
    for row, derived in zip(said, derive_numbers(said), strict=True):
        for name in LATER_COLUMNS:
            if not row[name]:
                del row[name]
        if row["series_numbers"] == derived:
            del row["series_numbers"]
    return said


def draft_manifest(
    plan: SnapshotPlan,
    published: PublishedState,
    model_id: str,
    dimension: int,
    options: IndexOptions,
    sections: Mapping[str, JsonValue],
) -> Manifest:
    """Make the manifest of the next snapshot without files; its id is a hash of its content.

    Args:
        plan: contents of the snapshot.
        published: the published snapshot.
        model_id: id of the model of its vectors.
        dimension: dimension of the vectors.
        options: options of the graph.
        sections: name → identity of each section.
    """
    content_hash = hash_json(
        {
            "model": model_id,
            "dimension": dimension,
            "index": options.model_dump(),
            "contents": [content.model_dump() for content in plan.contents],
            "episodes": _list_row_fields(plan.episodes),
        }
        # Empty sections are left out, so that ids of snapshots from before a section stay the same.
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
        segments=(IndexSegment(path=INDEX_FILE, count=sum(c.indexed for c in plan.contents)),),
        contents=plan.contents,
        files=(),
    )
