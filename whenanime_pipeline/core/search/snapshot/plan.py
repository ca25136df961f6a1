"""What the next snapshot holds, decided before any file of it is made."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, FramesReport
from whenanime_pipeline.core.search.snapshot.episode_table import (
    EpisodeRecord,
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


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    """What the catalogue says of keys, in addition to its episodes.

    Attributes:
        former_keys: key to the keys that its episode had before, the oldest first.
        versions: key to the fingerprints of the other versions of its episode that are there.
    """

    former_keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    versions: Mapping[str, Collection[str]] = field(default_factory=dict)


def plan_snapshot(
    statuses: Iterable[EpisodeStatus],
    published: PublishedState,
    can_carry_over: Callable[[EpisodeRecord], bool],
    library: CatalogueFacts | None = None,
) -> SnapshotPlan:
    """Decide what the next snapshot holds: what is ready, and what is in use until its work is.

    A content keeps its ordinal for as long as some episode shows it; a new one gets the next
    number, in the order of the episodes' keys, and no number is ever used again. An episode whose
    work for a changed option is not done keeps what the published snapshot shows of it; one whose
    better version is not done yet shows the other version.

    Args:
        statuses: all episodes, sorted by key.
        published: the snapshot that it builds on; counts are taken from its episodes.
        can_carry_over: whether an episode of it can be taken over as it is.
        library: what the catalogue says of keys; nothing when None.
    """
    facts = library or CatalogueFacts()
    parent = published.manifest
    old = {content.identity: content for content in (parent.contents if parent else ())}
    before = _PreviousEpisodes(published.episodes)
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
            row = before.find_version(status.episode.key, facts)
            if row is None or not can_carry_over(row):
                continue
            sampling_id, fingerprint, known = row.sampling_id, row.fingerprint, row
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
            content=content.ordinal,
            duration=known.duration,
            frames=known.frames,
            warnings=known.warnings,
            chapters=known.chapters,
            former_keys=facts.former_keys.get(key, ()),
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

    def find_version(self, key: str, facts: CatalogueFacts) -> EpisodeRecord | None:
        """Return the episode that shows another version of an episode, if that is still there."""
        keys = {key, *facts.former_keys.get(key, ())}
        rows = (self._by_fingerprint.get(one) for one in sorted(facts.versions.get(key, ())))
        return next((row for row in rows if row is not None and row.key in keys), None)

    def find_content(self, sampling_id: str, fingerprint: str) -> EpisodeRecord | None:
        """Return an episode that shows a content."""
        return self._by_content.get((sampling_id, fingerprint))


def _read_report(status: EpisodeStatus) -> FramesReport:
    with FramesFile(status.frames_file) as file:
        return file.report


def _row_fields(row: EpisodeRecord) -> dict[str, Any]:
    """Return what an episode's row says; without what there is none of, as before there was any."""
    said = record_fields(row)
    for name in ("chapters", "characters", "former_keys"):
        if not said[name]:
            del said[name]
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
            "episodes": [_row_fields(row) for row in plan.episodes],
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
