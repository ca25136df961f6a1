"""Seasons with openings and endings: how series place and vary them."""

from dataclasses import replace
from itertools import pairwise

from benchmarks.support.themes.pieces import FRAMES, Layer, Modality, SeasonPlan
from benchmarks.support.themes.scripts import Script
from benchmarks.support.themes.series import Films, Series, Theme, make_series
from benchmarks.support.themes.shots import ShotFilm, plan_cuts
from benchmarks.support.themes.story_sound import SongSound

_SOUND_ONLY: frozenset[Modality] = frozenset({"sound"})


def plan_no_cold_open(seed: int) -> SeasonPlan:
    """Case 1: the opening begins with the file."""
    series = make_series(seed, "painted")
    opening, ending = series.theme("opening", 1, 41.3), series.theme("ending", 2, 38.2)
    episodes = tuple(
        Script(series, n)
        .show(opening, "opening")
        .story(105)
        .show(ending, "ending")
        .black(0.5 + n % 3)
        .compose()
        for n in range(1, 8)
    )
    return SeasonPlan("no-cold-open", "no cold open", "drawn A", episodes)


def plan_cold_opens(seed: int) -> SeasonPlan:
    """Case 2: scenes of very different length before the opening."""
    series = make_series(seed, "graphic")
    opening, ending = series.theme("opening", 1, 58.7), series.theme("ending", 2, 45)
    before = (57, 90, 240, 20, 57, 120, 8, 75)
    episodes = tuple(
        Script(series, n)
        .story(cold)
        .show(opening, "opening")
        .story(80)
        .show(ending, "ending")
        .compose()
        for n, cold in enumerate(before, 1)
    )
    return SeasonPlan("cold-opens", "cold opens", "drawn B", episodes)


def plan_two_openings(seed: int) -> SeasonPlan:
    """Case 3: another opening from the middle of the season on."""
    series = make_series(seed, "painted")
    openings = (series.theme("opening 1", 1, 47.5), series.theme("opening 2", 3, 50.25))
    ending = series.theme("ending", 2, 40)
    episodes = tuple(
        Script(series, n)
        .story(12 + 7 * (n % 4))
        .show(openings[n > 5], "opening")
        .story(85)
        .show(ending, "ending")
        .story(4)
        .compose()
        for n in range(1, 11)
    )
    return SeasonPlan("two-openings", "two openings", "drawn A", episodes)


def plan_opening_absent(seed: int) -> SeasonPlan:
    """Case 4: no opening in the first episode; in the last it is the ending."""
    series = make_series(seed, "graphic")
    opening, ending = series.theme("opening", 1, 52.1), series.theme("ending", 2, 36.6)
    episodes = []
    for n in range(1, 8):
        script = Script(series, n).story(35)
        if 1 < n < 7:
            script.show(opening, "opening")
        script.story(90).show(opening if n == 7 else ending, "ending").black(1.2)
        episodes.append(script.compose())
    return SeasonPlan("opening-absent", "opening absent, or as ending", "drawn B", tuple(episodes))


def plan_other_song(seed: int, films: Films) -> SeasonPlan:
    """Case 5: the same pictures with one of two songs, in some with talk over them."""
    series = make_series(seed, "graphic")
    opening, ending = films.clip_theme("opening", 0, 5), films.clip_theme("ending", 6, 4)
    songs = (series.song(1, 40), series.song(2, 40))
    episodes = tuple(
        Script(series, n)
        .story(20)
        .show(opening, "opening", song=songs[n % 2], talk=0.5 * (n > 5))
        .story(85)
        .show(ending, "ending")
        .compose()
        for n in range(1, 8)
    )
    return SeasonPlan("other-song", "same pictures, other song", "films", episodes)


def plan_other_pictures(seed: int) -> SeasonPlan:
    """Case 6: the ending's song over other pictures each time."""
    series = make_series(seed, "painted")
    opening, ending = series.theme("opening", 1, 44), series.theme("ending", 2, 48.4)
    episodes = []
    for n in range(1, 8):
        cuts = plan_cuts(seed * 100 + n, 49, 0.5)
        own = ShotFilm(series.theme_world(20 + n), seed * 100 + 20 + n, cuts, is_lively=True)
        script = Script(series, n).story(25).show(opening, "opening").story(80)
        script.show(ending, "ending", picture=own, repeats=_SOUND_ONLY).story(9)
        episodes.append(script.compose())
    return SeasonPlan("other-pictures", "same song, other pictures", "drawn A", tuple(episodes))


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


