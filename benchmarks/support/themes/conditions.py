"""All seasons of the benchmark, in the order in which they are composed."""

from benchmarks.support.themes import conditions_around as around
from benchmarks.support.themes import conditions_files as files
from benchmarks.support.themes import conditions_placed as placed
from benchmarks.support.themes import conditions_without as without
from benchmarks.support.themes.pieces import SeasonPlan
from benchmarks.support.themes.series import Films


def plan_seasons(films: Films | None, seed: int = 0) -> list[SeasonPlan]:
    """Return all seasons; without films only those that are drawn.

    Args:
        films: films to take themes and stories from.
        seed: of everything that is drawn by chance; seasons of different seeds share nothing.
    """
    first = 100 + 1000 * seed
    plans = _plan_drawn(first)
    if films is not None:
        plans += _plan_films(first + 200, films)
    plans += [placed.plan_long(first + 300 + number, number) for number in (1, 2)]
    return plans


def _plan_drawn(seed: int) -> list[SeasonPlan]:
    plans = [
        placed.plan_two_openings(seed + 3),
        without.plan_music(seed + 31),
        around.plan_recaps(seed + 9),
        files.plan_mixed(seed + 18, None),
        without.plan_stock_shots(seed + 34),
        *(placed.plan_pair(seed + 50 + number, number, None) for number in (1, 2, 3)),
        around.plan_previews(seed + 7, None),
        without.plan_flashbacks(seed + 33),
        placed.plan_other_pictures(seed + 6),
        around.plan_sponsors(seed + 12),
        without.plan_recaps_only(seed + 35),
        placed.plan_no_cold_open(seed + 1),
        placed.plan_cold_opens(seed + 2),
        placed.plan_opening_absent(seed + 4),
        without.plan_nothing(seed + 30),
        around.plan_clip_endings(seed + 10),
        around.plan_stock(seed + 14),
        without.plan_cards(seed + 32),
        around.plan_talk_over(seed + 16),
        files.plan_some_sound(seed + 19),
        without.plan_silence(seed + 36),
        around.plan_growing(seed + 22),
        placed.plan_cartoons(seed + 21),
        around.plan_shared_silence(seed + 23),
        placed.plan_weekly(seed + 20),
    ]
    plans += [without.plan_pair_without(seed + 60 + number, number) for number in range(1, 5)]
    plans += [placed.plan_lone(seed + 70 + number, number) for number in range(1, 5)]
    plans += [without.plan_lone_without(seed + 80 + number, number) for number in range(1, 5)]
    return plans


def _plan_films(seed: int, films: Films) -> list[SeasonPlan]:
    return [
        placed.plan_other_song(seed + 5, films),
        around.plan_after_credits(seed + 8, films),
        files.plan_mixed(seed + 18, films),
        files.plan_silent(seed + 19, films),
        around.plan_previews(seed + 7, films),
        files.plan_cut_short(seed + 17, films),
        without.plan_films(seed + 24, films),
        placed.plan_pair(seed + 51, 4, films),
        placed.plan_pair(seed + 52, 5, films),
    ]
