"""Updates the themes of a library, a season at a time, and only where inputs changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from time import monotonic
from typing import overload

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.detection import find_season_themes
from whenanime_pipeline.core.themes.errors import DamagedThemesError
from whenanime_pipeline.core.themes.season_groups import Season, group_seasons
from whenanime_pipeline.core.themes.season_store import read_season_themes, write_season_themes
from whenanime_pipeline.core.themes.segments import SeasonThemes, Segment
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks
from whenanime_pipeline.core.themes.tracks.errors import TrackError
from whenanime_pipeline.core.themes.tracks.load import load_tracks
from whenanime_pipeline.core.themes.tracks.stored_sound import sound_track_id

METHOD_VERSION = 1
"""Version of how themes are found; with another one all seasons are computed again."""
_KEPT_TRACKS = 4
"""Episodes whose tracks are kept in memory; their features are kept by the detection."""

MakeTracks = Callable[[EpisodeStatus], object]
"""Makes what is missing of an episode's tracks."""
SuggestThemes = Callable[[EpisodeTracks], Sequence[Segment]]
"""Suggests the opening and the ending of an episode, in order of time and never for certain."""
SeasonProgress = Callable[[Season, int, int], None]
"""Receives a season, how many of its episodes have their tracks, and how many it has."""


@dataclass(frozen=True, slots=True)
class PendingSeason:
    """A season whose themes are missing or out of date.

    Attributes:
        season: of the catalogue.
        statuses: its indexed episodes, one a content, in the season's order.
        inputs: hash of everything that its themes are computed from.
        known: its themes as they are stored; None where there are none.
    """

    season: Season
    statuses: tuple[EpisodeStatus, ...]
    inputs: str
    known: SeasonThemes | None


@dataclass(frozen=True, slots=True)
class SeasonUpdate:
    """A season that was computed.

    Attributes:
        season: of the catalogue.
        before: its themes as they were; None where there were none.
        after: its themes.
        failures: path → reason, of episodes that were left out.
        seconds: the work took.
    """

    season: Season
    before: SeasonThemes | None
    after: SeasonThemes
    failures: Mapping[str, str]
    seconds: float


def list_pending_seasons(
    home: Home,
    catalogue: Catalogue,
    statuses: Sequence[EpisodeStatus],
    model_id: str,
    text_model_id: str | None,
    tagger_name: str,
) -> list[PendingSeason]:
    """Return the seasons to compute, in the order of their ids.

    A damaged file of a season is deleted: nobody can read it, and it is about to be replaced.

    Args:
        home: of the library.
        catalogue: of the library.
        statuses: of all its episodes.
        model_id: of the model in use, whose embeddings are compared.
        text_model_id: of the text detector; None without.
        tagger_name: of the tagger in use, which is asked about lone episodes.
    """
    by_key = {status.episode.key: status for status in statuses}
    pending = []
    for season in group_seasons(catalogue):
        ready = _list_ready(season, by_key)
        if not ready:
            continue
        tagger = tagger_name if len(ready) == 1 else None
        inputs = _hash_inputs(ready, model_id, text_model_id, tagger)
        known = _read_known(home, season.id)
        if known is None or known.inputs != inputs:
            pending.append(PendingSeason(season, ready, inputs, known))
    return pending


def update_seasons(
    home: Home,
    pending: Sequence[PendingSeason],
    make_tracks: MakeTracks,
    text_model_id: str | None,
    suggest: SuggestThemes,
    progress: SeasonProgress,
) -> Iterator[SeasonUpdate]:
    """Compute and store seasons, one after the other; each is yielded when it is stored.

    An episode whose tracks cannot be made or read is left out of its season, and named.

    Args:
        home: of the library.
        pending: the seasons.
        make_tracks: called for each episode, before its season is computed.
        text_model_id: of the text detector; None without.
        suggest: asked about an episode that has no other to be compared with, such as a film.
        progress: called before each episode, and before the season is computed.

    Raises:
        OSError: the home cannot be written to.
        ThemesError: likewise.
    """
    for one in pending:
        began = monotonic()
        failures: dict[str, str] = {}
        usable: list[EpisodeStatus] = []
        for done, status in enumerate(one.statuses):
            progress(one.season, done, len(one.statuses))
            if _make_usable(status, make_tracks, failures):
                usable.append(status)
        progress(one.season, len(one.statuses), len(one.statuses))
        tracks = StoredTracks(home, usable, text_model_id)
        with home.lock(f"themes-{one.season.id}"):
            after = find_season_themes(tracks, one.known, one.inputs)
            if len(tracks) == 1:
                after = _add_suggestions(after, suggest(tracks[0]))
            write_season_themes(home.season_themes_file(one.season.id), after)
        yield SeasonUpdate(one.season, one.known, after, failures, monotonic() - began)


