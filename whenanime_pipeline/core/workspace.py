"""One library at work: its home, its videos, its options and its model, opened when needed."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue, load_catalogue
from whenanime_pipeline.core.models.registry import find_model_in_use
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import ModelMeta, read_model
from whenanime_pipeline.core.search.snapshot.build import BuildResult, build_snapshot, plan_update
from whenanime_pipeline.core.search.snapshot.publish import publish
from whenanime_pipeline.core.search.status import EpisodeStatus, load_episode_statuses
from whenanime_pipeline.core.settings import Settings, load_settings


@dataclass(frozen=True)
class Workspace:
    """A home and its videos. What is read from the disk is read once, when first asked for."""

    home: Home
    videos_folder: Path

    @cached_property
    def settings(self) -> Settings:
        """The keeper's options."""
        return load_settings(self.home.config_file)

    @cached_property
    def model_folder(self) -> Path:
        """The model in use."""
        return find_model_in_use(self.home.models)

    @cached_property
    def model_meta(self) -> ModelMeta:
        """What is known of the model in use, without loading it."""
        return read_model(self.model_folder)[0]

    @cached_property
    def embedder(self) -> Embedder:
        """The model in use, loaded."""
        return Embedder.load(self.model_folder)

    def load_catalogue(self) -> Catalogue:
        """The episodes as they are catalogued now."""
        return load_catalogue(self.home.catalogue_file)

    def load_statuses(self, keys: Collection[str] | None = None) -> list[EpisodeStatus]:
        """How far the episodes are, sorted by key; all of them, or those of `keys`."""
        statuses = load_episode_statuses(
            self.home,
            self.load_catalogue().episodes,
            self.settings.sampling,
            self.model_meta.model_id,
        )
        if keys is None:
            return statuses
        wanted = set(keys)
        return [status for status in statuses if status.episode.key in wanted]

    def measure_pending_changes(self) -> float:
        """Tell how much there is to publish.

        Returns:
            0 when what is published is all that can be; else new and gone contents as a share of
            those published, infinite when none are, and more than 0 when only names changed.
        """
        step = plan_update(self.home, self.load_statuses(), self.settings.index, self.model_folder)
        if step.plan is None:
            return 0.0
        changed = len(step.plan.added) + len(step.plan.removed)
        published = len(step.parent.contents) if step.parent else 0
        return max(changed, 1e-9) / published if published else inf

    def build_snapshot(self) -> BuildResult:
        """Build the snapshot of all that is ready; nothing is done when it is there already."""
        with self.home.lock("publish"):
            return self._build_unlocked()

    def publish_snapshot(self) -> tuple[BuildResult, bool]:
        """Publish the snapshot of all that is ready.

        It is built here when it is not there, as when someone else published since it was.

        Returns:
            What building it came to, and whether it was not published already.
        """
        with self.home.lock("publish"):
            built = self._build_unlocked()
            return built, built.id is not None and publish(self.home.snapshots, built.id)

    def _build_unlocked(self) -> BuildResult:
        return build_snapshot(
            self.home, self.load_statuses(), self.settings.index, self.model_folder
        )
