"""Seasons with openings and endings, and what is next to them, over them or in them."""

from dataclasses import replace
from itertools import pairwise

from benchmarks.support.themes.pieces import FRAMES, Layer, Modality, SeasonPlan
from benchmarks.support.themes.scripts import Script
from benchmarks.support.themes.series import Films, Theme, make_series
from benchmarks.support.themes.shots import ShotFilm
from benchmarks.support.themes.story_sound import SongSound

_SOUND_ONLY: frozenset[Modality] = frozenset({"sound"})


def plan_previews(seed: int, films: Films | None) -> SeasonPlan:
    """Cases 7 and 11: a preview of the next story with a jingle that is always the same."""
    series = make_series(seed, "painted" if films else "graphic")
    if films:
        opening = films.trailer_theme("opening", 4, 40)
        ending = films.cut_theme("ending", series.song(2, 42))
    else:
        opening, ending = series.theme("opening", 1, 43.2), series.theme("ending", 2, 39.1)
    jingle, count = series.song(9, 16), 6 if films else 7
    scripts = [Script(series, n).story(18).show(opening, "opening") for n in range(1, count + 2)]
    for script in scripts:
        script.story(95).show(ending, "ending")
    for script, following in pairwise(scripts):
        over = (*script.narrate(), Layer(SongSound(jingle), 0, 0.8))
        script.clips("preview", [following], 14.5, over=over)
    name = "previews-films" if films else "previews"
    episodes = tuple(script.compose() for script in scripts[:-1])
    return SeasonPlan(name, "preview with a jingle", "films" if films else "drawn B", episodes)


def plan_after_credits(seed: int, films: Films) -> SeasonPlan:
    """Case 8: scenes after the credits, and between them."""
    series = make_series(seed, "graphic")
    opening = films.cut_theme("opening", series.song(1, 46))
    ending = films.clip_theme("ending", 8, 5)
    episodes = []
    for n in range(1, 8):
        script = Script(series, n).story(10).show(opening, "opening").story(85)
        if n % 3 == 0:
            script.show(ending, "ending", frames=18 * FRAMES).story(12)
            script.show(ending, "ending", start=18 * FRAMES)
        else:
            script.show(ending, "ending")
        script.story(25 if n % 2 else 8)
        episodes.append(script.compose())
    return SeasonPlan("after-credits", "scenes after and between credits", "films", tuple(episodes))


def plan_recaps(seed: int) -> SeasonPlan:
    """Case 9: a recap of clips of earlier episodes, directly before the opening."""
    series = make_series(seed, "painted")
    opening, ending = series.theme("opening", 1, 46.9), series.theme("ending", 2, 41)
    scripts: list[Script] = []
    for n in range(1, 8):
        script = Script(series, n)
        if scripts:
            music = series.music[n % len(series.music)]
            script.clips(
                "recap",
                scripts[-3:],
                14 + 2 * n,
                own_sound=0.7 * (n % 2),
                over=script.narrate(music),
            )
        script.show(opening, "opening").story(100).show(ending, "ending").black(2)
        scripts.append(script)
    episodes = tuple(script.compose() for script in scripts)
    return SeasonPlan("recaps", "recap of clips", "drawn A", episodes)


def plan_clip_endings(seed: int) -> SeasonPlan:
    """Case 10: an ending whose pictures are clips of the episodes so far."""
    series = make_series(seed, "graphic")
    opening, song = series.theme("opening", 1, 49.4), SongSound(series.song(2, 40))
    scripts: list[Script] = []
    for n in range(1, 8):
        script = Script(series, n).story(16).show(opening, "opening").story(95)
        script.clips("ending", [*scripts, script], 39.5, over=(Layer(song),))
        script.pieces = [
            replace(piece, repeats=_SOUND_ONLY) if piece.type == "ending" else piece
            for piece in script.pieces
        ]
        scripts.append(script.black(1))
    episodes = tuple(script.compose() for script in scripts)
    return SeasonPlan("clip-endings", "ending of clips", "drawn B", episodes)


