"""What a season uses again without being a theme: clips, cards, stock shots, songs and music."""

from dataclasses import replace

from composed_tracks import BLACK, Composed, Film, Music, Piece, Talk, compose, story, theme
from season_checks import all_certain, check, check_no_story, find, segments_of

from whenanime_pipeline.core.themes.segments import SKIPPABLE

OPENING = theme("opening", 21, 28.43)
ENDING = theme("ending", 22, 30.9)


def story_seconds(number: int) -> float:
    return 70.0 + 3.7 * number


def make_season(count: int, *, recap: bool = False, preview: bool = False) -> list[Composed]:
    """Return a season whose episodes quote their neighbours."""
    return [
        compose(
            number,
            [
                *(quote_clips(number - 1, number, "recap") if recap and number > 1 else []),
                story(number + 50, 6.1 + 1.3 * number),
                OPENING,
                story(number, story_seconds(number)),
                ENDING,
                *(quote_clips(number + 1, number, "preview") if preview and number < count else []),
            ],
        )
        for number in range(1, count + 1)
    ]


def quote_clips(of: int, by: int, kind: str) -> list[Piece]:
    """Return six clips of an episode's story, under talk of another one."""
    film = story(of, 1).film
    seconds = (2.7, 3.4, 2.2, 3.1, 2.9, 2.6)
    places = [4.0 + 10.3 * place for place in range(6)]
    talk = Talk(7000 + by + 50 * (kind == "preview"))
    return [
        Piece(
            length,
            ((talk, sum(seconds[:place])),),
            film,
            places[place],
            type="recap" if kind == "recap" else "preview",
        )
        for place, length in enumerate(seconds)
    ]


def test_a_recap_of_clips_of_the_previous_episode() -> None:
    season = make_season(5, recap=True)
    themes = find(season)
    check(themes, season)
    assert all(
        one.confidence != "certain"
        for many in themes.episodes.values()
        for one in many
        if one.type == "recap"
    )


def test_a_recap_that_the_opening_follows_is_no_part_of_it() -> None:
    season = [
        compose(
            number,
            [
                *(quote_clips(number - 1, number, "recap") if number > 1 else []),
                OPENING,
                story(number, story_seconds(number)),
                ENDING,
                story(number + 80, 7.0),
            ],
        )
        for number in range(1, 6)
    ]
    check(find(season), season)


def test_a_preview_of_the_next_episode_is_no_theme_of_that_one() -> None:
    season = make_season(5, preview=True)
    check(find(season), season)


def test_the_same_jingle_under_each_preview() -> None:
    jingle = Music(650)
    season = []
    for number, one in enumerate(make_season(5, preview=True), 1):
        pieces = [piece for piece, _, _ in one.pieces]
        begins = 0.0
        for place, piece in enumerate(pieces):
            if piece.type == "preview":
                pieces[place] = replace(piece, sounds=((jingle, begins),))
                begins += piece.seconds
        season.append(compose(number, pieces))
    check(find(season), season)


def make_season_with_quoting_ending(*, on_the_beat: bool) -> list[Composed]:
    """Return a season whose ending shows clips of earlier episodes, cut to the beat or not."""
    song = Music(660)
    season = []
    for number in range(1, 7):
        clips: list[Piece] = []
        begins = 0.0
        for place in range(6):
            length = 5.2 if on_the_beat else 3.9 + (place * 7 + number * 5) % 11 * 0.26
            length = 31.2 - begins if place == 5 else length
            film = story(1 + (number + place) % (number - 1), 1).film if number > 1 else Film(990)
            sounds = ((song, begins),)
            clips.append(
                Piece(length, sounds, film, 3.0 + 9.4 * place + 1.7 * number, type="ending")
            )
            begins += length
        pieces = [story(number + 50, 6.1 + 1.3 * number), OPENING]
        pieces += [story(number, story_seconds(number)), *clips, story(number + 70, 4.4)]
        season.append(compose(number, pieces))
    return season


def test_an_ending_that_shows_clips_of_earlier_episodes() -> None:
    season = make_season_with_quoting_ending(on_the_beat=False)
    check(find(season), season)


def test_an_ending_of_clips_that_are_cut_to_the_beat() -> None:
    season = make_season_with_quoting_ending(on_the_beat=True)
    check(find(season), season)


