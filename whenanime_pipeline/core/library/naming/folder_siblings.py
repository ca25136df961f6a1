"""Names all files of a videos folder; siblings decide which number of a name counts up."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.episode import EpisodeName
from whenanime_pipeline.core.library.naming.disc_names import name_disc_titles
from whenanime_pipeline.core.library.naming.folders import FolderNames, read_folders
from whenanime_pipeline.core.library.naming.labels import find_extra_suffix
from whenanime_pipeline.core.library.naming.merge import (
    describe_extra,
    merge_reading,
    starts_with_title,
)
from whenanime_pipeline.core.library.naming.parts import split_part
from whenanime_pipeline.core.library.naming.plain_numbers import is_year_like
from whenanime_pipeline.core.library.naming.season_codes import (
    are_season_codes,
    may_be_season_codes,
    read_season_code,
)
from whenanime_pipeline.core.library.naming.stems import Reading, read_stem
from whenanime_pipeline.core.library.naming.titles import fold_title, is_same_title

NAMES_VERSION = 2
"""Version of the rules; incremented when a path may get another name, to discard stored ones."""

PROOF = 3
"""Siblings that must count up before they change a doubtful reading."""


Numbers = Collection[tuple[int, str]]
"""Numbers and what is attached to them: `.5` or a letter."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One name that a file may have, with the reading that gives it."""

    reading: Reading
    name: EpisodeName
    weight: int

    @property
    def series_key(self) -> tuple[object, ...]:
        name = self.name
        return (fold_title(name.series), name.year, name.season, name.kind, name.mark)


def name_files(
    paths: Sequence[str], root_title: str, known: Mapping[str, EpisodeName] | None = None
) -> dict[str, EpisodeName]:
    """Name all videos of a folder.

    Args:
        paths: Paths relative to the videos folder with `/` between the parts, in any Unicode form.
        root_title: Series of files whose path names none.
        known: Names given before by the same rules, by path; a doubtful one stays until siblings
            prove another.

    Returns:
        The name of each path; `series` is never empty.
    """
    names = name_disc_titles(paths, root_title)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path not in names:
            by_folder[path.rpartition("/")[0]].append(path)
    for folder, files in by_folder.items():
        stems = tuple(sorted(path.rpartition("/")[2] for path in files))
        found = _name_folder(unicodedata.normalize("NFC", folder), stems, root_title)
        for path in files:
            names[path] = found.choose(path.rpartition("/")[2], (known or {}).get(path))
    return names


@dataclass(slots=True)
class _FolderNames:
    """Names of a folder's files, by file name.

    Attributes:
        proved: Names that siblings prove, or the name itself.
        possible: All names that a file may have, the best first.
        codes: Names with season and episode, of which other siblings may have been the proof.
    """

    proved: dict[str, EpisodeName] = field(default_factory=dict)
    possible: dict[str, tuple[EpisodeName, ...]] = field(default_factory=dict)
    codes: dict[str, EpisodeName] = field(default_factory=dict)

    def choose(self, file_name: str, before: EpisodeName | None) -> EpisodeName:
        """Return the name of a file, which was called `before`."""
        proved, possible = self.proved.get(file_name), self.possible[file_name]
        if before is None:
            return proved or possible[0]
        if file_name in self.codes:
            code = replace(self.codes[file_name], title=before.title)
            return before if before == code else proved or possible[0]
        return before if proved is None and before in possible else proved or possible[0]


@lru_cache(maxsize=4096)  # a watched folder is scanned again and again
def _name_folder(folder: str, file_names: tuple[str, ...], root_title: str) -> _FolderNames:
    """Return the names of a folder's files."""
    folders = read_folders(tuple(folder.split("/")) if folder else ())
    candidates = {name: _list_candidates(name, folders, root_title) for name in file_names}
    if re.fullmatch(r"\d+", folders.series or "") and _holds_several_series(candidates):
        folders = replace(folders, is_outermost=False)  # `104/` sorts, and is no AniList id
        candidates = {name: _list_candidates(name, folders, root_title) for name in file_names}
    numbers = _count_numbers(candidates)
    found = _FolderNames()
    for file_name, options in candidates.items():
        best = _choose(options, numbers)
        support = numbers[best.reading.rule, best.series_key]
        name = best.name
        if code := _read_season_code(best, support):
            if are_season_codes(_list_numbers(support), name.season):
                name = code
            else:
                found.codes[file_name] = code
        found.possible[file_name] = tuple(dict.fromkeys([name, *(one.name for one in options)]))
        if best.reading.is_declared or len(support) >= PROOF:
            found.proved[file_name] = name
    _drop_repeated_titles(found.proved)
    return found


def _read_season_code(best: _Candidate, support: Numbers) -> EpisodeName | None:
    """Return the name of a file whose number may be season and episode, as its siblings' are."""
    if best.reading.is_declared or not may_be_season_codes(_list_numbers(support)):
        return None
    return read_season_code(best.name)


def _list_numbers(support: Numbers) -> set[int]:
    return {number for number, _ in support}


def _holds_several_series(candidates: Mapping[str, Sequence[_Candidate]]) -> bool:
    names = [options[0].name for options in candidates.values()]
    return len({fold_title(name.series) for name in names if name.kind != "special"}) > 1


def _list_candidates(file_name: str, folders: FolderNames, root_title: str) -> list[_Candidate]:
    """Return the names that a file may have, the most plausible first."""
    file_name = unicodedata.normalize("NFC", file_name)
    stem = PurePosixPath(file_name).stem.strip() or file_name
    extra = find_extra_suffix(stem)
    if extra:
        stem = extra.before
    part = split_part(stem)
    if part:
        stem = part.before
        if extra is None and (extra := find_extra_suffix(stem)):  # `Film-trailer-part1`
            stem = extra.before
    found = []
    for reading in read_stem(stem):
        if extra:
            reading = _as_extra(reading, extra.mark)
        name = merge_reading(stem, reading, folders, part.mark if part else None, root_title)
        found.append(_Candidate(reading, name, _weigh(stem, reading, folders)))
    return sorted(found, key=lambda one: -one.weight)


