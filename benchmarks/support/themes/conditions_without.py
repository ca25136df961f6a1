"""Seasons without any opening or ending, full of what is easily taken for one."""

from itertools import pairwise

import numpy as np

from benchmarks.support.themes.film_clips import FilmCut, FilmMontage
from benchmarks.support.themes.pieces import FRAMES, Layer, SeasonPlan
from benchmarks.support.themes.scripts import Script
from benchmarks.support.themes.series import Films, Theme, make_series
from benchmarks.support.themes.shots import ShotFilm
from benchmarks.support.themes.story_sound import SongSound, StorySound

_NONE = "none"


def plan_nothing(seed: int) -> SeasonPlan:
    """Case 24: nothing is repeated but places, characters and voices."""
    series = make_series(seed, "painted")
    episodes = tuple(
        Script(series, n).use_sound(StorySound(seed * 50 + n)).story(150).compose()
        for n in range(1, 11)
    )
    return SeasonPlan("none-plain", "none: nothing repeated", _NONE, episodes)


def plan_music(seed: int) -> SeasonPlan:
    """Case 15: the same music under talk, most of the time."""
    series = make_series(seed, "graphic")
    episodes = []
    for n in range(1, 13):
        script = Script(series, n)
        sound = StorySound(seed * 50 + n, series.music, share=0.9)
        episodes.append(script.use_sound(sound).story(160).compose())
    return SeasonPlan("none-music", "none: background music", _NONE, tuple(episodes))


def plan_cards(seed: int) -> SeasonPlan:
    """Static cards: an ident with a jingle somewhere, a title at the beginning, a static end."""
    series = make_series(seed, "painted")
    jingle = series.song(9, 5)
    episodes = []
    for n in range(1, 12):
        script = Script(series, n).card("story", seed * 100 + n, 5).story(30 + 8 * (n % 5))
        script.card("eyecatch", seed, 4.5, jingle).story(70)
        script.card("eyecatch", seed, 4.5, jingle).story(25).card("sponsor", seed + 1, 6)
        episodes.append(script.compose())
    return SeasonPlan("none-cards", "none: static cards", _NONE, tuple(episodes))


def plan_flashbacks(seed: int) -> SeasonPlan:
    """Cases 9 to 11: flashbacks, clip by clip, and one episode of nothing else."""
    series = make_series(seed, "graphic")
    scripts = [Script(series, 1).story(150)]
    for n in range(2, 13):
        script = Script(series, n).story(12 if n % 3 else 50)
        long = 70 if n == 9 else 22
        script.clips("story", scripts[-4:], long, own_sound=1.0 if n % 2 else 0.0)
        scripts.append(script.story(60).clips("story", scripts[-1:], 6, own_sound=1).story(20))
    episodes = tuple(script.compose() for script in scripts)
    return SeasonPlan("none-clips", "none: reused clips", _NONE, episodes)


def plan_stock_shots(seed: int) -> SeasonPlan:
    """Case 14: stock shots with their sound, a transformation, an insert song late."""
    series = make_series(seed, "painted")
    change, flight = series.theme("transformation", 5, 16.5), series.theme("flight", 6, 5.4)
    insert = series.song(7, 36)
    episodes = []
    for n in range(1, 13):
        script = Script(series, n).story(25 + 13 * (n % 4))
        if n % 4:
            script.show(change, "repeated")
        script.story(25 + 8 * (n % 3))
        if n % 3:
            script.show(flight, "repeated")
        if n in (4, 7, 11):
            own = ShotFilm(series.world, seed * 1000 + n, (0, 33, 71, 120, 160, 220))
            theme = Theme("insert song", 35 * FRAMES, own, SongSound(insert))
            script.show(theme, "repeated", repeats=frozenset({"sound"}))
        episodes.append(script.story(45).compose())
    return SeasonPlan("none-stock", "none: stock shots, insert song", _NONE, tuple(episodes))


def plan_recaps_only(seed: int) -> SeasonPlan:
    """Cases 9 and 11: recaps and previews without any opening or ending."""
    series = make_series(seed, "graphic")
    scripts: list[Script] = []
    for n in range(1, 14):
        script = Script(series, n)
        if scripts:
            over = script.narrate(series.music[n % 5])
            script.clips("recap", scripts[-2:], 24, own_sound=0.6 * (n % 2), over=over)
        scripts.append(script.story(115))
    for script, following in pairwise(scripts):
        over = (*script.narrate(), Layer(SongSound(series.song(9, 16)), 0, 0.6))
        script.clips("preview", [following], 15, over=over)
    episodes = tuple(script.compose() for script in scripts[:-1])
    return SeasonPlan("none-recaps", "none: recaps and previews", _NONE, episodes)


def plan_silence(seed: int) -> SeasonPlan:
    """Case 23: black and silence, long and at the same places."""
    series = make_series(seed, "painted")
    episodes = tuple(
        Script(series, n).black(20).story(70).black(30).story(45).black(25).compose()
        for n in range(1, 11)
    )
    return SeasonPlan("none-silence", "none: black and silence", _NONE, episodes)


def plan_films(seed: int, films: Films) -> SeasonPlan:
    """Case 24: films and specials, each out of another part of a film."""
    series = make_series(seed, "graphic")
    montages = [
        FilmMontage((FilmCut(films.feature, start, 62),)) for start in np.arange(20, 590, 63)[:7]
    ]
    montages += [FilmMontage((FilmCut(path, 0, 58),)) for path in films.shorts]
    episodes = []
    for n, montage in enumerate(montages, 1):
        script = Script(series, n).use_film(montage).story(52)
        episodes.append(script.compose())
    return SeasonPlan("none-films", "none: films", _NONE, tuple(episodes))


def plan_pair_without(seed: int, number: int) -> SeasonPlan:
    """Two episodes that share music and clips, and no theme."""
    series = make_series(seed, "painted" if number % 2 else "graphic")
    first = Script(series, 1).story(150)
    second = Script(series, 2).story(70)
    if number > 1:
        second.clips("story", [first], 12, own_sound=1.0)
    second.story(60)
    episodes = (first.compose(), second.compose())
    return SeasonPlan(f"none-two-{number}", "none: two episodes", _NONE, episodes)


def plan_lone_without(seed: int, number: int) -> SeasonPlan:
    """One episode without a theme."""
    series = make_series(seed, "painted" if number % 2 else "graphic")
    episode = Script(series, 1).story(170).compose()
    return SeasonPlan(f"none-lone-{number}", "none: lone episode", _NONE, (episode,))
