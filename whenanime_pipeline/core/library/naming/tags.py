"""Recognises release tags: resolution, source, codec, language, checksum, version."""

import re
from functools import lru_cache

from whenanime_pipeline.core.library.naming.words import split_list

_CHECKSUM = re.compile(r"[0-9A-Fa-f]{8}")
_SEPARATORS = re.compile(r"[\s_,+&/|·~@()（）-]+|\.(?!\d)|(?<!\d)\.")
# Technical words that are no part of a title.
_STRONG = re.compile(
    r"""
      \d{3,4}[pi]\d{0,3}(?:fps)? | u?hd\d{3,4}p? | [48]k(?:\d\dfps)? | uhd | fhd | qhd
    | \d{3,4}\s?[x×]\s?\d{3,4}p?
    | web-?dl(?:-\d+p)? | web-?rip(?:-\d+p)? | web-?mux | webdl | bd-?rip | bd-?mux | bd-?box | bdmv
    | blu-?ray(?:-\d+p)? | bluray(?:-\d+p)? | bd\d{3,4}p? | br-?rip | bdremux | remux(?:-\d+p)?
    | dvd-?rip | dvd-?r | dvd[59] | dvd-?iso | dvd-\d+p | dvd\d{3}p? | hd-?dvd | ld-?rip | vhs-?rip
    | hd-?rip | hdtv(?:-\d+p)? | hdtv-?rip | pdtv | sdtv | tv-?rip | dsr
    | [xh][\s.]?26[456] | hevc[\w-]* | avc | av1 | vp[89] | xvid | divx\d? | vc-?1 | rv40
    | mpeg-?[24]? | hi10p? | hi444pp? | hi422p? | ma10p | ma444-?10p | yuv\d{3}p?\d* | main10p?
    | (?:8|10|12)[\s-]?bits? | (?:8|10|12)b | hdr(?:10)?(?:\+|plus)? | dovi | vfr | hfr
    | aac(?:x\d|-?lc|v\d)?(?:\d[.\s]\d)? | \d?x?flac(?:x?\d|\d\.\d)* | e-?ac-?3(?:\d\.\d)?
    | ac-?3(?:x\d)?(?:\d\.\d)? | dts(?:-?(?:hd|x|es|ma))* | true-?hd | ddpa?(?:\d[.\s]\d)?
    | dd\d[.\s]\d | opus(?:\d\.\d)? | vorbis | lpcm | pcm | qaac | alac | atmos | \d(?:\.\d)?ch
    | \d\d(?:\.\d+)?fps | \d+\s?kbps
    | hard-?sub(?:bed)? | soft-?subs? | multi-?subs? | msubs? | esubs? | engsubs? | vostfr
    | subfrench | dual-?audio | multi-?audio | tri-?audio | vietsub | uncensored
    | (?:[12]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])
    | chs(?:_?jpn?)? | cht(?:_?jpn?)? | jpsc | jptc | big5(?:_mp4)? | gb_?(?:jp|mp4)
    | srtx\d | assx\d
    """,
    re.VERBOSE | re.IGNORECASE,
)
_STRONG_UPPER = re.compile(r"WEB|BD|DVD|NF|AMZN|DSNP|HMAX|REPACK\d?|PROPER|UNCUT|REMASTERED")
# Words that are tags next to others, and may be part of a title elsewhere.
_WEAK = frozenset(
    split_list(
        "cr nf netflix amzn amazon dsnp disney hulu hidive hdv funi funimation adn b-global"
        " bglobal bilibili bili baha bahamut ani-one anione iq iqiyi itunes it atvp max hmax"
        " abema abematv u-next unext dmm danime crunchyroll wakanim viu muse youtube yt vrv"
        " tver nhk at-x atx mx bs11 tokyomx wowow viki apple web bd dvd tv tvb hd sd dl mux rip"
        " source encode encoded jav proper repack repack2 rerip real internal limited retail"
        " remastered remaster restored extended uncut unrated censored dirfix nfofix readnfo"
        " hybrid dubbed subbed dub sub subs ass srt srtx2 softsub pgs dual multi audio complete"
        " batch english eng en japanese jap jpn ja jp german ger de deutsch french fre fra fr"
        " spanish spa esp es lat latino castellano italian ita portuguese por ptbr pt-br pt br"
        " russian rus ru ukr ua korean kor ko kr chinese chi zh mandarin cantonese arabic ara"
        " ar polish pol pl turkish tur tr thai tha vie vi hindi hin indonesian ind id nordic"
        " fansub fansubs raw raws openmatte widescreen fullscreen multiple subtitle subtitles"
        " cfr sc tc gb big5 gbk utf-8 chapters fonts commentary gop sdr dv hlg ma lc hc p8 p7"
        " mkv mp4 avi webm rmvb wmv m4a mp3 ac3 10bit 8bit bilingual uncensored fin"
    )
)
_CHINESE = re.compile(
    r"[简簡繁中日英粤国國]{1,4}[体體文语語字幕双雙内內嵌外挂掛封装裝版配]{1,7}"
    r"|[简簡繁][日中繁]{0,3}|国语|國語|日语|日語|粤语|中字|双语|雙語|字幕|无字幕?|生肉|熟肉|无修正?|無修正"
    r"|招募.*|招人.*|急招.*|.*招募.*|先行版?本?|抢先版?|超前点播|完整版|加长版|修复版|重制版|正式版|收藏版"
    r"|国漫|國漫|国创|國創|动漫|動漫|动画|動畫|番剧|番劇|新番|日番|国产|国产动画|连载中?|連載中?|完结|完結"
    r"|全\d+[集话話回]|[\d一二三四五六七八九十]{1,3}月新?番?|\d{4}年?\d{1,2}月新?番?|蓝光|高清|超清|标清|原画|合集"
    r"|内封|外挂|字幕[组組社]|더빙|자막|무자막|고화질|신작|완결|리마스터"
    r"|字幕版|吹替版?|ノーカット版|再放送|新アニメ|アニメ|[字解多無新終再二デ前後]"
)
_RUSSIAN = re.compile(
    r"рус|русский|озвучка|дубляж|субтитры|саб|многоголосый|двухголосый|anidub|anilibria|анилибрия",
    re.IGNORECASE,
)
_VERSION = re.compile(r"v\d{1,2}", re.IGNORECASE)


