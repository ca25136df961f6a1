"""Carries the themes of seasons, and the operator's word on them, into snapshots."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from whenanime_pipeline.core.file_cache import FileCache
from whenanime_pipeline.core.files import flush_to_disk, link_or_copy
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.manifest import Manifest
from whenanime_pipeline.core.search.snapshot.sections import SectionSource
from whenanime_pipeline.core.themes.errors import DamagedThemesError, ThemesError
from whenanime_pipeline.core.themes.labels.store import LabelsReader
from whenanime_pipeline.core.themes.labels.theme_labels import NO_LABELS, ThemeLabels
from whenanime_pipeline.core.themes.season_store import parse_season_themes

THEMES = "themes"
"""Name of the section."""
LABELS_FILE = f"{THEMES}/labels.json"
_LABELS = TypeAdapter(ThemeLabels)


class StoredSeason(BaseModel):
    """A season's file in a snapshot.

    Attributes:
        checksum: of its content.
        segments: number of segments of its episodes.
    """

    model_config = ConfigDict(frozen=True)

    checksum: str
    segments: int


class ThemesEntry(BaseModel):
    """The section's entry in the manifest.

    Attributes:
        seasons: id of a season → its file, `themes/ID.json`, as the home has it.
        labels: checksum of `themes/labels.json`, the operator's word when the snapshot was built;
            None without one.
    """

    model_config = ConfigDict(frozen=True)

    seasons: dict[str, StoredSeason] = {}
    labels: str | None = None


@dataclass(frozen=True, slots=True)
class _SeasonFile:
    """A season's file: its content, what the manifest says of it, and the contents it is about."""

    data: bytes
    stored: StoredSeason
    fingerprints: frozenset[str]


@dataclass(frozen=True, slots=True)
class ThemesSection:
    """The themes of the seasons whose episodes are in a snapshot, as a section of it.

    The themes are those that were found; readers apply the operator's word, so that they can apply
    a later one.

    Attributes:
        home: home of the library.
    """

    home: Home
    name: str = THEMES
    _files: dict[Path, FileCache[_SeasonFile]] = field(default_factory=dict, repr=False)

    def identify(self, source: SectionSource) -> JsonValue:
        """Return the checksums of the seasons and of the operator's word; None without any.

        Raises:
            ThemesError: a season's file is damaged, and was deleted to be computed again; or it
                cannot be read.
        """
        return self._dump(self._make_entry(dict(self._list_seasons(source)), self._read_labels()))

    def write(self, folder: Path, source: SectionSource) -> JsonValue:
        """Link the seasons that the published snapshot has, and write the others.

        Raises:
            ThemesError: as `identify`.
            OSError: the disk is full or cannot be written.
        """
        seasons, labels = dict(self._list_seasons(source)), self._read_labels()
        entry = self._make_entry(seasons, labels)
        if self._dump(entry) is None:
            return None
        known = read_entry(source.parent) if source.parent else ThemesEntry()
        target = folder / self.name
        target.mkdir()
        for season_id, season in seasons.items():
            path = target / f"{season_id}.json"
            if source.parent_folder and known.seasons.get(season_id) == season.stored:
                link_or_copy(source.parent_folder / self.name / path.name, path)
            else:
                path.write_bytes(season.data)
        if labels is not None:
            (folder / LABELS_FILE).write_bytes(labels)
        for path in target.iterdir():
            flush_to_disk(path)
        flush_to_disk(target)
        return self._dump(entry)

    def check(self, folder: Path, manifest: Manifest) -> Sequence[str]:
        """Return the files that differ from the manifest."""
        entry = read_entry(manifest)
        expected = {f"{THEMES}/{name}.json": one.checksum for name, one in entry.seasons.items()}
        if entry.labels is not None:
            expected[LABELS_FILE] = entry.labels
        return [path for path, checksum in expected.items() if _checksum(folder / path) != checksum]

    def count(self, manifest: Manifest) -> Mapping[str, int]:
        """Count the seasons and the segments found in them."""
        seasons = read_entry(manifest).seasons
        return {
            "seasons with themes": len(seasons),
            "theme segments": sum(one.segments for one in seasons.values()),
        }

    def _list_seasons(self, source: SectionSource) -> Iterator[tuple[str, _SeasonFile]]:
        """Yield id and file of each season that has a content of the snapshot, sorted."""
        contents = {content.fingerprint for content in source.contents}
        for path in self.home.list_season_themes_files():
            cache = self._files.setdefault(path, FileCache())
            try:
                season = cache.get([path], lambda path=path: _read_season(path))  # type: ignore[misc]
            except FileNotFoundError:
                continue  # its last episode has just left the library
            if season.fingerprints & contents:
                yield path.stem, season

    def _read_labels(self) -> bytes | None:
        labels = LabelsReader(self.home).read().labels
        return None if labels == NO_LABELS else _LABELS.dump_json(labels)

    @staticmethod
    def _make_entry(seasons: Mapping[str, _SeasonFile], labels: bytes | None) -> ThemesEntry:
        return ThemesEntry(
            seasons={season_id: one.stored for season_id, one in seasons.items()},
            labels=None if labels is None else _hash(labels),
        )

    @staticmethod
    def _dump(entry: ThemesEntry) -> JsonValue:
        dumped: JsonValue = entry.model_dump(mode="json")
        return dumped if entry.seasons or entry.labels else None


def read_entry(manifest: Manifest) -> ThemesEntry:
    """Return what a manifest says of themes; of snapshots without any, an empty entry."""
    entry = manifest.sections.get(THEMES)
    return ThemesEntry() if entry is None else ThemesEntry.model_validate(entry)


def parse_stored_labels(data: bytes, path: Path) -> ThemeLabels:
    """Return the operator's word as a snapshot holds it.

    Raises:
        ThemesError: the file is damaged.
    """
    try:
        return _LABELS.validate_json(data)
    except ValidationError as error:
        raise ThemesError(f"{path}: is damaged; index again") from error


def _read_season(path: Path) -> _SeasonFile:
    data = path.read_bytes()
    try:
        themes = parse_season_themes(data, path)
    except DamagedThemesError as error:
        path.unlink(missing_ok=True)
        raise DamagedThemesError(
            f"{path}: was damaged, and is taken away; index again to renew it"
        ) from error
    segments = sum(map(len, themes.episodes.values()))
    return _SeasonFile(
        data, StoredSeason(checksum=_hash(data), segments=segments), frozenset(themes.episodes)
    )


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _checksum(path: Path) -> str | None:
    try:
        return _hash(path.read_bytes())
    except FileNotFoundError:
        return None