def _as_extra(reading: Reading, mark: str) -> Reading:
    """Return the reading of an extra of an episode or film: it has no number of its own."""
    return replace(
        reading,
        label=mark,
        rule="none",
        number=None,
        number_end=None,
        season=None,
        episode_title=describe_extra(reading) if reading.number is not None else None,
    )


def _weigh(stem: str, reading: Reading, folders: FolderNames) -> int:
    """Return how plausible a reading is without siblings."""
    rule = reading.rule.rstrip("0123456789-_=.、:：")
    if reading.is_declared:
        return 100
    if rule == "none":
        return _weigh_none(stem, reading, folders)
    if rule == "bare":
        has_series = folders.series is not None or folders.has_season_folder
        return 100 if has_series or (reading.number or 0) < 1000 else 10
    if reading.before_year and (reading.rule != "dash0" or not reading.is_padded):
        is_first = rule == "first" and folders.series is not None and reading.is_padded
        return 50 if is_first and reading.rule[-1] != "=" else 10
    if rule == "last":
        return _weigh_last(reading, folders, stem)
    if rule == "first":
        return _weigh_first(reading, folders)
    return _weigh_inner(stem, reading, rule)


def _weigh_none(stem: str, reading: Reading, folders: FolderNames) -> int:
    """Weigh the reading without a number: `Mob Psycho 100` below a folder of that name."""
    same = folders.series is not None and is_same_title(folders.series, reading.title or stem)
    is_whole = same and reading.season_name is None and not folders.has_season_folder
    return 95 if is_whole else 20


def _weigh_inner(stem: str, reading: Reading, rule: str) -> int:
    """Weigh a number in brackets, after a dash, or between words."""
    year_like = reading.number is not None and is_year_like(reading.number)
    index = int(reading.rule[len(rule) :] or 0)
    if rule == "bracket":
        return 15 if year_like else 90 + index
    if rule == "dash":
        has_title = reading.title is not None or reading.season is not None
        return (80 - index if has_title else 18) - 40 * year_like
    if rule == "text":
        return 52 if reading.is_padded and (reading.number or 0) < 100 else 35
    if rule == "round":
        return 40 if reading.is_padded and not year_like else 12
    is_sure = re.search(r"(?<!\d)0\d(?!\d)|^\S+\.\S+$", stem) and not year_like
    return 42 if is_sure else 8


def _weigh_last(reading: Reading, folders: FolderNames, stem: str) -> int:
    is_title = folders.is_film_folder and not reading.is_padded
    if reading.title is None or is_title or is_year_like(reading.number or 0):
        return 10
    starts_with_number = bool(re.match(r"\d", stem)) and folders.series is not None
    if starts_with_number and not starts_with_title(reading.title, folders.series):
        return 45
    return 55


def _weigh_first(reading: Reading, folders: FolderNames) -> int:
    gap = reading.rule[-1]
    if (reading.number or 0) > 999 and not folders.has_season_folder:
        return 10
    if reading.suffix.startswith(".") or (gap == "=" and folders.series is None):
        return 58 if folders.has_season_folder else 30
    if folders.has_season_folder or gap in "-_=":
        return 58
    if gap == "." or (reading.is_padded and folders.series is not None):
        return 50
    return 12


def _count_numbers(
    candidates: Mapping[str, Sequence[_Candidate]],
) -> Mapping[tuple[str, tuple[object, ...]], set[tuple[int, str]]]:
    """Return the different numbers that each rule finds for each series in a folder.

    A number at the start counts only where no other reading is much more plausible: `86 - 05` and
    `91 Days - 03` in one folder are no episodes 86 and 91.
    """
    numbers: dict[tuple[str, tuple[object, ...]], set[tuple[int, str]]] = defaultdict(set)
    for options in candidates.values():
        for one in options:
            is_weak = one.reading.rule.startswith("first") and options[0].weight > one.weight + 20
            if one.name.number is not None and not is_weak:
                key = one.reading.rule, one.series_key
                numbers[key].add((one.name.number, one.reading.suffix))
    return numbers


def _choose(
    options: Sequence[_Candidate],
    numbers: Mapping[tuple[str, tuple[object, ...]], Numbers],
) -> _Candidate:
    """Return the candidate whose number counts up among siblings, else the most plausible."""
    best = options[0]
    if best.reading.is_declared:
        return best

    def support(one: _Candidate) -> int:
        return len(numbers.get((one.reading.rule, one.series_key), ()))

    proved = [
        one
        for one in options
        if support(one) >= PROOF and one.name.number is not None and not one.reading.before_year
    ]
    strongest = max(proved, key=lambda one: (support(one), one.weight), default=best)
    return strongest if support(strongest) > support(best) else best


def _drop_repeated_titles(proved: dict[str, EpisodeName]) -> None:
    """Drop what stands as a title in most episodes, three at least: it is a tag."""
    counts: Counter[tuple[str, int | None, str | None]] = Counter(
        (name.series, name.season, name.title)
        for name in proved.values()
        if name.title and name.number is not None
    )
    totals = Counter((name.series, name.season) for name in proved.values())
    for file_name, name in proved.items():
        same = counts[name.series, name.season, name.title]
        is_most = 2 * same > totals[name.series, name.season]
        if same >= PROOF and is_most and name.number is not None:
            proved[file_name] = replace(name, title=None)
