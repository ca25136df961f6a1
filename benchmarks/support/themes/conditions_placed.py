"""Seasons with openings and endings: where they are, and which."""

from itertools import pairwise

from benchmarks.support.themes.pieces import Layer, Modality, SeasonPlan
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