def _add_suggestions(themes: SeasonThemes, suggested: Sequence[Segment]) -> SeasonThemes:
    """Return the themes of a lone episode with what is suggested where nothing was found."""
    ((fingerprint, found),) = themes.episodes.items()
    free = [
        one
        for one in suggested
        if not any(one.start < other.end and other.start < one.end for other in found)
    ]
    segments = tuple(sorted([*found, *free], key=lambda one: one.start))
    return replace(themes, episodes={fingerprint: segments})


def forget_gone_seasons(home: Home, catalogue: Catalogue) -> list[str]:
    """Delete the themes of seasons that the catalogue has no more, and return their ids."""
    held = {season.id for season in group_seasons(catalogue)}
    gone = [path for path in home.list_season_themes_files() if path.stem not in held]
    for path in gone:
        path.unlink(missing_ok=True)
    return [path.stem for path in gone]


class StoredTracks(Sequence[EpisodeTracks]):
    """The tracks of a season's episodes, read when asked for and kept for a few."""

    def __init__(
        self, home: Home, statuses: Sequence[EpisodeStatus], text_model_id: str | None
    ) -> None:
        """Prepare to read.

        Args:
            home: of the library.
            statuses: of episodes whose tracks are stored.
            text_model_id: of the text detector; None without.
        """
        self._statuses = statuses

        def load(place: int) -> EpisodeTracks:
            return load_tracks(home, statuses[place], text_model_id=text_model_id)

        self._load = lru_cache(maxsize=_KEPT_TRACKS)(load)

    def __len__(self) -> int:
        return len(self._statuses)

    @overload
    def __getitem__(self, index: int) -> EpisodeTracks: ...

    @overload
    def __getitem__(self, index: slice) -> list[EpisodeTracks]: ...

    def __getitem__(self, index: int | slice) -> EpisodeTracks | list[EpisodeTracks]:
        if isinstance(index, slice):
            return [self._load(place) for place in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._load(index % len(self))


def _list_ready(season: Season, by_key: Mapping[str, EpisodeStatus]) -> tuple[EpisodeStatus, ...]:
    """Return the indexed episodes of a season, each content once."""
    ready: dict[str, EpisodeStatus] = {}
    for episode in season.episodes:
        status = by_key.get(episode.key)
        if status is not None and status.is_ready:
            ready.setdefault(episode.fingerprint, status)
    return tuple(ready.values())


def _hash_inputs(
    statuses: Sequence[EpisodeStatus],
    model_id: str,
    text_model_id: str | None,
    tagger_name: str | None,
) -> str:
    return hash_json(
        {
            "method": METHOD_VERSION,
            "model": model_id,
            "text": text_model_id,
            "tagger": tagger_name,
            "episodes": [
                [
                    status.episode.fingerprint,
                    status.episode.name.number,
                    status.sampling.id,
                    sound_track_id(status.reading),
                ]
                for status in statuses
            ],
        }
    )


def _read_known(home: Home, season_id: str) -> SeasonThemes | None:
    """Return the stored themes; None where they are missing, or damaged and so taken away."""
    path = home.season_themes_file(season_id)
    try:
        return read_season_themes(path)
    except DamagedThemesError:
        path.unlink(missing_ok=True)
        return None


def _make_usable(status: EpisodeStatus, make_tracks: MakeTracks, failures: dict[str, str]) -> bool:
    """Make an episode's tracks; return whether they can be used."""
    try:
        make_tracks(status)
    except (FramesError, TrackError) as error:
        failures[status.episode.path] = str(error)
        return False
    return True