def plan_cartoons(seed: int) -> SeasonPlan:
    """Case 21: two short stories in a file, each with opening, title card and ending."""
    series = make_series(seed, "painted")
    opening, ending = series.theme("opening", 1, 21.6), series.theme("ending", 2, 16.4)
    episodes = []
    for n in range(1, 7):
        script = Script(series, n)
        for part in range(2):
            script.show(opening, "opening").card("story", seed * 100 + 2 * n + part, 4)
            script.story(75).show(ending, "ending")
        episodes.append(script.compose())
    return SeasonPlan("cartoons", "two stories in a file", "drawn A", tuple(episodes))


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


def plan_weekly(seed: int) -> SeasonPlan:
    """Case 20: a season that grows by an episode a week."""
    series = make_series(seed, "graphic")
    opening, ending = series.theme("opening", 1, 51.2), series.theme("ending", 2, 44.4)
    episodes = tuple(
        Script(series, n)
        .story(8 + 11 * (n % 3))
        .show(opening, "opening")
        .story(80)
        .show(ending, "ending")
        .story(5 * (n % 2))
        .compose()
        for n in range(1, 13)
    )
    return SeasonPlan("weekly", "weekly", "drawn B", episodes)


def plan_pair(seed: int, number: int, films: Films | None) -> SeasonPlan:
    """Case 20: two episodes."""
    series = make_series(seed, "painted" if number % 2 else "graphic")
    opening, ending = _pair_themes(series, number, films)
    episodes = tuple(
        Script(series, n)
        .story(15 * n)
        .show(opening, "opening")
        .story(90 + 8 * n)
        .show(ending, "ending")
        .story(6)
        .compose()
        for n in (1, 2)
    )
    source = "films" if films else "drawn A" if number % 2 else "drawn B"
    return SeasonPlan(f"two-{number}", "two episodes", source, episodes)


def plan_lone(seed: int, number: int) -> SeasonPlan:
    """Case 20: one episode."""
    series = make_series(seed, "painted" if number % 2 else "graphic")
    opening, ending = series.theme("opening", 1, 44 + number), series.theme("ending", 2, 40)
    script = Script(series, 1).story(25).show(opening, "opening", names=1).story(100)
    episode = script.show(ending, "ending", names=2).story(5).compose()
    source = "drawn A" if number % 2 else "drawn B"
    return SeasonPlan(f"lone-{number}", "lone episode", source, (episode,))


def plan_long(seed: int, number: int) -> SeasonPlan:
    """Episodes of 24 minutes with all that television adds."""
    series = make_series(seed, "painted" if number % 2 else "graphic")
    opening, ending = series.theme("opening", 1, 89.9), series.theme("ending", 2, 90)
    catch = series.theme("eyecatch", 5, 5.5)
    scripts = [Script(series, n) for n in range(1, 8)]
    for n, script in enumerate(scripts, 1):
        script.story(10 + 37 * (n % 4)).show(opening, "opening", names=n)
        script.card("sponsor", seed, 9.5).story(520).show(catch, "eyecatch")
        script.black(1).show(catch, "eyecatch").story(560).show(ending, "ending", names=50 + n)
        script.story(20 * (n % 2))
    for script, following in pairwise(scripts):
        over = (*script.narrate(), Layer(SongSound(series.song(9, 16)), 0, 0.7))
        script.clips("preview", [following], 15, over=over)
    episodes = tuple(script.compose() for script in scripts[:-1])
    source = "drawn A" if number % 2 else "drawn B"
    return SeasonPlan(f"long-{number}", "24 minutes", source, episodes)


def _pair_themes(series: Series, number: int, films: Films | None) -> tuple[Theme, Theme]:
    if films is None:
        return series.theme("opening", 1, 40 + number), series.theme("ending", 2, 44 - number)
    return films.trailer_theme("opening", 8, 38), films.clip_theme("ending", 11, 5)
