"""Builds the snapshot's section of local features: linked segments, and a new one if needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import JsonValue

from whenanime_pipeline.core.files import flush_to_disk, link_or_copy
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.local.postings import Postings
from whenanime_pipeline.core.search.local.stored import VideoFeatures, read_local_features
from whenanime_pipeline.core.search.local.version import local_id
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.snapshot.local_check import inspect_local
from whenanime_pipeline.core.search.snapshot.local_segments import plan_segments
from whenanime_pipeline.core.search.snapshot.manifest import (
    LOCAL,
    Content,
    LocalSection,
    LocalSegment,
    Manifest,
)
from whenanime_pipeline.core.search.snapshot.sections import SectionSource


@dataclass(frozen=True, slots=True)
class LocalFeaturesSection:
    """The inverted files of local features, as a section of the snapshot.

    Attributes:
        home: home of the library, which has the local features of each content.
    """

    home: Home
    name: str = LOCAL

    def identify(self, source: SectionSource) -> JsonValue:
        """Return the id of the local features and the contents that have any; None for none."""
        chosen = self._select_contents(source)
        return [local_id(), *sorted(chosen)] if chosen else None

    def write(self, folder: Path, source: SectionSource) -> JsonValue:
        """Link the published segments that are kept, and write one for the other contents.

        Raises:
            FramesError: a content's file is damaged; it is deleted, to be made again.
            OSError: the disk is full or cannot be written.
        """
        chosen = self._select_contents(source)
        if not chosen:
            return None
        contents = {content.ordinal: content for content in source.contents}
        read = {ordinal: partial(_read, self.home, contents[ordinal]) for ordinal in chosen}
        old = _reusable_segments(source.parent)
        wanted = {n: size for segment in old for n, size in segment.contents.items() if n in chosen}
        wanted |= {ordinal: len(read[ordinal]()) for ordinal in chosen - wanted.keys()}
        step = plan_segments(old, wanted, partial(_has_features, self.home, contents))
        segments = list(step.kept)
        for segment in step.kept:
            assert source.parent_folder is not None
            _link_folder(source.parent_folder / segment.path, folder / segment.path)
        if step.merged:
            path = f"{self.name}/{source.sequence:06d}"
            parts = [(ordinal, read[ordinal]) for ordinal in step.merged]
            Postings.write(folder / path, parts, Vocabulary.load().size)
            segments.append(LocalSegment(path=path, contents={n: wanted[n] for n in step.merged}))
        for segment in segments:
            for file in (folder / segment.path).iterdir():
                flush_to_disk(file)
            flush_to_disk(folder / segment.path)
        flush_to_disk(folder / self.name)
        section = LocalSection(id=local_id(), segments=tuple(segments))
        entry: JsonValue = section.model_dump(mode="json")
        return entry

    def check(self, folder: Path, manifest: Manifest) -> Sequence[str]:
        """Return the segments that differ from the manifest."""
        return inspect_local(folder, manifest).wrong_files

    def count(self, manifest: Manifest) -> Mapping[str, int]:
        """Count the features and the files of them."""
        segments = manifest.local.segments if manifest.local else ()
        features = sum(segment.feature_count for segment in segments)
        return {"local features": features, "local feature files": len(segments)}

    def _select_contents(self, source: SectionSource) -> frozenset[int]:
        """Return the ordinals of the contents that have local features."""
        known = {n for segment in _reusable_segments(source.parent) for n in segment.contents}
        return frozenset(
            content.ordinal
            for content in source.contents
            if content.ordinal in known or _features_path(self.home, content).exists()
        )


def _reusable_segments(parent: Manifest | None) -> tuple[LocalSegment, ...]:
    if parent is None or parent.local is None or parent.local.id != local_id():
        return ()
    return parent.local.segments


def _features_path(home: Home, content: Content) -> Path:
    return home.local_features_file(local_id(), content.sampling_id, content.fingerprint)


def _has_features(home: Home, contents: Mapping[int, Content], ordinal: int) -> bool:
    return _features_path(home, contents[ordinal]).exists()


def _read(home: Home, content: Content) -> VideoFeatures:
    path = _features_path(home, content)
    try:
        return read_local_features(path, content.frames)
    except FramesError as error:
        path.unlink(missing_ok=True)
        raise FramesError(
            f"{path}: was damaged, and is taken away; index again to renew it"
        ) from error


def _link_folder(source: Path, target: Path) -> None:
    """Hard-link a folder's files into a new folder."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        link_or_copy(file, target / file.name)
