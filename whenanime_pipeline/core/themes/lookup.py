"""Looks up the themes of a snapshot's episodes, with the operator's word of now."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.manifest import Manifest
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.themes.chapter_segments import add_chapters
from whenanime_pipeline.core.themes.errors import LabelsError, ThemesError
from whenanime_pipeline.core.themes.labels.application import apply_labels
from whenanime_pipeline.core.themes.labels.store import LabelsReader
from whenanime_pipeline.core.themes.labels.theme_labels import NO_LABELS, ThemeLabels
from whenanime_pipeline.core.themes.season_groups import make_season_id, order_in_season
from whenanime_pipeline.core.themes.season_store import parse_season_themes
from whenanime_pipeline.core.themes.section import (
    LABELS_FILE,
    THEMES,
    parse_stored_labels,
    read_entry,
)
from whenanime_pipeline.core.themes.segments import SeasonThemes, Segment

_EMPTY = SeasonThemes("", (), {})
_MAX_HELD = 256
"""Seasons that a view keeps, of some 25 kB each."""


@dataclass(frozen=True, slots=True)
class SeasonView:
    """A season of a snapshot with its themes.

    Attributes:
        id: id of the season.
        episodes: its episodes in the order of watching.
        themes: what was found and what chapters name, as the operator's word has it; every
            episode's content has an entry.
        is_computed: whether themes were looked for; else there are chapters and words alone.
    """

    id: str
    episodes: tuple[EpisodeRecord, ...]
    themes: SeasonThemes
    is_computed: bool


class ThemesView:
    """The themes of one snapshot under one state of the operator's word. Thread-safe."""

    def __init__(
        self, snapshot: Snapshot, labels: ThemeLabels, problem: LabelsError | None = None
    ) -> None:
        """Prepare to look up.

        Args:
            snapshot: published snapshot.
            labels: the operator's word that is in force.
            problem: why `themes.yaml` cannot be used, and an earlier word is in force.
        """
        self.snapshot, self.labels, self.problem = snapshot, labels, problem
        self._known = read_entry(snapshot.manifest).seasons
        self._seasons: dict[str, SeasonView] = {}

    def list_segments(self, episode: EpisodeRecord) -> tuple[Segment, ...]:
        """Return the segments of an episode in order of time."""
        return self.find_season(episode).themes.episodes.get(episode.fingerprint, ())

    def find_season(self, episode: EpisodeRecord) -> SeasonView:
        """Return the season of an episode; empty if the snapshot has no such season."""
        season_id = _identify(episode)
        # Two threads may make the same one, which is harmless.
        held = self._seasons.get(season_id)
        if held is None:
            held = self._make_season(season_id)
            if len(self._seasons) >= _MAX_HELD:
                self._seasons = {}
            self._seasons[season_id] = held
        return held

    def find_segment(self, episode: EpisodeRecord, second: float) -> Segment | None:
        """Return the segment of an episode in which a second lies."""
        segments = self.list_segments(episode)
        return next((one for one in segments if one.start <= second < one.end), None)

    def list_seasons(self, series: str, number: int | None = None) -> list[SeasonView]:
        """Return the seasons of a series, by number; those without one last.

        Args:
            series: name of the series.
            number: our own number of the series, also a former one; None for all of that name.
        """
        found = {
            season_id: episodes[0]
            for season_id, episodes in self._episodes.items()
            if episodes[0].series == series
            if number is None or number in episodes[0].series_numbers
        }
        views = [self.find_season(episode) for episode in found.values()]
        return sorted(views, key=_order)

    def _make_season(self, season_id: str) -> SeasonView:
        stored = self._read_stored(season_id)
        episodes = self._episodes.get(season_id, [])
        found = (stored or _EMPTY).episodes
        with_chapters = {
            one.fingerprint: add_chapters(found.get(one.fingerprint, ()), one.chapters)
            for one in episodes
        }
        themes = replace(stored or _EMPTY, episodes={**found, **with_chapters})
        labelled = apply_labels(themes, self.labels)
        return SeasonView(season_id, tuple(episodes), labelled, stored is not None)

    def _read_stored(self, season_id: str) -> SeasonThemes | None:
        if season_id not in self._known:
            return None
        path = self.snapshot.folder / THEMES / f"{season_id}.json"
        try:
            return parse_season_themes(path.read_bytes(), path)
        except (OSError, ThemesError):
            # Verified when the snapshot was loaded; gone when it was cleared away under its reader.
            return None

    @cached_property
    def _episodes(self) -> Mapping[str, list[EpisodeRecord]]:
        groups: dict[str, list[EpisodeRecord]] = defaultdict(list)
        for episode in self.snapshot.episodes:
            groups[_identify(episode)].append(episode)
        for group in groups.values():
            group.sort(key=lambda one: order_in_season(one, one.path))
        return dict(groups)


class ThemesReader:
    """Gives the view of a snapshot's themes; made to be asked again and again."""

    def __init__(self, home: Home) -> None:
        """Prepare to read.

        Args:
            home: home with the operator's word. In one without a catalogue, as in an exported
                folder, the word that the snapshot carries is in force as well.
        """
        self._home = home
        self._labels = LabelsReader(home)
        self._held: tuple[object, ThemesView] | None = None

    def view(self, snapshot: Snapshot) -> ThemesView:
        """Return the themes of a snapshot, with what `themes.yaml` says now."""
        state, held = self._labels.read(), self._held
        if held is not None and held[0] is state and held[1].snapshot is snapshot:
            return held[1]
        labels = state.labels
        if not self._home.catalogue_file.exists():
            labels = _merge(read_stored_labels(snapshot.folder, snapshot.manifest), labels)
        view = ThemesView(snapshot, labels, state.problem)
        self._held = state, view
        return view


def read_stored_labels(folder: Path, manifest: Manifest) -> ThemeLabels:
    """Return the operator's word that a snapshot carries; nothing if it has none."""
    if read_entry(manifest).labels is None:
        return NO_LABELS
    path = folder / LABELS_FILE
    try:
        return parse_stored_labels(path.read_bytes(), path)
    except (OSError, ThemesError):
        return NO_LABELS


def _merge(stored: ThemeLabels, later: ThemeLabels) -> ThemeLabels:
    return ThemeLabels(
        {**stored.templates, **later.templates}, {**stored.episodes, **later.episodes}
    )


def _identify(episode: EpisodeRecord) -> str:
    return make_season_id(episode.series_numbers[0], episode.season, episode.kind)


def _order(view: SeasonView) -> tuple[bool, int, str]:
    season = view.episodes[0].season
    return season is None, season or 0, view.id
