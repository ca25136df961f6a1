"""What the next snapshot holds, decided before any file of it is made."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from whenanime_pipeline.core.files import content_id
from whenanime_pipeline.core.search.episodes import EpisodeRecord, episode_record
from whenanime_pipeline.core.search.frames import FramesFile
from whenanime_pipeline.core.search.manifest import SCHEMA, Content, Manifest, Segment
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.settings import IndexOptions

SEGMENT = "index.hnsw"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the next snapshot holds, and what changes for it."""

    episodes: tuple[EpisodeRecord, ...]
    contents: tuple[Content, ...]
    added: tuple[Content, ...]
    removed: tuple[Content, ...]
    next_content: int


def plan(
    ready: Iterable[EpisodeStatus], parent: Manifest | None, known: Iterable[EpisodeRecord]
) -> Plan:
    """Decide what the next snapshot holds.

    A content keeps its ordinal for as long as some episode shows it; a new one gets the next
    number, in the order of the episodes' keys, and no number is ever used again.

    Args:
        ready: episodes whose frames and features are stored, sorted by key.
        parent: the last snapshot.
        known: the last snapshot's episodes; their counts are taken from there.
    """
    old = {(c.sampling_id, c.fingerprint): c for c in (parent.contents if parent else ())}
    counted = {(row.sampling_id, row.fingerprint): row for row in known}
    next_content = parent.next_content if parent else 0
    contents: dict[tuple[str, str], Content] = {}
    added: list[Content] = []
    episodes: list[EpisodeRecord] = []
    for status in ready:
        identity = (status.sampling.id, status.episode.fingerprint)
        before = counted.get(identity)
        if before:
            duration, frames, warnings = before.duration, before.frames, before.warnings
        else:
            with FramesFile(status.frames_file) as file:
                report = file.report
            duration, frames, warnings = report.duration, report.frames, report.warnings
        content = contents.get(identity) or old.get(identity)
        if content is None:
            content = Content(
                ordinal=next_content,
                fingerprint=status.episode.fingerprint,
                sampling_id=status.sampling.id,
                fps=status.sampling.fps,
                frames=frames,
            )
            next_content += 1
            added.append(content)
        contents[identity] = content
        episodes.append(
            episode_record(
                status.episode,
                sampling_id=status.sampling.id,
                content=content.ordinal,
                duration=duration,
                frames=frames,
                warnings=warnings,
            )
        )
    return Plan(
        episodes=tuple(episodes),
        contents=tuple(sorted(contents.values(), key=lambda content: content.ordinal)),
        added=tuple(added),
        removed=tuple(c for identity, c in old.items() if identity not in contents),
        next_content=next_content,
    )


def draft_manifest(
    new: Plan, parent: Manifest | None, model_id: str, dimension: int, options: IndexOptions
) -> Manifest:
    """Describe the next snapshot, less its files; its id follows from what it holds."""
    sequence = parent.sequence + 1 if parent else 1
    held_id = content_id(
        {
            "model": model_id,
            "dimension": dimension,
            "index": options.model_dump(),
            "contents": [content.model_dump() for content in new.contents],
            "episodes": [asdict(row) for row in new.episodes],
        }
    )
    return Manifest(
        schema_version=SCHEMA,
        id=f"{sequence:06d}-{held_id}",
        held_id=held_id,
        sequence=sequence,
        parent=parent.id if parent else None,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        model_id=model_id,
        dimension=dimension,
        index=options,
        next_content=new.next_content,
        segments=(Segment(path=SEGMENT, count=sum(c.frames for c in new.contents)),),
        contents=new.contents,
        files=(),
    )
