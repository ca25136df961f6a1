"""Seasons whose files differ: releases, missing parts, missing sound."""

from fractions import Fraction

from benchmarks.support.themes.pieces import FRAMES, Release, SeasonPlan, SoundKind
from benchmarks.support.themes.scripts import Script
from benchmarks.support.themes.series import Films, Series, Theme, make_series

_NTSC, _PAL = Fraction(24000, 1001), Fraction(25)
_MIXED = (
    Release(rate=_NTSC),
    Release(rate=_NTSC, sample_rate=48000, layout="stereo", bit_rate=128000, suffix=".mkv"),
    Release(rate=_NTSC, crf=34, bit_rate=24000),
    Release(rate=_NTSC, gain=-12),
    Release(rate=_NTSC, sample_rate=22050, bit_rate=32000),
    Release(rate=Fraction(24), sample_rate=44100),
    Release(rate=_PAL, sample_rate=48000),
    Release(rate=_NTSC, is_pillarboxed=True),
    Release(rate=_NTSC, has_logo=True, crf=30),
    Release(rate=_NTSC, brightness=22, gain=-5),
)
"""Releases of case 18."""


def plan_mixed(seed: int, films: Films | None) -> SeasonPlan:
    """Case 18: every episode is another release."""
    series = make_series(seed, "painted" if films is None else "graphic")
    opening, ending = _choose_themes(series, films)
    releases = _MIXED if films is None else _MIXED[2:9]
    episodes = tuple(
        Script(series, n)
        .story(14 + 5 * (n % 3))
        .show(opening, "opening")
        .story(90)
        .show(ending, "ending")
        .story(4)
        .compose(release)
        for n, release in enumerate(releases, 1)
    )
    name, source = ("mixed", "drawn A") if films is None else ("mixed-films", "films")
    return SeasonPlan(name, "mixed releases", source, episodes, _NTSC)


def plan_cut_short(seed: int, films: Films) -> SeasonPlan:
    """Case 17: files that begin inside the opening, or end inside the ending."""
    series = make_series(seed, "painted")
    opening, ending = films.clip_theme("opening", 2, 6), films.trailer_theme("ending", 6, 42)
    cuts = ((0, 0), (20, 0), (0, 18), (0, 0), (31, 10), (0, 30), (9, 0))
    episodes = []
    for n, (before, after) in enumerate(cuts, 1):
        script = Script(series, n)
        if not before:
            script.story(12)
        script.show(opening, "opening").story(100).show(ending, "ending")
        if not after:
            script.story(7)
        episodes.append(script.compose(before=before * FRAMES + 7, after=after * FRAMES))
    return SeasonPlan("cut-short", "cut short, begins inside", "films", tuple(episodes))


def plan_silent(seed: int, films: Films) -> SeasonPlan:
    """Case 19: no sound at all."""
    series = make_series(seed, "graphic")
    opening = films.cut_theme("opening", series.song(1, 44))
    ending = films.clip_theme("ending", 12, 5)
    episodes = tuple(
        Script(series, n)
        .story(18)
        .show(opening, "opening")
        .story(90)
        .show(ending, "ending")
        .story(5)
        .compose(Release(sound="none"))
        for n in range(1, 7)
    )
    return SeasonPlan("silent", "no sound", "films", episodes)


def plan_some_sound(seed: int) -> SeasonPlan:
    """Case 19: sound in some only, broken in some, shorter than the picture in others."""
    series = make_series(seed, "graphic")
    opening, ending = series.theme("opening", 1, 45.2), series.theme("ending", 2, 40.1)
    kinds: tuple[SoundKind, ...] = (
        "whole",
        "none",
        "broken",
        "short",
        "whole",
        "none",
        "broken",
        "whole",
    )
    episodes = tuple(
        Script(series, n)
        .story(20)
        .show(opening, "opening")
        .story(90)
        .show(ending, "ending")
        .story(4)
        .compose(Release(sound=kind))
        for n, kind in enumerate(kinds, 1)
    )
    return SeasonPlan("some-sound", "sound missing, broken or short", "drawn B", episodes)


def _choose_themes(series: Series, films: Films | None) -> tuple[Theme, Theme]:
    if films is None:
        return series.theme("opening", 1, 48.5), series.theme("ending", 2, 43.1)
    return films.trailer_theme("opening", 5, 44), films.clip_theme("ending", 3, 5)
