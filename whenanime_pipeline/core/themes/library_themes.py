"""The themes of one library at work: what they are found with, opened when needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.season_update import (
    PendingSeason,
    SeasonProgress,
    SeasonUpdate,
    list_pending_seasons,
    update_seasons,
)
from whenanime_pipeline.core.themes.segments import Segment
from whenanime_pipeline.core.themes.tagger.registry import load_tagger, read_tagger_in_use
from whenanime_pipeline.core.themes.tagger.tagger import Tagger
from whenanime_pipeline.core.themes.tracks.ensure import ensure_tracks
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks
from whenanime_pipeline.core.themes.tracks.text_detector import TextDetector, find_text_model


@dataclass(frozen=True)
class LibraryThemes:
    """A library's seasons and their themes.

    Attributes:
        home: of the library.
        videos_folder: only read.
    """

    home: Home
    videos_folder: Path

    @cached_property
    def text_detector(self) -> TextDetector | None:
        """The text detector, loaded; None without the extra `text`, and where it is damaged.

        `whenanime doctor` reports either.
        """
        try:
            model = find_text_model()
            return None if model is None else TextDetector.load(model)
        except ModelError:
            return None

    def list_pending(
        self, catalogue: Catalogue, statuses: Sequence[EpisodeStatus], model_id: str
    ) -> list[PendingSeason]:
        """Return the seasons whose themes are missing or out of date.

        Args:
            catalogue: of the library.
            statuses: of all its episodes.
            model_id: of the model in use.
        """
        return list_pending_seasons(
            self.home,
            catalogue,
            statuses,
            model_id,
            self._text_model_id,
            read_tagger_in_use(self.home),
        )

    def update(
        self, pending: Sequence[PendingSeason], embedder: Embedder, progress: SeasonProgress
    ) -> Iterator[SeasonUpdate]:
        """Make the tracks that are missing, and compute the themes of seasons.

        Args:
            pending: from `list_pending`.
            embedder: the model in use.
            progress: receives how far a season is.

        Raises:
            OSError, ThemesError: the home cannot be written to.
            TaggerError: the tagger in use is missing or damaged.
        """

        def make_tracks(status: EpisodeStatus) -> object:
            return ensure_tracks(
                self.home, self.videos_folder, status, embedder, self.text_detector
            )

        return update_seasons(
            self.home, pending, make_tracks, self._text_model_id, self._suggest, progress
        )

    def _suggest(self, tracks: EpisodeTracks) -> Sequence[Segment]:
        return self._tagger.tag(tracks)

    @cached_property
    def _tagger(self) -> Tagger:
        return load_tagger(self.home)

    @property
    def _text_model_id(self) -> str | None:
        return None if self.text_detector is None else self.text_detector.id