def split_words(text: str) -> list[str]:
    """Return the words of a text; hyphens and decimal points inside technical words stay."""
    return [word for word in re.split(r"[\s_,+&|]+", text) if word]


@lru_cache(maxsize=16384)
def is_strong_tag(word: str) -> bool:
    """Whether a word is a release tag wherever it stands: `1080p`, `WEB-DL`, `x265`."""
    return bool(_STRONG.fullmatch(word) or _STRONG_UPPER.fullmatch(word))


@lru_cache(maxsize=16384)
def is_tag(word: str) -> bool:
    """Whether a word may be a release tag: a strong one, or `Dual`, `CR`, `简体`, `v2`."""
    return bool(
        is_strong_tag(word)
        or word.casefold() in _WEAK
        or _VERSION.fullmatch(word)
        or _CHINESE.fullmatch(word)
        or _RUSSIAN.fullmatch(word)
    )


@lru_cache(maxsize=16384)
def is_tag_group(text: str, *, is_round: bool) -> bool:
    """Whether the content of a pair of brackets is release tags.

    Args:
        text: Content without the brackets.
        is_round: Whether they are round ones, which may stand within a title.
    """
    text = text.strip()
    if _CHECKSUM.fullmatch(text) or is_tag(text):
        return True
    words = [word for word in split_words(text) if word not in {"-", "·", "/", "~"}]
    if not words:
        return True
    known = [_is_compound_tag(word) for word in words]
    if all(known):
        return True
    strong = any(is_strong_tag(part) for word in words for part in (word, *_SEPARATORS.split(word)))
    return strong and (known[0] or is_round or sum(known) * 2 > len(words))


def _is_compound_tag(word: str) -> bool:
    """Whether a word is a tag, or tags joined by dots and hyphens: `HEVC-YUV420P10`, `WEB.x264`."""
    if is_tag(word):
        return True
    parts = [part for part in re.split(r"[.·/~-]+", word) if part]
    return any(map(is_strong_tag, parts)) and all(is_tag(part) or part.isdigit() for part in parts)


def find_tag_tail(words: list[str]) -> int:
    """Return the index of the first word of the release tags at the end of a list of words.

    Args:
        words: Words of a name without brackets.

    Returns:
        Index from which all belongs to the tags, a release group after them included;
        `len(words)` where there are none.
    """
    first = next((index for index, word in enumerate(words) if _begins_tail(word)), len(words))
    if first == len(words):
        while first > 0 and _is_lone_tag(words[first - 1]):
            first -= 1
        return first
    while first > 0 and is_tag(words[first - 1]):
        first -= 1
    return first


def _begins_tail(word: str) -> bool:
    """Whether a word is a strong tag, perhaps with a release group after a hyphen."""
    return is_strong_tag(word) or ("-" in word and is_strong_tag(word.split("-")[0]))


def _is_lone_tag(word: str) -> bool:
    """Whether a word at the end, without a strong tag next to it, is a tag all the same."""
    return bool(
        _VERSION.fullmatch(word)
        or _CHINESE.fullmatch(word)
        or re.fullmatch(
            r"RAWS?|F?HD|UHD|SD|SUBBED|DUBBED|GERMAN|FRENCH|MULTI|DUAL|VOSTFR|CHS|CHT|BIG5|GB", word
        )
    )
