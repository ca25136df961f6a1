"""Names of single files, as releases, media servers, disc rips and download tools write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import EpisodeName
from whenanime_pipeline.core.library.naming import name_files

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
    "01_Penny and Chip/03-beach_surfing.mp4": own(ROOT, 1, "Penny and Chip", 3, "beach surfing"),
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
    "西游记 全12集/第3集.mp4": plain("西游记", 3),
    "剧场版 喜羊羊.mkv": film("剧场版 喜羊羊"),
    "ガールズ/OVA/01.mkv": special("ガールズ", 1, "OVA"),
}

NO_SCHEME = {
    "---.mkv": film("---"),
    "[].mkv": film("[]"),
    "Show/trailer.mkv": special("Show", mark="Trailer"),
    "2012.mp4": film("2012"),
    "喜羊羊 - 01 - .mkv": plain("喜羊羊", 1),
}

# Numbers of titles stay in the title; what stands last before the tags is the episode.
NUMBERS_IN_TITLES = {
    "86 - 05.mkv": plain("86", 5),
    "[Group] Show Name - 100 Years Quest - 01 (1080p) [A1B2C3D1].mkv": plain(
        "Show Name - 100 Years Quest", 1
    ),
    "[Group] 2.5 Dimensional Name - 01 (1080p).mkv": plain("2.5 Dimensional Name", 1),
    "2.5 Dimensional Name E04.mkv": plain("2.5 Dimensional Name", 4),
    "[Group] Other Ver1.1a - 02 (1080p).mkv": plain("Other Ver1.1a", 2),
    "[Group] Show 2 [05][1080p].mkv": plain("Show 2", 5),
    "[Group] Show 0 [11][1080p][CHS].mp4": plain("Show 0", 11),
    "[Group]Third Show 3[04][BIG5_MP4][1280X720].mp4": plain("Third Show 3", 4),
    "[Group][86][05][1080p].mp4": plain("86", 5),
    "[Group] Show 2 05 [1080p].mkv": plain("Show 2", 5),
    "Ranma 1-2/Ranma 1-2 - 05.mkv": plain("Ranma 1-2", 5),
    "Ranma 1-2 05.mkv": plain("Ranma 1-2", 5),
    "22-7/01.mp4": plain("22-7", 1),
    "07-Ghost/EP01.mp4": plain("07-Ghost", 1),
    "Кайдзю № 8 - 01.mkv": plain("Кайдзю № 8", 1),
    "Sealab 2021 - 03.mkv": plain("Sealab 2021", 3),
    "My.Show.2021.S02E03.mkv": EpisodeName("My Show", 2, number=3, year=2021),
    "86 (1997).mkv": film("86", 1997),
    "2.5-jigen no Ririsa (2002).mkv": film("2.5-jigen no Ririsa", 2002),
    "[Group][Megazone 23][Movie][1080p].mkv": film("Megazone 23"),
    "[Group] 86-不存在的战区- - 05 [1080p].mkv": plain("86-不存在的战区-", 5),
}

CODES = {
    "One Piece/Season 01/One Piece - S01E1000.mkv": season("One Piece", 1, 1000),
    "Sazae-san/Season 2019/Sazae-san - S2019E20.mkv": season("Sazae-san", 2019, 20),
    "Show - 2019x02.mkv": season("Show", 2019, 2),
    "The.Show.in.Shadow.S01E05.I.Am.1080p.BluRay.DD2.0.x265-GRP.mkv": season(
        "The Show in Shadow", 1, 5, "I Am"
    ),
    "[G] Show S01E01-The Journey's End [12345678].mkv": season("Show", 1, 1, "The Journey's End"),
    "Third Show/Third Show-S01E01.mkv": season("Third Show", 1, 1),
    "The Show Name.S01E01.Steal this episode.mkv": season(
        "The Show Name", 1, 1, "Steal this episode"
    ),
    "Show Name.S01E05.1080p.WEB.mkv": season("Show Name", 1, 5),
    "Show.Name-S01E05-1080p.mkv": season("Show Name", 1, 5),
    "86.S01E02.1080p.WEB.H264-GRP.mkv": season("86", 1, 2),
    "K.S01E01.1080p.WEB.H264-GRP.mkv": season("K", 1, 1),
    "Show.&.Beyond.S01E01.1080p.WEB.H264-GRP.mkv": season("Show & Beyond", 1, 1),
    "grp-zoos01e11.mkv": season("grp-zoo", 1, 11),
    "Show - S01E01-E03.mkv": EpisodeName("Show", 1, number=1, number_end=3),
    "Show S01E01-02-03.mkv": EpisodeName("Show", 1, number=1, number_end=3),
    "Show - 02x03 - 02x04 - 02x15 - Name.mkv": EpisodeName(
        "Show", 2, number=3, number_end=15, title="Name"
    ),
    "Show S01E10-3 Days Left.mkv": season("Show", 1, 10, "3 Days Left"),
    "Show - 1073v2 [1080p].mkv": plain("Show", 1073),
    "Show S01E1073v2.mkv": season("Show", 1, 1073),
    "One Piece - 1071-1072.mkv": EpisodeName("One Piece", number=1071, number_end=1072),
    "Show - S02E01 - 013 - Return [Bluray-1080p][10bit].mkv": EpisodeName(
        "Show", 2, number=1, title="Return", absolute=13
    ),
    "Show - 1071 - S21E180 - Its Title.mkv": EpisodeName(
        "Show", 21, number=180, title="Its Title", absolute=1071
    ),
    "[G] Show - 025 (S02E01) (BD 1080p).mkv": EpisodeName("Show", 2, number=1, absolute=25),
    "Show/Season 2019/Show - 2019-05-12 - Title.mkv": season("Show", 2019, 512, "Title"),
    "Attack S4 Part 3 - 02.mkv": EpisodeName("Attack", 4, "Part 3", 2),
    "Show/[P01]标题.mp4": plain("Show", 1, "标题"),
    "Show/P02.标题.mp4": plain("Show", 2, "标题"),
}

COUNTERS = {
    f"{text}.mkv": plain("Show", 5)
    for text in (
        "Show Folge 5", "Show - Épisode 05", "Show Capítulo 5", "Show Cap. 5", "Show Episodio 5",
        "Show 5. Bölüm", "Show Bölüm 5", "Show - Odc. 05", "Show odcinek 5", "Show Tập 5",
        "Show серия 5", "Show 5 серия", "Show [05 из 12]", "Show 05 of 12", "Show 제5화",
        "Show 5화", "Show 第5話", "Show 5話", "Show 第05回", "Show 第五集", "Show ตอนที่ 5",
        "Show الحلقة 5", "Show Avsnitt 5", "Show Aflevering 5", "Show 05. rész", "Show #05",
        "Show Ep.05", "Show Eps 5", "Show Puntata 5",
    )
}  # fmt: skip

SEASON_FOLDERS = {
    f"Show/{folder}/01.mkv": season("Show", 2, 1)
    for folder in (
        "Season 2", "season_2", "S02", "Season Two", "Second Season", "2nd Season", "Staffel 2",
        "Zweite Staffel", "Saison 2", "Temporada 2", "Segunda Temporada", "Stagione 2", "Sezon 2",
        "2. Sezon", "Сезон 2", "2 сезон", "Второй сезон", "시즌 2", "2기", "2期", "第二期", "第2季",
        "第二季", "シーズン2", "Phần 2", "ภาค 2", "الموسم 2", "Säsong 2", "Seizoen 2", "Series 2",
        "Season 2 [1080p]", "Show S2", "Season 2/1080p", "BDRip/Season 2", "2",
    )
} | {
    "Bleach/Season 02 (The Entry)/Bleach - 01.mkv": own("Bleach", 2, "The Entry", 1, None),
    "Show/第二季 名/01.mkv": own("Show", 2, "名", 1, None),
    "Show/Final Season/01.mkv": EpisodeName("Show", season_name="Final Season", number=1),
    "Show/Part 2/01.mkv": EpisodeName("Show", season_name="Part 2", number=1),
}  # fmt: skip

FOLDERS_BETWEEN = {
    f"Show/{folder}/Show - 01.mkv": plain("Show", 1)
    for folder in (
        "TV",
        "正片",
        "本編",
        "1080p",
        "BDRip",
        "Disc 1",
        "Vol.1",
        "[BDRip][1080p]",
        "01-12",
    )
}

IDS = {
    "Show (2019) {tvdb-12345}/Season 01/Show (2019) - S01E01 - Pilot.mkv": EpisodeName(
        "Show", 1, number=1, title="Pilot", year=2019, ids=("tvdb-12345",)
    ),
    "Show (2001) [tvdbid-1] [BD]/01.mkv": EpisodeName("Show", number=1, year=2001, ids=("tvdb-1",)),
    "Show {imdb-tt0112718}/Show S01E01.mkv": EpisodeName(
        "Show", 1, number=1, ids=("imdb-tt0112718",)
    ),
    "Show [tmdbid=77]/01.mkv": EpisodeName("Show", number=1, ids=("tmdb-77",)),
    "Show [anilist-5]/Show - 01.mkv": EpisodeName("Show", number=1, ids=("anilist-5",)),
    "Film (2016) {tmdb-78}/Film (2016) {tmdb-78}.mkv": EpisodeName(
        "Film", kind="film", year=2016, ids=("tmdb-78",)
    ),
    "21034/[Group] Show - 01 (1280x720 x264 AAC).mp4": EpisodeName(
        "Show", number=1, ids=("anilist-21034",)
    ),
    "2021/[Group] Show - 01.mp4": plain("Show", 1),
}

TAGS = {
    "[Group] Show Name S01E01 1080p CR WEB-DL AAC2.0 H.264 (Multi-Subs).mkv": season(
        "Show Name", 1, 1
    ),
    "Show.Name.S01E03.1080p.WEB.H264-GRP.mkv": season("Show Name", 1, 3),
    "Show.Name.S01E01.German.DL.1080p.BluRay.x264-GRP.mkv": season("Show Name", 1, 1),
    "番名.S01E05.2023.1080p.WEB-DL.H264.AAC-GRP.mkv": season("番名", 1, 5),
    "Show.Name.EP06.HD1080P.X264.AAC.Mandarin.CHS.mp4": plain("Show Name", 6),
    "番名/07 4K.mp4": plain("番名", 7),
    "番名/08_1080P.mp4": plain("番名", 8),
    "番名/10.4K.mp4": plain("番名", 10),
    "[Group] 番組名 第09話 (BD 1920x1080 HEVC-YUV420P10 FLAC).mkv": plain("番組名", 9),
    "番組名 第10話「題名」[字][デ].ts": plain("番組名", 10, "題名"),
    "Show - 14 (10b).mkv": plain("Show", 14),
    "[GM-Team][国漫][甲番 第5季][Show A 5th Season][01][AVC][GB][1080P].mp4": season("甲番", 5, 1),
    "[GM-Team][国漫][丙番][Show C][2019][151][AVC][GB][1080P].mp4": EpisodeName(
        "丙番", number=151, year=2019
    ),
    "[Group][Show][S2][01][WebRip][1080P][AVC 8bit][CHS].mp4": season("Show", 2, 1),
    "[Group][日番][某番][Some Show][05].mp4": plain("某番", 5),
}

KINDS = {
    "[Group][番名][OVA][01][1080p].mp4": special("番名", 1, "OVA"),
    "[Group][番名][SP][1080p].mp4": special("番名", mark="SP"),
    "[Group][番名][特别篇][1080p].mp4": special("番名", mark="SP"),
    "[Group][番名][NCOP2][1080p].mp4": special("番名", 2, "NCOP"),
    "[Group][番名][Movie][1080p].mp4": film("番名"),
    "[Group] Ben 10 [PV01][1080p].mkv": special("Ben 10", 1, "PV"),
    "[Group] Show [1080p]/SPs/[Group] Show [Menu01_2][1080p].mkv": special("Show", 1, "Menu_2"),
    "[Group] Show [1080p]/SPs/[Group] Show [Mini Theater 03].mkv": special(
        "Show", 3, "Mini Theater"
    ),
    "[Group] Show [1080p]/SPs/[Group] Show [Preview01].mkv": special("Show", 1, "Preview"),
    "Show OVA - Its Title.mkv": special("Show", mark="OVA", title="Its Title"),
    "Overlord IV 01.mkv": plain("Overlord IV", 1),
    "Shomin_Sample_01.mp4": plain("Shomin Sample", 1),
    "Akira (1988)/Akira (1988)-trailer.mkv": EpisodeName(
        "Akira", 0, mark="Trailer", kind="special", year=1988
    ),
    "Akira (1988)/Akira (1988)-cd2.mkv": EpisodeName("Akira", mark="part2", kind="film", year=1988),
    "Show.S01E01.1080p.WEB.H264-GRP/Sample/show.s01e01.1080p-sample.mkv": special(
        "Show", mark="Sample", title="S01E01"
    ),
    "Show/Extras/Show.S05E01.The.Mango.Deleted.Scene.mkv": special(
        "Show", mark="Scene", title="S05E01 The Mango"
    ),
    "Show/Featurettes/01.mkv": special("Show", 1, "Featurette"),
    "Show/theme-music/theme.mkv": special("Show", mark="Theme"),
    "Show - S01E05 - Trailer.mkv": season("Show", 1, 5, "Trailer"),
}

CODE_FIRST = {
    "Show Name/S01E01 - First Title.mkv": season("Show Name", 1, 1, "First Title"),
    "Other Show/Episode 01 - First Title.mkv": plain("Other Show", 1, "First Title"),
    "Third Show/E02 Second Title.mkv": plain("Third Show", 2, "Second Title"),
    "Fourth Show/1x03 - Third Title.mkv": season("Fourth Show", 1, 3, "Third Title"),
    "番名/EP01 标题.mp4": plain("番名", 1, "标题"),
    "Fifth Show/[04] Fourth Title.mkv": plain("Fifth Show", 4, "Fourth Title"),
    "番名/01【标题】.mp4": plain("番名", 1, "标题"),
    "Show/1. Web of Lies.mkv": plain("Show", 1, "Web of Lies"),
}

TABLE = (
    NUMBERED
    | SERVERS
    | RELEASES
    | CHINESE_AND_JAPANESE
    | NO_SCHEME
    | NUMBERS_IN_TITLES
    | CODES
    | COUNTERS
    | SEASON_FOLDERS
    | FOLDERS_BETWEEN
    | IDS
    | TAGS
    | KINDS
    | CODE_FIRST
)


def name_file(path: str) -> EpisodeName:
    return name_files([path], ROOT)[path]


@pytest.mark.parametrize(("path", "expected"), TABLE.items(), ids=TABLE)
def test_single_file_is_named(path: str, expected: EpisodeName) -> None:
    assert name_file(path) == expected


def test_name_is_independent_of_the_unicode_form() -> None:
    composed, decomposed = "ガールズ/01.mkv", "カ\u3099ールス\u3099/01.mkv"
    assert composed != decomposed
    assert name_file(composed) == name_file(decomposed)


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
    name = name_file("/".join(parts) + ".mkv")
    assert name.series.strip()
    for number in (name.season, name.number, name.number_end):
        assert number is None or number >= 0
    assert name.kind == "special" or name.season != 0
