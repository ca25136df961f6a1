"""Words in the names of releases, media servers and disc rips, by what they mean.

Collected from the releases themselves, from the naming guides of Kodi, Jellyfin and Plex, and from
the tags that Sonarr and FileBot write.
"""

import re
from collections.abc import Iterable


def join_words(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words; longer ones first, spaces as separators."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"[\s._-]?") for word in ordered)


def split_list(text: str) -> tuple[str, ...]:
    """Return words separated by `|`, or by spaces where there is no `|`."""
    return tuple(text.split("|") if "|" in text else text.split())


EPISODE_BEFORE = split_list(
    "episodes episode epis. eps. eps ep. ep épisode folge capítulo capitulo cap. cap episodio"
    " episódio puntata bölüm bolum odcinek odc. odc tập серия эпизод выпуск сер. серія"
    " епізод díl epizoda rész epizód episodul avsnitt afsnit aflevering afl. jakso ตอนที่"
    " ตอน الحلقة حلقة قسمت פרק επεισόδιο エピソード 第 제 # № ♯"
)
"""Words before an episode's number."""

EPISODE_AFTER = split_list(
    "话 話 回 集 화 회 серия серии серій эпизод выпуск bölüm bolum blm odcinek díl epizoda rész"
    " avsnitt afsnit aflevering jakso"
)
"""Words after an episode's number."""

SEASON_BEFORE = split_list(
    "season saison staffel temporada stagione sezon sezona sezóna série serie series sæson"
    " säsong sesong seizoen kausi évad сезон тв tv phần mùa ภาค ซีซั่น ซีซัน الموسم موسم"
    " فصل עונה σεζόν シーズン 시즌 시리즈"
)
"""Words before a season's number."""

SEASON_AFTER = split_list(
    "season saison staffel temporada stagione sezon sezona sezóna évad évad сезон seizoen"
    " säsongen säsong sæson kausi 季 期 部 기 シーズン 시즌"
)
"""Words after a season's number."""

NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "zero",
            ("one first uno primera erste eins première premiere un prima primeira первый birinci"
            " första eerste pierwszy"),
            ("two second dos segunda zweite zwei deuxième seconde deux seconda второй ikinci andra"
            " tweede drugi"),
            ("three third tres tercera dritte drei troisième trois terza terceira третий üçüncü"
            " tredje derde trzeci"),
            ("four fourth cuatro cuarta vierte vier quatrième quatre quarta четвертый четвёртый"
            " dördüncü fjärde vierde czwarty"),
            "five fifth cinco quinta fünfte fünf cinquième cinq пятый beşinci femte vijfde piąty",
            "six sixth seis sexta sechste sixième sesta шестой altıncı",
            "seven seventh siete séptima siebte septième settima седьмой",
            "eight eighth ocho octava achte huitième ottava восьмой",
            "nine ninth nueve novena neunte neuvième nona девятый",
            "ten tenth diez décima zehnte dixième decima десятый",
            "eleven eleventh",
            "twelve twelfth",
        )
    )
    for word in words.split()
}  # fmt: skip
"""Number words, cardinal and ordinal, with which seasons are counted."""

