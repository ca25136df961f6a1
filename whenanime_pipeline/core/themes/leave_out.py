"""Decides which stretches of which contents are left out of an index."""

from collections.abc import Mapping
from contextlib import suppress

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.indexed_frames import Spans
from whenanime_pipeline.core.settings import IndexOptions
from whenanime_pipeline.core.themes.errors import DamagedThemesError
from whenanime_pipeline.core.themes.labels.application import apply_labels
from whenanime_pipeline.core.themes.labels.store import LabelsReader
from whenanime_pipeline.core.themes.season_store import read_season_themes
from whenanime_pipeline.core.themes.segments import Segment

_DIGITS = 3
ThemesStamp = tuple[tuple[str, int, int], ...]


def find_left_out(home: Home, options: IndexOptions) -> Mapping[str, Spans]:
    """Return the stretches to leave out of the index, by fingerprint.

    Only what is certain is left out, and nothing that the operator never skips. The first
    appearance of a theme in its season stays, as the first episode does with `full_first_ep`, and
    so does what has no template: the theme would be found nowhere.

    Args:
        home: home of the library.
        options: which types are left out, and whether first appearances are.

    Raises:
        ThemesError: a season's file cannot be read.
    """
    if not options.leave_out:
        return {}
    labels = LabelsReader(home).read().labels
    found: dict[str, Spans] = {}
    for path in home.list_season_themes_files():
        with suppress(DamagedThemesError):  # the section of themes names it, and it is made again
            themes = read_season_themes(path)
            for fingerprint, segments in (
                apply_labels(themes, labels).episodes.items() if themes else ()
            ):
                spans = tuple(
                    (round(one.start, _DIGITS), round(one.end, _DIGITS))
                    for one in segments
                    if _is_left_out(one, options)
                )
                if spans:
                    found[fingerprint] = spans
    return found


def stamp_themes(home: Home) -> ThemesStamp:
    """Return what changes with the files of themes: names, times and sizes."""
    stamp = []
    for path in (home.theme_labels_file, *home.list_season_themes_files()):
        with suppress(FileNotFoundError):
            status = path.stat()
            stamp.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(stamp)


def _is_left_out(segment: Segment, options: IndexOptions) -> bool:
    if (
        segment.confidence != "certain"
        or segment.never_skip
        or segment.type not in options.leave_out
    ):
        return False
    repeats = segment.template is not None and not segment.is_first
    return options.leave_out_first or repeats
