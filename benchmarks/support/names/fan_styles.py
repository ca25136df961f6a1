"""Styles of fan groups, in several languages, and of discs."""

from typing import Final

from benchmarks.support.names.style import (
    Style,
    ends_in_cjk,
    fits_underscores,
    has_english,
    has_no_number,
    write_underscores,
)

_CJK: Final = ("ja", "zh")
_DISC_EXTRAS: Final = (
    *("NCOP", "NCED", "Menu01", "Menu02_1", "Menu02_2", "PV01", "PV02", "CM01", "IV01"),
    *("Preview01", "Mini Anime 01", "Mini Anime 02"),
)

GROUP_STYLES: Final = (
    Style("group dash", "[SubsPlease] {t} - {n:02d} (1080p) [{crc}].mkv"),
    Style("group dash version", "[Erai-raws] {t} - {n:02d}v2 [1080p][Multiple Subtitle].mkv"),
    Style("group dash no zero", "[Group] {t} - {n} [720p].mkv"),
    Style("group dash 3 digits", "[HorribleSubs] {t} - {n:03d} [720p].mkv", first=101),
    Style("group dash 4 digits", "[SubsPlease] {t} - {n} (1080p) [{crc}].mkv", first=1061),
    Style(
        "group dash 4 digits version",
        "[SubsPlease] {t} - {n}v2 (1080p) [{crc}].mkv",
        first=1061,
    ),
    Style(
        "group underscores",
        "[Eclipse]_{t}_-_{n:02d}_(1280x720_h264)_[{crc}].mkv",
        spell=write_underscores,
        fits=fits_underscores,
    ),
    Style(
        "Coalgirls",
        "[Coalgirls]_{t}_{n:02d}_(1920x1080_Blu-ray_FLAC)_[{crc}].mkv",
        spell=write_underscores,
        fits=fits_underscores,
    ),
    Style("group no dash", "[Judas] {t} {n:02d} [1080p][HEVC x265 10bit].mkv"),
    Style("group bracket number", "[Sakurato] {t} [{n:02d}][AVC-8bit 1080p AAC][CHS].mp4"),
    Style("group bracket number glued", "[HYSUB]{t}[{n:02d}][BIG5_MP4][1280X720].mp4"),
    Style("all brackets", "[Nekomoe kissaten][{t}][{n:02d}][1080p][JPSC].mp4"),
    Style("all brackets version", "[Airota][{t}][{n:02d}v2][1080p AVC AAC][CHT].mp4"),
    Style("all brackets end", "[Group][{t}][{n:02d}{end}][1080p][GB].mp4"),
    Style("all brackets starred", "【喵萌奶茶】★04月新番★[{t}][{n:02d}][GB][1080P].mp4"),
    Style("wide brackets", "【Group】【{t}】【{n:02d}】【1080P】【简体】.mp4"),
    Style(
        "genre before title",
        "[GM-Team][国漫][{t}][{english}][{y}][{n:02d}][AVC][GB][1080P].mp4",
        fits=has_english,
    ),
    Style("group bracket tags", "[LoliHouse] {t} - {n:02d} [WebRip 1080p HEVC-10bit AAC].mkv"),
    Style("group disc tags", "[ReinForce] {t} - {n:02d} (BDRip 1920x1080 x264 FLAC).mkv"),
    Style(
        "group folder",
        "[Group] {t} (BD 1080p)/[Group] {t} - {n:02d} (BD 1080p) [{crc}].mkv",
    ),
    Style(
        "group absolute and code",
        "[Dae-P9] {t} - {n:02d} - S01E{n:02d} - {e} (BD 1080p HEVC FLAC) [{crc}].mkv",
        season=1,
        has_title=True,
    ),
    Style(
        "group absolute and code in parentheses",
        "[Kaleido-subs] {t} - {n:02d} (S01E{n:02d}) - (WEB 1080p HEVC x265) [{crc}].mkv",
        season=1,
    ),
    Style("group code", "[Judas] {t} - S02E{n:02d} [1080p].mkv", season=2),
    Style(
        "group code title",
        "[EMBER] {t} S01E{n:02d}-{e} [{crc}].mkv",
        season=1,
        has_title=True,
        leading_numbers=False,
    ),
    Style("group two episodes", "[Group] {t} - {n:02d}-{m:02d} [1080p].mkv", span=2),
    Style("group ova", "[Group] {t} - OVA {n:02d} [BD 1080p].mkv", season=0, kind="special"),
    Style("all brackets ova", "[Group][{t}][OVA][{n:02d}][1080p].mkv", season=0, kind="special"),
    Style(
        "group film",
        "[Group] {t} (BD 1080p FLAC) [{crc}].mkv",
        kind="film",
        fits=has_no_number,
    ),
    Style("all brackets film", "[Group][{t}][Movie][1080p].mkv", kind="film"),
)

