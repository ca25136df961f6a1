"""Chooses the main titles of a disc: its film, or the episodes of a season's disc."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST_EPISODE = 15 * 60.0
"""Seconds of a title that may be one of several episodes; shorter ones are openings and extras."""
_SMALLEST_SHARE = 0.5
"""Length of a title relative to the longest below which it is an extra of a film."""
_CONTAINED = 0.95
"""Share of a title's seconds that another one plays for it to hold the whole title: playlists of
single episodes often end a little later than the episode within the one that plays all."""
_MAX_REPEATS = 2
"""Times that a title may play one piece: menus and decoys repeat one clip hundreds of times."""


class DiscError(ValueError):
    """A disc cannot be read; the text says why, without its path."""


@dataclass(frozen=True, slots=True)
class DiscPiece:
    """A stretch of a disc's stream that a title plays.

    Attributes:
        source: Name of the stream: `00001` for a clip, `VTS_01` for the title set of a DVD.
        begin: First unit: of 45 kHz on the clip's clock, or sectors of the title set.
        end: Unit after the last one.
        seconds: Length in seconds.
        last_unit: Sector of the last group of pictures; 0 for clips.
    """

    source: str
    begin: int
    end: int
    seconds: float
    last_unit: int = 0

    def measure_overlap(self, other: "DiscPiece") -> float:
        """Return how many of its seconds another piece plays, too."""
        shared = min(self.end, other.end) - max(self.begin, other.begin)
        if self.source != other.source or shared <= 0:
            return 0.0
        return self.seconds * shared / (self.end - self.begin)


@dataclass(frozen=True, slots=True)
class DiscTitle:
    """Pieces that are played one after the other.

    Attributes:
        name: Name of its playlist, or of its title set with a number; orders the titles.
        pieces: Pieces in order of playing.
    """

    name: str
    pieces: tuple[DiscPiece, ...]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return sum(piece.seconds for piece in self.pieces)

    def holds(self, other: "DiscTitle") -> bool:
        """Whether it plays nearly all that another title does."""
        shared = sum(
            min(piece.seconds, sum(piece.measure_overlap(own) for own in self.pieces))
            for piece in other.pieces
        )
        return shared >= _CONTAINED * other.seconds


def choose_titles(
    titles: Sequence[DiscTitle], *, shortest_episode: float = SHORTEST_EPISODE
) -> list[DiscTitle]:
    """Return the main titles of a disc in order of their names.

    They are the titles of an episode's length at least, without those that play several of the
    others (a season's "play all") and without those that are much shorter than the longest (the
    making-of of a film). Where no title has that length, the longest one is chosen.

    Args:
        titles: Titles of the playlists.
        shortest_episode: Seconds of the shortest title that may be one of several.
    """
    distinct = _drop_repetitions(titles)
    if not distinct:
        return []
    long = [one for one in distinct if one.seconds >= shortest_episode]
    single = [one for one in long if not _plays_several(one, long)]
    if not single:
        return [max(distinct, key=lambda one: one.seconds)]
    longest = max(one.seconds for one in single)
    return [one for one in single if one.seconds >= _SMALLEST_SHARE * longest]


def join_titles(titles: Sequence[DiscTitle], all_titles: Sequence[DiscTitle]) -> DiscTitle:
    """Return one title that plays several: the disc's own where there is one.

    Args:
        titles: Titles to play, at least one.
        all_titles: All titles of the disc.
    """
    for one in _drop_repetitions(all_titles):
        if all(one.holds(title) for title in titles):
            return one
    return DiscTitle(titles[0].name, tuple(piece for one in titles for piece in one.pieces))


def _drop_repetitions(titles: Sequence[DiscTitle]) -> list[DiscTitle]:
    """Return titles by name, each once, without those that play one piece again and again."""
    seen: set[tuple[DiscPiece, ...]] = set()
    kept = []
    for title in sorted(titles, key=lambda one: one.name):
        counts = Counter(title.pieces)
        if not counts or max(counts.values()) > _MAX_REPEATS or title.pieces in seen:
            continue
        seen.add(title.pieces)
        kept.append(title)
    return kept


def _plays_several(title: DiscTitle, titles: Sequence[DiscTitle]) -> bool:
    """Whether a title plays two others that have little in common."""
    held = [one for one in titles if one is not title and title.holds(one)]
    return any(
        not one.holds(other) and not other.holds(one)
        for number, one in enumerate(held)
        for other in held[:number]
    )
