"""Says what a shared part is: an opening, an ending, or one of the other parts of an episode.

A template has a type by where most of its episodes show it; a segment has its own by its place in
its own episode, as an opening's song that closes the first episode is an ending there.
"""

from collections.abc import Sequence
from statistics import median

from whenanime_pipeline.core.themes.season.consensus import PICTURES, SOUND
from whenanime_pipeline.core.themes.season.parts import PartSpan, SharedPart
from whenanime_pipeline.core.themes.segments import SegmentType

_THEME_SECONDS = (17.5, 240.0)
"""Shortest and longest opening or ending; those of short cartoons last 20 s or 30 s."""
_SHORT_THEME_SECONDS = 6.0
"""Shortest one of episodes that last a minute."""
_THEME_SHARE = 0.14
"""Share of such an episode that its opening or ending lasts at least."""
_OPENING_UNTIL = 0.45
"""Share of an episode before whose end an opening begins."""
_ENDING_FROM = 0.55
"""Share of an episode after which an ending ends."""
_CARD_SECONDS = 15.0
"""Longest sponsor card or eyecatch."""
_LEAST_COVERAGE = 0.5
"""Share of the season that a theme of sound alone, or one that is scattered, is in."""
_EDGE_THEME_SECONDS = 12.0
"""Shortest theme that stands at the file's edge."""
_AT_EDGE = 2.0
"""Seconds from the file's edge."""
_MOST = 0.7
"""Share of the season that shows it there."""
_CARD_COVERAGE = 0.3
"""Share of the season that a card with sound is in."""
_SONG_SECONDS = 28.0
"""Shortest theme of sound alone: background music comes again in shorter pieces."""
_STEADY = 25.0
"""Seconds by which the places of a theme differ, from the beginning or from the end."""


def find_template_type(
    part: SharedPart, durations: Sequence[float], *, is_half: bool = False
) -> SegmentType | None:
    """Return what a part is, before its neighbours are known.

    Args:
        part: of the season.
        durations: of all its episodes, in seconds.
        is_half: whether it and a part next to it are long enough for a theme together.

    Returns:
        Its type; None for what is shared by chance, such as background music.
    """
    is_short = part.seconds < find_shortest_theme(durations) and not is_half
    if is_short and not _is_short_theme(part, durations):
        return _find_short_type(part, durations)
    if part.state == SOUND and not _is_theme_of_sound(part, durations):
        return None if part.seconds < 60 or _find_coverage(part, durations) < 0.3 else "repeated"
    if part.seconds > _THEME_SECONDS[1] or not _is_theme(part, durations):
        return "repeated"
    repeated = find_type_when_repeated(part, durations)
    if repeated is not None:
        return repeated
    types = [find_place_type(span, durations[span.episode]) for span in part.spans]
    openings, endings = types.count("opening"), types.count("ending")
    if max(openings, endings) * 2 <= len(types):
        return "repeated"
    return "opening" if openings > endings else "ending"


def _is_short_theme(part: SharedPart, durations: Sequence[float]) -> bool:
    """Tell whether a short part is a theme by where it stands: at the file's edge, in most of them.

    Short cartoons have such endings, after each of their stories.
    """
    edges = {
        span.episode
        for span in part.spans
        if span.start < _AT_EDGE or durations[span.episode] - span.end < _AT_EDGE
    }
    return (
        part.seconds >= _EDGE_THEME_SECONDS
        and not part.is_static
        and part.state == SOUND | PICTURES
        and len(edges) >= _MOST * len(durations)
    )


def find_shortest_theme(durations: Sequence[float]) -> float:
    """Return the seconds of the shortest opening or ending of a season.

    Args:
        durations: of its episodes, in seconds.
    """
    usual = _THEME_SHARE * median(durations)
    return min(_THEME_SECONDS[0], max(_SHORT_THEME_SECONDS, usual))


def find_type_when_repeated(part: SharedPart, durations: Sequence[float]) -> SegmentType | None:
    """Return what a theme is that files show twice, as those of two stories do; None if few do.

    An opening stands at the beginning of such files too, an ending at their end.
    """
    by_episode: dict[int, list[PartSpan]] = {}
    for span in part.spans:
        by_episode.setdefault(span.episode, []).append(span)
    twice = {one: spans for one, spans in by_episode.items() if len(spans) > 1}
    if len(twice) * 2 <= len(by_episode):
        return None
    first = median(spans[0].start / durations[one] for one, spans in twice.items())
    last = median(1 - spans[-1].end / durations[one] for one, spans in twice.items())
    return "opening" if first <= last else "ending"


def find_place_type(span: PartSpan, duration: float) -> SegmentType:
    """Return what a theme is by its place in one episode; `repeated` in the middle."""
    middle = (span.start + span.end) / 2
    if span.start < _OPENING_UNTIL * duration and middle < duration / 2:
        return "opening"
    if span.end > _ENDING_FROM * duration:
        return "ending"
    return "repeated"


def _find_short_type(part: SharedPart, durations: Sequence[float]) -> SegmentType | None:
    if not part.state & PICTURES:
        return None
    if part.seconds > _CARD_SECONDS:
        return "repeated"
    inner = [
        0.15 < (span.start + span.end) / 2 / durations[span.episode] < 0.85 for span in part.spans
    ]
    is_usual = _find_coverage(part, durations) >= _LEAST_COVERAGE
    if part.is_static and _is_sponsor(part, durations):
        return "sponsor"
    return "eyecatch" if is_usual and sum(inner) * 2 > len(inner) else "repeated"


def _is_sponsor(part: SharedPart, durations: Sequence[float]) -> bool:
    """Tell a sponsor card from a picture that stands still in some scenes by chance.

    A card is in many episodes; without sound of its own, in most.
    """
    least = _CARD_COVERAGE if part.state & SOUND else _LEAST_COVERAGE
    return _find_coverage(part, durations) >= least and (
        len(part.spans) >= 3 or len(durations) <= 3
    )


def _find_coverage(part: SharedPart, durations: Sequence[float]) -> float:
    return len({span.episode for span in part.spans}) / len(durations)


def _is_theme_of_sound(part: SharedPart, durations: Sequence[float]) -> bool:
    """Tell whether a part that only sounds alike is a song of the credits."""
    return (
        part.seconds >= _SONG_SECONDS
        and _find_coverage(part, durations) >= _LEAST_COVERAGE
        and _is_steady(part, durations)
    )


def _is_theme(part: SharedPart, durations: Sequence[float]) -> bool:
    """Tell a theme from a stock shot or a song that is used again somewhere.

    A theme is in most episodes, or in a row of episodes, or always at the same distance from the
    beginning or from the end.
    """
    episodes = sorted({span.episode for span in part.spans})
    if len(durations) <= 3 or len(episodes) / len(durations) >= _LEAST_COVERAGE:
        return True
    in_a_row = len(episodes) / (episodes[-1] - episodes[0] + 1) >= 0.65
    return (in_a_row and len(episodes) >= 3) or (_is_steady(part, durations) and len(episodes) >= 2)


def _is_steady(part: SharedPart, durations: Sequence[float]) -> bool:
    starts = [span.start for span in part.spans]
    lefts = [durations[span.episode] - span.end for span in part.spans]
    return any(
        _find_usual_deviation([abs(value - median(values)) for value in values]) <= _STEADY / 2
        for values in (starts, lefts)
    )


def _find_usual_deviation(deviations: Sequence[float]) -> float:
    """Return what three quarters of some deviations do not exceed."""
    return sorted(deviations)[(3 * len(deviations) - 1) // 4]
