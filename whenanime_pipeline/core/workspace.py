"""One library at work: its home, its videos, its options and its model, opened when needed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path

from whenanime_pipeline.core.file_cache import FileCache
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue, load_catalogue, save_catalogue
from whenanime_pipeline.core.library.changes import VideoShape
from whenanime_pipeline.core.media.probe import probe_header
from whenanime_pipeline.core.models.registry import find_model_in_use
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    ONNX_FILE,
    ModelMeta,
    read_model,
)
from whenanime_pipeline.core.search.readings import ProbeProgress, probe_readings
from whenanime_pipeline.core.search.snapshot.build import (
    BuildResult,
    PlannedUpdate,
    SnapshotInputs,
    build_snapshot,
    plan_update,
)
from whenanime_pipeline.core.search.snapshot.manifest import MANIFEST_FILE, read_latest_id
from whenanime_pipeline.core.search.snapshot.plan import CatalogueFacts
from whenanime_pipeline.core.search.snapshot.publish import (
    SnapshotReport,
    inspect_snapshot,
    publish,
)
from whenanime_pipeline.core.search.snapshot.sections import Section
from whenanime_pipeline.core.search.status import EpisodeStatus, load_episode_statuses
from whenanime_pipeline.core.section_list import list_sections
from whenanime_pipeline.core.settings import Settings, load_settings
from whenanime_pipeline.core.themes.leave_out import ThemesStamp, find_left_out, stamp_themes
from whenanime_pipeline.core.themes.library_themes import LibraryThemes
from whenanime_pipeline.core.themes.season_update import PendingSeason


@dataclass(slots=True)
class _Held:
    """What one run has read, computed or made, so that each is done once.

    Attributes:
        catalogue: as it is stored.
        model: meta data and content of the model in use.
        embedder: the loaded model, with the meta data that it was loaded for.
        table: statuses of all episodes, with the catalogue and the model id they belong to.
        planned: the last plan, with the inputs and the themes that it was made from.
        report: what was found in a built snapshot.
    """

    catalogue: FileCache[Catalogue] = field(default_factory=FileCache)
    model: FileCache[tuple[ModelMeta, bytes]] = field(default_factory=FileCache)
    embedder: tuple[ModelMeta, Embedder] | None = None
    table: tuple[Catalogue, str, list[EpisodeStatus]] | None = None
    planned: tuple[SnapshotInputs, ThemesStamp, PlannedUpdate] | None = None
    report: FileCache[SnapshotReport] = field(default_factory=FileCache)


@dataclass(frozen=True)
class Workspace:
    """A home and its videos.

    One workspace serves one run. It reads a file once and again only when the file has changed,
    and plans and checks a snapshot once for the steps that need it.

    Attributes:
        home: of the library.
        videos_folder: only read.
    """

    home: Home
    videos_folder: Path
    _held: _Held = field(default_factory=_Held, init=False, repr=False, compare=False)

    @cached_property
    def settings(self) -> Settings:
        """The operator's options."""
        return load_settings(self.home.config_file)

    @cached_property
    def sections(self) -> Sequence[Section]:
        """The derived data that snapshots carry next to the index."""
        return list_sections(self.home)

    @property
    def model_folder(self) -> Path:
        """The folder of the model in use."""
        return find_model_in_use(self.home.models)

    @property
    def model_meta(self) -> ModelMeta:
        """The meta data of the model in use, without loading it."""
        return self._read_model(self.model_folder)[0]

    @property
    def embedder(self) -> Embedder:
        """The model in use, loaded."""
        folder = self.model_folder
        model = self._read_model(folder)
        if self._held.embedder is None or self._held.embedder[0] is not model[0]:
            self._held.embedder = model[0], Embedder.from_files(folder, model)
        return self._held.embedder[1]

    @cached_property
    def themes(self) -> LibraryThemes:
        """The themes of the library's seasons, and what they are found with."""
        return LibraryThemes(self.home, self.videos_folder)

    def load_catalogue(self) -> Catalogue:
        """Return the episodes as they are catalogued now."""
        path = self.home.catalogue_file
        return self._held.catalogue.get([path], lambda: load_catalogue(path))

    def save_catalogue(self, catalogue: Catalogue) -> None:
        """Store a new catalogue; the caller holds the home's lock `catalogue`."""
        save_catalogue(catalogue, self.home.catalogue_file)
        self._held.catalogue.put([self.home.catalogue_file], catalogue)

    @staticmethod
    def probe_video(path: Path) -> VideoShape:
        """Return what a video's header says, for `detect_changes`."""
        return VideoShape(*probe_header(path))

    def load_statuses(self, keys: Collection[str] | None = None) -> list[EpisodeStatus]:
        """Look up how far episodes are, sorted by key.

        Args:
            keys: of the episodes that are looked up, such as those that were worked on; all when
                None.
        """
        catalogue, model_id = self.load_catalogue(), self.model_meta.model_id
        found = load_episode_statuses(
            self.home, catalogue.episodes, self.settings.sampling, model_id, keys
        )
        if keys is None:
            self._held.table = catalogue, model_id, found
        elif (table := self._find_table(catalogue, model_id)) is not None:
            new = {status.episode.key: status for status in found}
            merged = [new.get(status.episode.key, status) for status in table]
            self._held.table = catalogue, model_id, merged
        return found

    def probe_readings(
        self,
        keys: Collection[str] | None = None,
        *,
        seconds: float = inf,
        progress: ProbeProgress | None = None,
    ) -> int:
        """Find how the videos are read that were not looked into yet.

        Args:
            keys: of the episodes that are looked into; all when None.
            seconds: time after which the rest is left for the next call.
            progress: called before each video that was not looked into yet.

        Returns:
            How many readings are new or have changed.
        """
        episodes = self.load_catalogue().episodes
        chosen = [one for one in episodes if keys is None or one.key in keys]
        return probe_readings(
            self.home, self.videos_folder, chosen, seconds=seconds, progress=progress
        )

    def known_statuses(self) -> list[EpisodeStatus]:
        """Return the statuses of all episodes as this run knows them, looked up at least once."""
        table = self._find_table(self.load_catalogue(), self.model_meta.model_id)
        return self.load_statuses() if table is None else table

    def measure_pending_changes(self) -> float:
        """Measure how much there is to publish.

        Returns:
            0 when what is published is all that can be; else new and gone contents as a share of
            those published, infinite when none are, and more than 0 when only names or themes
            changed.
        """
        step = self._plan(self._inputs())
        if step.plan is None:
            return 0.0
        changed = len(step.plan.added) + len(step.plan.removed)
        published = len(step.parent.contents) if step.parent else 0
        return max(changed, 1e-9) / published if published else inf

    def list_pending_seasons(self) -> list[PendingSeason]:
        """Return the seasons whose themes are missing or out of date."""
        return self.themes.list_pending(
            self.load_catalogue(), self.known_statuses(), self.model_meta.model_id
        )

    def build_snapshot(self) -> BuildResult:
        """Build the snapshot of all that is ready; nothing is done when it is there already."""
        with self.home.lock("publish"):
            return self._build_unlocked()

    def inspect_snapshot(self, snapshot_id: str) -> SnapshotReport:
        """Check what a built snapshot holds; once, for as long as it stays as it is.

        Raises:
            SnapshotError: a file is missing, or is not what the manifest says.
        """
        folder = self.home.snapshots / snapshot_id
        return self._held.report.get(
            [folder / MANIFEST_FILE], lambda: inspect_snapshot(folder, self.sections)
        )

    def publish_snapshot(self) -> tuple[BuildResult, bool]:
        """Publish the snapshot of all that is ready.

        It is built here when it is not there, as when another process published since it was.

        Returns:
            What was built, and whether it was not published already.
        """
        with self.home.lock("publish"):
            built = self._build_unlocked()
            if built.id is None or built.id == read_latest_id(self.home.snapshots):
                return built, False
            report = self.inspect_snapshot(built.id)
            return built, publish(self.home.snapshots, built.id, self.sections, report)

    def _build_unlocked(self) -> BuildResult:
        inputs = self._inputs()
        return build_snapshot(inputs, self._plan(inputs))

    def _inputs(self) -> SnapshotInputs:
        catalogue = self.load_catalogue()
        return SnapshotInputs(
            home=self.home,
            statuses=self.known_statuses(),
            options=self.settings.index,
            model_folder=self.model_folder,
            model=self.model_meta,
            sections=self.sections,
            library=CatalogueFacts(
                catalogue.series_numbers, catalogue.list_former_keys(), catalogue.list_versions()
            ),
            left_out=find_left_out(self.home, self.settings.index),
        )

    def _plan(self, inputs: SnapshotInputs) -> PlannedUpdate:
        """Return the plan for some inputs, made once for what is published."""
        themes = stamp_themes(self.home)
        if self._held.planned is not None:
            before, seen, step = self._held.planned
            same = before.statuses is inputs.statuses and before.model is inputs.model
            same = same and seen == themes
            latest = read_latest_id(self.home.snapshots)
            if same and latest == step.latest:
                return step
            if same and step.draft is not None and latest == step.draft.id:
                return PlannedUpdate(latest, step.draft)  # it was published meanwhile
        step = plan_update(inputs)
        self._held.planned = inputs, themes, step
        return step

    def _find_table(self, catalogue: Catalogue, model_id: str) -> list[EpisodeStatus] | None:
        if self._held.table is None:
            return None
        of_catalogue, of_model, statuses = self._held.table
        return statuses if of_catalogue is catalogue and of_model == model_id else None

    def _read_model(self, folder: Path) -> tuple[ModelMeta, bytes]:
        return self._held.model.get(
            [folder / META_FILE, folder / ONNX_FILE], lambda: read_model(folder)
        )
