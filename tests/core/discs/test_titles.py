"""Which titles of a disc are its film or its episodes."""

from whenanime_pipeline.core.discs.titles import (
    DiscPiece,
    DiscTitle,
    choose_titles,
    join_titles,
)

_MINUTE = 60 * 45_000


def title(name: str, *pieces: tuple[str, float, float]) -> DiscTitle:
    """Return a title of clips from and to a minute."""
    return DiscTitle(
        name,
        tuple(
            DiscPiece(clip, int(a * _MINUTE), int(b * _MINUTE), (b - a) * 60)
            for clip, a, b in pieces
        ),
    )


def choose(*titles: DiscTitle) -> list[str]:
    return [one.name for one in choose_titles(titles)]


FILM = title("00800", ("1", 0, 95))
EPISODES = [title(f"0000{n}", (f"{n}", 0, 24)) for n in range(1, 5)]
ALL = title("00100", *[(f"{n}", 0, 24) for n in range(1, 5)])


def test_a_film_is_its_longest_title() -> None:
    making_of, trailer = title("00002", ("2", 0, 40)), title("00003", ("3", 0, 2))
    assert choose(trailer, making_of, FILM) == ["00800"]
    assert choose(trailer, title("00004", ("4", 0, 3))) == ["00004"]
    assert choose() == []


def test_duplicates_and_loops_are_left_out() -> None:
    duplicate = title("00801", ("1", 0, 95))
    loop = title("00900", *[("9", 0, 2)] * 100)
    assert choose(duplicate, loop, FILM) == ["00800"]
    assert choose(loop) == []


def test_a_season_disc_has_an_entry_for_each_episode() -> None:
    opening = title("00009", ("9", 0, 1.5))
    assert choose(ALL, *EPISODES, opening) == ["00001", "00002", "00003", "00004"]


def test_episodes_that_end_earlier_than_within_play_all() -> None:
    longer = title("00100", *[(f"{n}", 0, 24.5) for n in range(1, 5)])
    one_clip = [title(f"0000{n}", ("1", n * 24, n * 24 + 23.5)) for n in range(1, 5)]
    assert choose(longer, *EPISODES) == ["00001", "00002", "00003", "00004"]
    assert choose(title("00100", ("1", 24, 120)), *one_clip) == ["00001", "00002", "00003", "00004"]


def test_two_cuts_of_a_film_are_two_films() -> None:
    cut = title("00801", ("1", 0, 50), ("5", 0, 6), ("1", 50, 95))
    assert choose(FILM, cut) == ["00800", "00801"]


def test_titles_are_joined_as_the_disc_plays_them() -> None:
    assert join_titles(EPISODES, [*EPISODES, ALL]) == ALL
    joined = join_titles(EPISODES, EPISODES)
    assert (joined.name, joined.pieces) == ("00001", ALL.pieces)