DISC_STYLES: Final = (
    Style(
        "VCB-Studio",
        "[VCB-Studio] {t} [Ma10p_1080p]/[VCB-Studio] {t} [{n:02d}][Ma10p_1080p][x265_flac].mkv",
        extras=tuple(
            "[VCB-Studio] {t} [Ma10p_1080p]/SPs/[VCB-Studio] {t} "
            f"[{label}][Ma10p_1080p][x265_flac].mkv"
            for label in _DISC_EXTRAS
        ),
    ),
    Style("disc folders", "{t}/Disc 1/{t} - {n:02d} [BD 1080p].mkv"),
    Style("disc no group", "{t} - {n:02d} [BDRip 1080p x265 10bit FLAC].mkv"),
)

COUNTER_STYLES: Final = (
    Style("dash", "{t} - {n:02d}.mkv"),
    Style("dash no zero", "{t} - {n}.mp4"),
    Style("space", "{t} {n:02d}.mkv"),
    Style("space 3 digits", "{t} {n:03d}.mkv", first=101),
    Style("underscore", "{t}_{n:02d}.mp4", spell=write_underscores, fits=fits_underscores),
    Style("glued", "{t}{n:02d}.mp4", fits=ends_in_cjk),
    Style("hash", "{t} #{n:02d}.mp4"),
    Style("bracket number", "{t} [{n:02d}].mkv"),
    Style("E", "{t} E{n:02d}.mkv"),
    Style("EP", "{t} EP{n:02d}.mp4"),
    Style("Ep.", "{t} Ep. {n}.mp4"),
    Style("Episode", "{t} - Episode {n:02d}.mp4"),
    Style("話", "{t} 第{n:02d}話.mp4", languages=("ja", "en")),
    Style("話 tags", "[Group] {t} 第{n:02d}話 (BD 1920x1080 HEVC-YUV420P10 FLAC).mkv"),
    Style("話 title", "{t} 第{n}話「{e}」.mp4", has_title=True, languages=("ja",)),
    Style("回 title", "{t} 第{n:02d}回 {e}.mp4", has_title=True, languages=("ja",)),
    Style("話 two", "{t} 第{n:02d}-{m:02d}話.mp4", span=2, languages=_CJK),
    Style("集", "{t} 第{n:02d}集.mp4", languages=("zh", "en")),
    Style("集 glued", "{t}第{n}集.mp4", languages=("zh",)),
    Style("集 title", "{t} 第{n}集 {e}.mp4", has_title=True, languages=("zh",)),
    Style("话 bracket", "[字幕组][{t}][第{n:02d}话][1080P][简中].mp4", languages=("zh", "ja")),
    Style("화", "{t} {n:02d}화.mp4", languages=("ko", "en")),
    Style("회", "{t} 제{n}회.mp4", languages=("ko",)),
    Style("серия", "{t} {n:02d} серия.mkv", languages=("ru", "en")),
    Style("серия first", "{t} - Серия {n}.mkv", languages=("ru",)),
    Style("серия of", "{t} [{n:02d} из 28].mkv", languages=("ru", "en")),
    Style("Folge", "{t} Folge {n:02d}.mkv", languages=("de", "en")),
    Style("Folge title", "{t} - Folge {n} - {e}.mkv", has_title=True, languages=("de", "en")),
    Style("Épisode", "{t} - Épisode {n:02d} VOSTFR.mkv", languages=("fr", "en")),
    Style("Capítulo", "{t} Capítulo {n}.mp4", languages=("es", "en")),
    Style("Episódio", "{t} - Episódio {n:02d}.mp4", languages=("pt", "en")),
    Style("Bölüm", "{t} {n}. Bölüm.mp4", languages=("tr", "en")),
    Style("Odc", "{t} odc. {n:02d}.mkv", languages=("pl", "en")),
    Style("Tập", "{t} - Tập {n:02d}.mp4", languages=("vi", "en")),
    Style("ตอนที่", "{t} ตอนที่ {n}.mp4", languages=("th", "en")),
    Style("الحلقة", "{t} الحلقة {n}.mp4", languages=("ar",)),
)
