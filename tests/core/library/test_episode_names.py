"""Names of episodes in three schemes and three languages, and names that fit none."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import EpisodeName
from whenanime_pipeline.core.library.episode_names import parse_episode_name

ROOT = "喜羊羊与灰太狼"


def season(series: str, number: int, episode: int, title: str | None = None) -> EpisodeName:
    return EpisodeName(series, number, None, episode, title=title)


def plain(series: str, episode: int, title: str | None = None) -> EpisodeName:
    return EpisodeName(series, number=episode, title=title)


def special(
    series: str, number: int | None = None, mark: str | None = None, title: str | None = None
) -> EpisodeName:
    return EpisodeName(series, 0, number=number, mark=mark, title=title, kind="special")


def film(series: str, year: int | None = None, title: str | None = None) -> EpisodeName:
    return EpisodeName(series, title=title, kind="film", year=year)


def own(series: str, number: int, name: str, episode: int, title: str | None) -> EpisodeName:
    return EpisodeName(series, number, name, episode, title=title)


NUMBERED = {
    "24_决战次时代/01-怪石现世.mp4": own(ROOT, 24, "决战次时代", 1, "怪石现世"),
    "喜羊羊/24_决战次时代/01-怪石现世.mp4": own("喜羊羊", 24, "决战次时代", 1, "怪石现世"),
    "星空邮局/01_第一季/01-第一封信.mp4": own("星空邮局", 1, "第一季", 1, "第一封信"),
    "星空邮局/02_第二季/02-雨.mp4": own("星空邮局", 2, "第二季", 2, "雨"),
    "01_Season 1/01-Pilot.mp4": own(ROOT, 1, "Season 1", 1, "Pilot"),
    "24-决战次时代/02_羊.MKV": own(ROOT, 24, "决战次时代", 2, "羊"),
    "24 决战次时代/03 星.avi": own(ROOT, 24, "决战次时代", 3, "星"),
    "24_决战次时代/4-羊.mp4": own(ROOT, 24, "决战次时代", 4, "羊"),
    "24_决战次时代/05.mp4": own(ROOT, 24, "决战次时代", 5, None),
    "24_决战次时代/第06集 怪石.mp4": own(ROOT, 24, "决战次时代", 6, "怪石"),
    "24_决战次时代/喜羊羊与灰太狼 第07集.mp4": own(ROOT, 24, "决战次时代", 7, None),
    "01_Penny and Chip/11-mtb.mp4": own(ROOT, 1, "Penny and Chip", 11, "mtb"),
    "01_Penny and Chip/03-beach_surfing.mp4": own(ROOT, 1, "Penny and Chip", 3, "beach_surfing"),
    "00_特别篇/01-新年.mp4": EpisodeName(ROOT, 0, "特别篇", 1, title="新年", kind="special"),
    "動画/Show/02_Second/100-x.mkv": own("Show", 2, "Second", 100, "x"),
    "Show/01-Title.mp4": plain("Show", 1, "Title"),
    "Show/01 - Title [1080p][ABCDEF12].mkv": plain("Show", 1, "Title"),
    "Show/12 Title.mkv": plain("Show", 12, "Title"),
    "01-怪石现世.mp4": plain(ROOT, 1, "怪石现世"),
    "01.mkv": plain(ROOT, 1),
    "Anime/01.mkv": plain(ROOT, 1),
}

SERVERS = {
    "Popeye/Season 01/Popeye - S01E01 - Meets Sindbad, part 1.mp4": season(
        "Popeye", 1, 1, "Meets Sindbad, part 1"
    ),
    "Popeye/Season 01/[LOC] Popeye - 02 (480p) [A1B2C3D4].mp4": season("Popeye", 1, 2),
    "Sintel/Sintel - S01E01 - Trailer.mp4": season("Sintel", 1, 1, "Trailer"),
    "Show (2019)/Season 02/Show (2019) - S02E05 - Title.mkv": EpisodeName(
        "Show", 2, number=5, title="Title", year=2019
    ),
    "Show/Season 1/Show.S01E02.Title.1080p.WEB-DL.x264-GRP.mkv": season("Show", 1, 2, "Title"),
    "Show/Season 01/Show - S01E01-E02 - Title.mkv": EpisodeName(
        "Show", 1, number=1, number_end=2, title="Title"
    ),
    "Show/Season 01/Show - S01E01E02.mkv": EpisodeName("Show", 1, number=1, number_end=2),
    "Show/Season 01/Show - S01E01E02E03.mkv": EpisodeName("Show", 1, number=1, number_end=3),
    "Show - 1x05-1x06.mkv": EpisodeName("Show", 1, number=5, number_end=6),
    "Show/Season 01 - The Start/Show - 03.mkv": own("Show", 1, "The Start", 3, None),
    "Show/Season 01/03.mkv": season("Show", 1, 3),
    "Show/S1/Show s1e3.mkv": season("Show", 1, 3),
    "Season 02/03.mkv": season(ROOT, 2, 3),
    "Show/Specials/Show - S00E03 - Party.mkv": special("Show", 3, title="Party"),
    "Show/Specials/Show - 03.mkv": special("Show", 3),
    "Show/Season 00/03.mkv": special("Show", 3),
    "Show/Season 01/Specials/01.mkv": special("Show", 1),
    "Show/Extras/Interview with staff.mkv": special(
        "Show", mark="Extra", title="Interview with staff"
    ),
    "Show/Season 01/Behind.mkv": EpisodeName("Show", 1, title="Behind"),
    "Show - S01E05 - Special Delivery.mkv": season("Show", 1, 5, "Special Delivery"),
    "Show - S01E01 - part2.mkv": EpisodeName("Show", 1, number=1, mark="part2"),
    "Show/Season 01/Show 1x02.mkv": season("Show", 1, 2),
    "1x02.mkv": season(ROOT, 1, 2),
    "Big Buck Bunny (2008)/Big Buck Bunny (2008).mp4": film("Big Buck Bunny", 2008),
    "Movies/12 Angry Men (1957).mkv": film("12 Angry Men", 1957),
    "Movies/Toy Story 3 (2010).mkv": film("Toy Story 3", 2010),
    "Ghibli/Spirited Away (2001).mkv": film("Spirited Away", 2001),
    "Akira.1988.REMASTERED.1080p.BluRay.x265.mkv": film("Akira", 1988),
    "电影/千与千寻.mkv": film("千与千寻"),
    "Mob Psycho 100/Mob Psycho 100.mkv": film("Mob Psycho 100"),
    "86 EIGHTY-SIX/Season 01/86 EIGHTY-SIX - S01E02 - Spearhead.mkv": season(
        "86 EIGHTY-SIX", 1, 2, "Spearhead"
    ),
}

RELEASES = {
    "[Group] Show - 02 (1080p) [1234ABCD].mkv": plain("Show", 2),
    "[SubsPlease] One Piece - 1071 (1080p) [2E4D7C1A].mkv": plain("One Piece", 1071),
    "[Group]_Show_-_05_[1080p][ABCDEF12].mkv": plain("Show", 5),
    "Cowboy.Bebop.01.Asteroid.Blues.mkv": plain("Cowboy Bebop", 1, "Asteroid Blues"),
    "[Group] Show - 05v2 (1080p).mkv": plain("Show", 5),
    "[Group] Show - 12 END [1080p].mkv": plain("Show", 12),
    "Show 2nd Season - 05.mkv": season("Show", 2, 5),
    "[Erai-raws] Boku no Hero Academia 5th Season - 12 [1080p].mkv": season(
        "Boku no Hero Academia", 5, 12
    ),
    "Show S2 - 05.mkv": season("Show", 2, 5),
    "Show Season 2 Episode 05 - Name.mkv": season("Show", 2, 5, "Name"),
    "[Group] Mob Psycho 100 S3 - 03.mkv": season("Mob Psycho 100", 3, 3),
    "Mob Psycho 100 - 03.mkv": plain("Mob Psycho 100", 3),
    "86 - 05.mkv": plain("86", 5),
    "86/[G] 86 - 05.mkv": plain("86", 5),
    "[G] 86 - Eighty Six - 05 (1080p).mkv": plain("86 - Eighty Six", 5),
    "91 Days/91 Days - 03.mkv": plain("91 Days", 3),
    "91 Days/[G] 91 Days - 03 [1080p].mkv": plain("91 Days", 3),
    "3-gatsu no Lion - 05.mkv": plain("3-gatsu no Lion", 5),
    "[Group] 5-toubun no Hanayome - 05.mkv": plain("5-toubun no Hanayome", 5),
    "[G] Zom 100 - Bucket List of the Dead - 05 (1080p) [ABCDEF12].mkv": plain(
        "Zom 100 - Bucket List of the Dead", 5
    ),
    "Steins;Gate 0 - 01.mkv": plain("Steins;Gate 0", 1),
    "[G] Special A - 05.mkv": plain("Special A", 5),
    "EP01.mp4": plain(ROOT, 1),
    "Show EP01.mkv": plain("Show", 1),
    "Show.E05.mkv": plain("Show", 5),
    "Show #05.mkv": plain("Show", 5),
    "Show/[Group] Show - 02.mkv": plain("Show", 2),
    "popeye/Popeye - 03.mkv": plain("popeye", 3),
    "Downloads/[Group] Show - 02.mkv": plain("Show", 2),
    "Show S2/01.mkv": season("Show", 2, 1),
    "Show S2/[G] Show - 01.mkv": season("Show", 2, 1),
    "[Group] Show [BD 1080p]/01.mkv": plain("Show", 1),
    "[Group] Show S2 [BD 1080p]/[Group] Show S2 - 05v2 [1080p].mkv": season("Show", 2, 5),
    "[Group] Show - 01-03 [BD].mkv": EpisodeName("Show", number=1, number_end=3),
    "[Group] Show - OVA 2.mkv": special("Show", 2, "OVA"),
    "[Group] Show - OVA [1080p].mkv": special("Show", None, "OVA"),
    "[Group] Show - SP1.mkv": special("Show", 1, "SP"),
    "[VCB-Studio] Show [NCOP01][Ma10p_1080p][x265_flac].mkv": special("Show", 1, "NCOP"),
    "[Group] Show - NCED (1080p).mkv": special("Show", None, "NCED"),
    "[VCB-Studio] Show [Menu01][1080p].mkv": special("Show", 1, "Menu"),
    "[Group] Show - 12.5 - Recap.mkv": EpisodeName(
        "Show", number=12, title="Recap", mark=".5", kind="special"
    ),
    "Show - S01E05.5.mkv": EpisodeName("Show", 1, number=5, mark=".5", kind="special"),
    "[Group] Kimi no Na wa. [BDRip 1080p].mkv": film("Kimi no Na wa."),
    "[Group] Your Name (2016) [BD 1080p].mkv": film("Your Name", 2016),
    "5 Centimeters per Second.mkv": film("5 Centimeters per Second"),
    "Show - The Movie (2010) [1080p].mkv": film("Show - The Movie", 2010),
}

CHINESE_AND_JAPANESE = {
    "第01話.mp4": plain(ROOT, 1),
    "第3集.mp4": plain(ROOT, 3),
    "名侦探柯南 第01话.mp4": plain("名侦探柯南", 1),
    "名侦探柯南01.mp4": plain("名侦探柯南", 1),
    "葬送のフリーレン 第12話「本物の勇者」.mp4": plain("葬送のフリーレン", 12, "本物の勇者"),
    "葬送のフリーレン/第１２話 本物の勇者.mp4": plain("葬送のフリーレン", 12, "本物の勇者"),
    "葬送のフリーレン - ０５.mkv": plain("葬送のフリーレン", 5),
    "けいおん！ 05.mkv": plain("けいおん！", 5),
    "【推しの子】 - 05.mkv": plain("推しの子", 5),
    "進撃の巨人 Season 3 - 05.mkv": season("進撃の巨人", 3, 5),
    "[字幕组][喜羊羊与灰太狼][01][1080p][简体].mp4": plain("喜羊羊与灰太狼", 1),
    "【喵萌奶茶】★04月新番★[葬送的芙莉莲][05][1080p][简日双语].mp4": plain("葬送的芙莉莲", 5),
    "[字幕组][喜羊羊 第二季][第03话][1080p].mp4": season("喜羊羊", 2, 3),
    "[Sakurato][Sousou no Frieren][01][CHS].mp4": plain("Sousou no Frieren", 1),
    "喜羊羊 第二季 第十二集 大战.mp4": season("喜羊羊", 2, 12, "大战"),
    "喜羊羊/第二季/第3集.mp4": season("喜羊羊", 2, 3),
    "喜羊羊 第二季/第3集.mp4": season("喜羊羊", 2, 3),
    "西游记 第1-2集.mp4": EpisodeName("西游记", number=1, number_end=2),
    "西游记 第一百零三集.mp4": plain("西游记", 103),
    "西游记 全12集/第3集.mp4": plain("西游记 全12集", 3),
    "剧场版 喜羊羊.mkv": film("剧场版 喜羊羊"),
    "ガールズ/OVA/01.mkv": special("ガールズ", 1, "OVA"),
}

NO_SCHEME = {
    "---.mkv": film("---"),
    "[].mkv": film("[]"),
    "Show/trailer.mkv": film("Show", title="trailer"),
    "2012.mp4": film("2012"),
    "喜羊羊 - 01 - .mkv": plain("喜羊羊", 1),
}

TABLE = NUMBERED | SERVERS | RELEASES | CHINESE_AND_JAPANESE | NO_SCHEME


@pytest.mark.parametrize(("path", "expected"), TABLE.items(), ids=TABLE)
def test_path_is_parsed(path: str, expected: EpisodeName) -> None:
    assert parse_episode_name(path, ROOT) == expected


def test_name_is_independent_of_the_unicode_form() -> None:
    composed, decomposed = "ガールズ/01.mkv", "カ\u3099ールス\u3099/01.mkv"
    assert composed != decomposed
    assert parse_episode_name(composed, ROOT) == parse_episode_name(decomposed, ROOT)


PIECES = st.one_of(
    st.text(max_size=12).filter(lambda text: "/" not in text and "\0" not in text),
    st.sampled_from("[]【】-_., 第话集季２★&+"),
    st.sampled_from([" - ", "S01E02", "01", "(2008)", "END", "12.5", "v2", "1080p"]),
    st.sampled_from(["Show ", "Season", "OVA"]),
)
NAMES = st.lists(PIECES, min_size=1, max_size=8).map("".join).filter(lambda n: n not in {".", ".."})


@settings(max_examples=400, deadline=2000)
@given(st.lists(NAMES, min_size=1, max_size=4))
def test_every_path_is_parsed_in_time(parts: list[str]) -> None:
    name = parse_episode_name("/".join(parts) + ".mkv", ROOT)
    assert name.series.strip()
    for number in (name.season, name.number, name.number_end):
        assert number is None or number >= 0
    assert name.kind == "special" or name.season != 0


def test_names_are_dataclasses() -> None:
    assert dataclasses.asdict(plain("Show", 1))["number"] == 1
