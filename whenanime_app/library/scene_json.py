"""Scenes as JSON, in trace.moe's shape with our own fields beside; knows neither web nor page."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whenanime_pipeline.core.search.query.scenes import Appearance, Scene
    from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

# A thousandth of a second is finer than any frame; a ten-thousandth of similarity than any rank.
_SECOND_DIGITS = 3
_SIMILARITY_DIGITS = 4
_SHARE_DIGITS = 4


def scene_json(
    scene: "Scene", *, image: str = "", video: str = "", anilist_info: bool = False
) -> dict[str, Any]:
    """Return one result.

    Args:
        scene: what the engine found.
        image: absolute URL of a still; empty when nobody serves it.
        video: absolute URL of a preview; empty when nobody serves it or the video is not here.
        anilist_info: give `anilist` as an object with ids and titles, not as a number.

    Returns:
        trace.moe's `anilist`, `filename`, `episode` (see `format_number`), `from`, `at`, `to` and
        `duration` in seconds, `similarity` 0–1, `video`, `image`; and beside them `match`
        ("certain", "likely", "similar"), `mirrored`, `corners` (where the picture's four corners,
        from the upper left on, lie on the frame, `[x, y]` each, as shares of its width and
        height; of a mirrored picture: those of its mirror image), `key`, `series`, `season`,
        `title`, `label` and `also`.
    """
    episode = scene.episode
    return {
        "anilist": anilist_info_json(episode) if anilist_info else episode.anilist,
        "filename": filename_of(episode),
        "episode": format_number(episode),
        "from": _round_seconds(scene.start),
        "at": _round_seconds(scene.at),
        "to": _round_seconds(scene.end),
        "duration": _round_seconds(episode.duration),
        "similarity": round(float(scene.similarity), _SIMILARITY_DIGITS),
        "video": video,
        "image": image,
        "match": scene.match,
        "mirrored": scene.mirrored,
        "corners": [[_round_share(x), _round_share(y)] for x, y in scene.corners],
        "key": episode.key,
        "series": episode.series,
        "season": episode.season,
        "title": episode.title,
        "label": format_label(episode),
        "also": [_also_json(moment) for moment in scene.also],
    }


def detailed_scene_json(scene: "Scene", *, image: str = "", video: str = "") -> dict[str, Any]:
    """Return one result with all that is known of it.

    Returns:
        All of `scene_json`, and beside it `seasonName`, `kind`, the titles `native`, `romaji` and
        `english`, and `times`: every `from`–`to` during which the very picture is on screen, in
        this scene and elsewhere in the episode.
    """
    episode = scene.episode
    return {
        **scene_json(scene, image=image, video=video),
        "seasonName": episode.season_name,
        "kind": episode.kind,
        "native": episode.native,
        "romaji": episode.romaji,
        "english": episode.english,
        "times": [
            {"from": _round_seconds(start), "to": _round_seconds(end)} for start, end in scene.runs
        ],
    }


def has_match(scenes: Iterable["Scene"]) -> bool:
    """Tell whether any scene is more than similar; else the picture is probably of none."""
    return any(scene.match != "similar" for scene in scenes)


def results_json(scenes: Iterable["Scene"], *, frame_count: int) -> dict[str, Any]:
    """Return the whole answer for who asks without a server: no links, no quota.

    Args:
        scenes: best first.
        frame_count: frames in the index.
    """
    return {"frameCount": frame_count, "error": "", "result": [scene_json(s) for s in scenes]}


def anilist_info_json(episode: "EpisodeRecord") -> dict[str, Any]:
    """Return ids and titles as trace.moe's `anilistInfo` has them; null where the NFO is silent.

    A synonym is what the library calls the series, where no title says the same.
    """
    title = {
        "native": episode.native or episode.series,
        "romaji": episode.romaji,
        "english": episode.english,
    }
    return {
        "id": episode.anilist,
        "idMal": episode.mal,
        "title": title,
        "synonyms": [] if episode.series in title.values() else [episode.series],
        "isAdult": False,
    }


def filename_of(episode: "EpisodeRecord") -> str:
    """Return the video's name without its folders: the layout of a disk is nobody's business."""
    return episode.path.rsplit("/", 1)[-1]


def format_number(episode: "EpisodeRecord") -> int | float | list[int] | str | None:
    """Return the episode's number, `[first, last]`, what it has for a number ("NCOP"), or None.

    An episode between two others is a number too: 12.5.
    """
    mark = episode.mark or ""
    if episode.number is None:
        return mark or None
    if episode.number_end not in (None, episode.number):
        return [episode.number, episode.number_end]
    if re.fullmatch(r"\.[0-9]", mark):
        return float(f"{episode.number}{mark}")
    return episode.number


def format_label(episode: "EpisodeRecord") -> str:
    """Return `S01E02`, `S01E02–E03`, `E02` without a season, `E12.5`, `NCOP`, or nothing."""
    mark = episode.mark or ""
    if episode.number is None:
        return mark
    season = "" if episode.season is None else f"S{episode.season:02d}"
    last = episode.number_end
    until = "" if last in (None, episode.number) else f"–E{last:02d}"
    numbered = f"{season}E{episode.number:02d}{until}"
    return f"{numbered}{mark}" if mark.startswith(".") else f"{numbered} {mark}".rstrip()


def _also_json(moment: "Appearance") -> dict[str, Any]:
    return {
        "filename": filename_of(moment.episode),
        "episode": format_number(moment.episode),
        "label": format_label(moment.episode),
        "from": _round_seconds(moment.start),
        "to": _round_seconds(moment.end),
    }


def _round_share(value: float) -> float:
    return round(float(value), _SHARE_DIGITS)


def _round_seconds(value: float) -> float:
    return round(float(value), _SECOND_DIGITS)