def plan_sponsors(seed: int) -> SeasonPlan:
    """Cases 12 and 13: static sponsor cards after opening and ending, two eyecatches."""
    series = make_series(seed, "painted")
    opening, ending = series.theme("opening", 1, 45.6), series.theme("ending", 2, 40.7)
    catches = (series.theme("eyecatch 1", 5, 5.2), series.theme("eyecatch 2", 6, 6.1))
    episodes = []
    for n in range(1, 8):
        script = Script(series, n).story(15).show(opening, "opening")
        if n % 2:
            script.story(5)
        script.card("sponsor", seed, 9.5).story(50).show(catches[0], "eyecatch").black(0.5)
        script.show(catches[1], "eyecatch").story(50).show(ending, "ending")
        if n % 3:
            script.card("sponsor", seed + 1, 8)
        episodes.append(script.story(5).compose())
    return SeasonPlan("sponsors", "sponsor cards, eyecatches", "drawn A", tuple(episodes))


def plan_stock(seed: int) -> SeasonPlan:
    """Case 14: a transformation in most episodes, an insert song in three, next to the themes."""
    series = make_series(seed, "graphic")
    opening, ending = series.theme("opening", 1, 47), series.theme("ending", 2, 43.8)
    change, insert = series.theme("transformation", 5, 17.3), series.song(7, 40)
    episodes = []
    for n in range(1, 8):
        script = Script(series, n).story(20).show(opening, "opening").story(30 + 9 * (n % 4))
        if n % 3:
            script.show(change, "repeated")
        script.story(30)
        if n in (3, 5, 6):
            theme = Theme("insert song", 38 * FRAMES, script.film, SongSound(insert))
            moved = replace(
                theme, picture=ShotFilm(series.world, seed * 1000 + n, (0, 40, 90, 150))
            )
            script.show(moved, "repeated", repeats=_SOUND_ONLY)
        episodes.append(script.story(12).show(ending, "ending").black(1).compose())
    return SeasonPlan("stock", "stock shots, insert song", "drawn B", tuple(episodes))


def plan_talk_over(seed: int) -> SeasonPlan:
    """Case 16: talk over the opening, other names over both each time."""
    series = make_series(seed, "painted")
    opening, ending = series.theme("opening", 1, 50.8), series.theme("ending", 2, 46.2)
    episodes = tuple(
        Script(series, n)
        .story(22)
        .show(opening, "opening", names=n, talk=1.2 * (n % 2))
        .story(85)
        .show(ending, "ending", names=100 + n, talk=0.9 * (n % 3 == 0))
        .story(6)
        .compose()
        for n in range(1, 8)
    )
    return SeasonPlan("talk-over", "talk and names over themes", "drawn A", episodes)


def plan_growing(seed: int) -> SeasonPlan:
    """Case 22: an opening that grows by verses, with a gag of its own each time."""
    series = make_series(seed, "graphic")
    opening, ending = series.theme("opening", 1, 46), series.theme("ending", 2, 35.5)
    episodes = []
    for n in range(1, 8):
        length = (22, 22, 34, 34, 34, 46, 46)[n - 1]
        script = Script(series, n).story(8).show(opening, "opening", frames=9 * FRAMES)
        gag = ShotFilm(series.theme_world(30 + n), seed * 100 + 30 + n, (0, 80), is_lively=True)
        script.show(opening, "opening", start=216, frames=84, picture=gag, repeats=_SOUND_ONLY)
        script.show(opening, "opening", start=300, frames=length * FRAMES - 300)
        episodes.append(script.story(90).show(ending, "ending").story(3).compose())
    return SeasonPlan("growing", "theme that grows, with a gag", "drawn B", tuple(episodes))


def plan_shared_silence(seed: int) -> SeasonPlan:
    """Case 23: long black silence in all episodes, next to themes."""
    series = make_series(seed, "graphic")
    opening, ending = series.theme("opening", 1, 42), series.theme("ending", 2, 37.7)
    episodes = tuple(
        Script(series, n)
        .black(12)
        .story(14)
        .show(opening, "opening")
        .black(6)
        .story(85)
        .black(15)
        .show(ending, "ending")
        .black(20)
        .compose()
        for n in range(1, 8)
    )
    return SeasonPlan("shared-silence", "black and silence shared", "drawn B", episodes)
