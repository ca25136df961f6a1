"""Numbers of our own for series, in the place of AniList's where a series has none there.

Clients of trace.moe's API know a series by one whole number, which is never null. A number here is
beyond AniList's, fits 32 bits, and is given to a series as a whole, not to each season: a name says
of every file which series it belongs to, but not which seasons AniList counts apart.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo

FIRST_NUMBER = 10**9
"""AniList's ids have six digits; one that is not less than this is not AniList's."""
END_NUMBER = 2**31
"""GraphQL's `Int` and typed clients end here."""


class SeriesIdentity(NamedTuple):
    """What tells series apart: two with the same name differ in the year or in an id.

    Attributes:
        series, year, ids: As in `EpisodeName`.
    """

    series: str
    year: int | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesNumber:
    """A number and the series that has it, now or when its last file went.

    Attributes:
        number: At least `FIRST_NUMBER`, less than `END_NUMBER`.
        series, year, ids: As in `EpisodeName`.
        former: Whether the series has another number as well, which is the one to answer: this
            one belonged to a series that became part of it.
    """

    number: int
    series: str
    year: int | None = None
    ids: tuple[str, ...] = ()
    former: bool = False

    @property
    def identity(self) -> SeriesIdentity:
        """The series."""
        return SeriesIdentity(self.series, self.year, self.ids)


def identify_series(name: EpisodeName) -> SeriesIdentity:
    """Return the series that a file belongs to."""
    return SeriesIdentity(name.series, name.year, name.ids)


def number_series(
    known: Sequence[SeriesNumber], before: Iterable[Episode], after: Iterable[Episode]
) -> tuple[SeriesNumber, ...]:
    """Update the numbers: each series has one, and keeps it when it is renamed.

    A series is renamed when more of its files are now in another series than are left in it. The
    other one gets its number; if it has one, and nothing is left of the first, it gets the number
    as a former one. The number of a series without files stays reserved for it.

    Args:
        known: Numbers so far.
        before: Catalogue to which `known` belongs; its series may have no numbers.
        after: Catalogue now.

    Returns:
        All numbers ever given, sorted. Each belongs to one series, and each series of `after` has
        exactly one that is not a former one.
    """
    old = Counter((identify_series(one.name), one.fingerprint) for one in before)
    new = Counter((identify_series(one.name), one.fingerprint) for one in after)
    numbers = _add_missing(known, {series for series, _ in old})
    if old != new:
        numbers = _follow_renames(numbers, old, new)
        numbers = _add_missing(numbers, {series for series, _ in new})
    return tuple(sorted(numbers, key=lambda one: one.number))


def list_numbers(
    known: Iterable[SeriesNumber], series: Collection[SeriesIdentity]
) -> dict[SeriesIdentity, tuple[int, ...]]:
    """Return the numbers of each series: the one to answer, then former ones, sorted.

    Args:
        known: Stored numbers.
        series: Series to list; those without a stored number get one as `number_series` gives it.
    """
    found: dict[SeriesIdentity, list[int]] = defaultdict(list)
    numbers = _add_missing(list(known), series)
    for one in sorted(numbers, key=lambda one: (one.former, one.number)):
        found[one.identity].append(one.number)
    return {one: tuple(found[one]) for one in series}


def find_anilist_id(name: EpisodeName, info: SeriesInfo) -> int | None:
    """Return the series' id on AniList from its NFO, else from its folder, else None.

    A number that cannot be AniList's counts as none, for it may be another series' number here.
    """
    named = (one.partition("-") for one in name.ids)
    folder = [int(value) for site, _, value in named if site == "anilist" and value.isdecimal()]
    candidates = [*folder] if info.anilist is None else [info.anilist, *folder]
    return next((number for number in candidates if 0 < number < FIRST_NUMBER), None)


def _add_missing(
    known: Sequence[SeriesNumber], series: Collection[SeriesIdentity]
) -> list[SeriesNumber]:
    """Add a number for each series that has none.

    It follows from the name, so that another home of the same folder has the same one, unless two
    names fall on one number: then the second one takes the next that is free.
    """
    taken = {one.number for one in known}
    missing = set(series) - {one.identity for one in known if not one.former}
    added = []
    for one in sorted(missing, key=_order):
        number = next(number for number in _candidates(one) if number not in taken)
        taken.add(number)
        added.append(SeriesNumber(number, *one))
    return [*known, *added]


def _order(series: SeriesIdentity) -> tuple[object, ...]:
    return series.series, series.year or 0, series.ids


def _order_file(file: tuple[SeriesIdentity, str]) -> tuple[object, ...]:
    return *_order(file[0]), file[1]


def _candidates(series: SeriesIdentity) -> Iterator[int]:
    data = json.dumps(series).encode("ascii")
    start = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
    span = END_NUMBER - FIRST_NUMBER
    return (FIRST_NUMBER + (start + step) % span for step in range(span))


def _follow_renames(
    known: Sequence[SeriesNumber],
    old: Counter[tuple[SeriesIdentity, str]],
    new: Counter[tuple[SeriesIdentity, str]],
) -> list[SeriesNumber]:
    """Give the numbers of renamed series to what they are called now."""
    goes_to = _find_renamed(old, new)
    present = {series for series, _ in new}
    having = {one.identity for one in known if not one.former}
    winners: dict[SeriesIdentity, SeriesIdentity] = {}
    for series, (target, _) in sorted(goes_to.items(), key=lambda item: -item[1][1]):
        if target not in having or target in goes_to:
            winners.setdefault(target, series)
    moved = []
    for one in known:
        series = one.identity
        if series not in goes_to:
            moved.append(one)
            continue
        target, _ = goes_to[series]
        is_winner = winners.get(target) == series
        # What is left of a series keeps its number, unless another series took over its name.
        if not is_winner and series in present and series not in winners:
            moved.append(one)
        else:
            former = one.former or not is_winner
            moved.append(SeriesNumber(one.number, *target, former=former))
    return moved


def _find_renamed(
    old: Counter[tuple[SeriesIdentity, str]], new: Counter[tuple[SeriesIdentity, str]]
) -> Mapping[SeriesIdentity, tuple[SeriesIdentity, int]]:
    """Return the series most of whose files are in another one now, with it and their count."""
    arrived: dict[str, list[SeriesIdentity]] = defaultdict(list)
    for series, fingerprint in sorted((new - old).elements(), key=_order_file):
        arrived[fingerprint].append(series)
    moves: dict[SeriesIdentity, Counter[SeriesIdentity]] = defaultdict(Counter)
    for series, fingerprint in sorted((old - new).elements(), key=_order_file):
        if arrived[fingerprint]:
            moves[series][arrived[fingerprint].pop(0)] += 1
    left = Counter(series for series, _ in (old & new).elements())
    renamed = {}
    for series, targets in sorted(moves.items(), key=lambda item: _order(item[0])):
        target, count = min(targets.items(), key=lambda item: (-item[1], _order(item[0])))
        if count > left[series]:
            renamed[series] = target, count
    return renamed