def make_season_with_cards() -> list[Composed]:
    """Return a season with sponsor cards after the opening, or after a line of story after it."""
    still = Film(671, shot=400.0, drift=False)
    card = Piece(8.1, ((Music(670), 0.0),), still, type="sponsor")
    return [
        compose(
            number,
            [
                story(number + 50, 5.1 + 1.3 * number),
                OPENING,
                *([card] if number % 2 else [story(number + 90, 2.6), card]),
                story(number, story_seconds(number)),
                ENDING,
                story(number + 70, 4.4),
            ],
        )
        for number in range(1, 7)
    ]


def test_sponsor_cards_are_no_part_of_the_opening() -> None:
    season = make_season_with_cards()
    themes = find(season)
    check(themes, season, but=("sponsor",))
    for one in season:
        assert "sponsor" in {segment.type for segment in segments_of(themes, one)}


def test_sponsor_cards_are_found_whole() -> None:
    season = make_season_with_cards()
    check(find(season), season)


def test_eyecatches_are_never_skippable() -> None:
    cards = [theme("eyecatch", 31, 5.2), theme("eyecatch", 32, 6.1)]
    season = [
        compose(
            number,
            [
                story(number + 50, 5.1 + 1.3 * number),
                OPENING,
                story(number, 40 + 2.9 * number),
                cards[0],
                story(number + 30, 36 - 1.1 * number),
                cards[1],
                story(number + 60, 30 + 1.9 * number),
                ENDING,
                story(number + 70, 4.4),
            ],
        )
        for number in range(1, 7)
    ]
    check(find(season), season)
    assert "eyecatch" not in SKIPPABLE


def make_season_with_stock(last: dict[int, float]) -> list[Composed]:
    """Return a season with a stock shot and an insert song, in three of eight episodes each.

    Args:
        last: seconds of the story before the ending, of some episodes.
    """
    shot = theme("repeated", 33, 19.2)
    song = theme("repeated", 34, 41.0)
    return [
        compose(
            number,
            [
                story(number + 50, 5.1 + 1.3 * number),
                OPENING,
                story(number, {2: 8.3, 5: 96.4, 7: 50.9}.get(number, 44.0)),
                *([shot] if number in (2, 5, 7) else []),
                story(number + 30, {3: 61.0, 6: 12.2, 8: 36.7}.get(number, 40.1)),
                *([song] if number in (3, 6, 8) else []),
                story(number + 60, {3: 4.4, 6: 60.0, 8: 31.3, **last}.get(number, 20.2)),
                ENDING,
                story(number + 70, 4.4),
            ],
        )
        for number in range(1, 9)
    ]


def test_stock_shots_and_insert_songs_are_repeated() -> None:
    season = make_season_with_stock({2: 61.3, 5: 12.2, 7: 36.6})
    check(find(season), season)
    assert "repeated" not in SKIPPABLE


def test_stock_shots_two_of_which_lie_at_like_distances_from_the_end() -> None:
    season = make_season_with_stock({2: 61.3, 5: 12.2, 7: 20.2})
    check(find(season), season)


def test_background_music_under_talk_is_nothing() -> None:
    music = Music(680, -33.0)
    season = []
    for number in range(1, 7):
        scored = replace(story(number + 30, 35.0))
        begins = (number * 7.3) % 30
        season.append(
            compose(
                number,
                [
                    story(number + 50, 5.1 + 1.3 * number),
                    OPENING,
                    story(number, 20 + (number * 13) % 40),
                    replace(scored, sounds=(*scored.sounds, (music, begins))),
                    story(number + 60, 20 + (number * 7) % 25),
                    ENDING,
                    story(number + 70, 4.4),
                ],
            )
        )
    check(find(season), season)


def test_black_between_the_parts_belongs_to_none() -> None:
    hush = Piece(2.4, (), BLACK)
    season = [
        compose(
            number,
            [
                story(number + 50, 5.1 + 1.3 * number),
                hush,
                OPENING,
                hush,
                story(number, 60.3 + number),
                hush,
                ENDING,
                hush,
                story(number + 70, 6.4),
            ],
        )
        for number in range(1, 6)
    ]
    check(find(season), season)


def test_a_scene_that_one_later_episode_remembers_stays_story() -> None:
    season = []
    for number in range(1, 6):
        pieces = [
            story(number + 50, 6.1 + 1.3 * number),
            OPENING,
            story(number, story_seconds(number)),
            ENDING,
            story(number + 70, 5.0),
        ]
        if number == 4:
            remembered = replace(story(1, 21.0, 30.0), type=None)
            pieces[3:3] = [remembered, story(number + 90, 20.0)]
        season.append(compose(number, pieces))
    themes = find(season)
    check(themes, season, but=("repeated",))
    for one in season:
        check_no_story(segments_of(themes, one), one)
    assert all_certain(themes, ("opening", "ending"))