LABELS = {
    word.casefold(): label
    for label, words in {
        "OVA": "OVA|OVAs|OAV|OAVs|OAD|OADs",
        "SP": "SP|SPs|Special|Specials|特別編|特別篇|特别篇|特别编|特別版|番外|番外編|番外篇|番外编"
        "|スペシャル|スペシャル版|특별편|번외편|спешл|спэшл|спецвыпуск|спецэпизод",
        "NC": "NC",
        "NCOP": "NCOP|NC OP|Creditless Opening|Creditless OP|Clean Opening|Textless Opening"
        "|ノンクレジットOP|ノンテロップOP|ノンクレジットオープニング|无字幕OP",
        "NCED": "NCED|NC ED|Creditless Ending|Creditless ED|Clean Ending|Textless Ending"
        "|ノンクレジットED|ノンテロップED|ノンクレジットエンディング|无字幕ED",
        "OP": "OP|Opening|オープニング",
        "ED": "ED|Ending|エンディング",
        "PV": "PV|PVs|PV集|PV Collection",
        "CM": "CM|CMs|CM集|CM Collection|TVCM|TV CM|TV Spot|SPOT",
        "IV": "IV|IVs",
        "MV": "MV|Music Video",
        "Menu": "Menu|Menus|BD Menu|DVD Menu|メニュー",
        "Logo": "Logo|Logos",
        "Teaser": "Teaser|Teasers|特報",
        "Trailer": "Trailer|Trailers|予告編|预告片|预告|预告集|예고편",
        "Preview": "Preview|Previews|次回予告|予告",
        "Web Preview": "Web Preview|Web Previews|WEB予告",
        "Sample": "Sample|Samples",
        "Extra": "Extra|Extras|Bonus|Other|特典|特典映像|映像特典|映像特典集|Bonus Disc|Scans",
        "Featurette": "Featurette|Featurettes|Behind the Scenes|BehindTheScenes|Making|Making of"
        "|メイキング|花絮",
        "Interview": "Interview|Interviews|インタビュー|访谈",
        "Scene": "Scene|Scenes|Deleted Scene|Deleted Scenes|Deleted|DeletedScene|DeletedScenes",
        "Short": "Short|Shorts",
        "Clip": "Clip|Clips",
        "Theme": "Theme|Theme Music|Theme Song|Theme Songs|Theme Video|Theme Videos|Backdrop"
        "|Backdrops",
        "Picture Drama": "Picture Drama|ピクチャードラマ",
        "Event": "Event|Events|イベント",
        "Omake": "Omake|おまけ",
        "Mini Anime": "Mini Anime|ミニアニメ|Mini",
        "Recap": "Recap|総集編|总集篇|总集编",
    }.items()
    for word in words.split("|")
}
"""Words that say which special or extra a file is, with the label that they get."""

EXTRA_LABELS = frozenset(
    split_list(
        "NC NCOP NCED OP ED PV CM IV MV Menu Logo Teaser Trailer Preview Sample Extra"
        " Featurette Interview Scene Short Clip Theme Event"
    )
) | {"Picture Drama", "Mini Anime", "Web Preview"}
"""Labels of what is no part of the story: never an episode, whatever code the name holds."""

PLAIN_SPECIALS_FOLDERS = frozenset(
    split_list("specials special 特别篇 特別篇 特別編 番外 番外篇 番外編")
)
"""Folders of specials whose name adds nothing: their files get no label."""

EXTRA_SUFFIXES = split_list(
    "trailer|trailers|sample|behind the scenes|behindthescenes|deleted|deleted scene"
    "|deleted scenes|featurette|interview|scene|short|clip|other|extra|extras|teaser"
    "|preview"
)
"""Endings after `-`, `.`, `_` or a space by which Jellyfin and Plex mark an extra."""

FILM_WORDS = split_list(
    "movie the movie gekijouban gekijoban film 剧场版 劇場版 剧埸版 映画 电影版 극장판 фильм"
)
"""Words of a film."""

COLLECTION_FOLDERS = frozenset(
    split_list(
        "anime|animes|animation|videos|video|movies|movie|films|film|tv|tv shows|tvshows|shows"
        "|series|downloads|download|media|library|anime movies|anime series|complete|finished"
        "|ongoing|completed|airing|torrents|seeding|动画|动漫|番剧|电影|动画电影|剧场版|新番"
        "|完结|连载|アニメ|映画|アニメ映画|劇場版|애니|애니메이션|аниме|фильмы|сериалы"
    )
)
"""Folders that hold several series."""

FILM_FOLDERS = frozenset(
    split_list(
        "movies|movie|films|film|anime movies|电影|动画电影|剧场版|映画|アニメ映画|劇場版|фильмы"
    )
)
"""Collection folders that hold films."""

TRANSPARENT_FOLDERS = frozenset(
    split_list(
        "tv|tv版|tv版本|tvシリーズ|テレビシリーズ|main series|tv series|tv anime|正片|本編"
        "|本编|正編|main|episodes|plex versions|optimized for tv|optimized for mobile"
        "|original quality|versions|video_ts|bdmv|stream"
    )
)
"""Folders between a series and its files that say nothing of either."""

SEASONS_WITHOUT_NUMBER = re.compile(
    r"(?:the\s)?(?:final|last) season|最终季|最終季|完结季|ファイナルシーズン"
    r"|(?:part|cour|arc|half)[\s._-]?(?:\d{1,2}|one|two|three|i{1,3})(?:\W.*)?",
    re.IGNORECASE,
)
"""Folders that divide a series and are named, not numbered."""

COPY_FOLDERS = frozenset(
    split_list("plex versions|optimized for tv|optimized for mobile|original quality|versions")
)
"""Folders in which a media server keeps further versions of an episode."""
