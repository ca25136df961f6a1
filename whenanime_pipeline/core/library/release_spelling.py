"""Normalises spellings of release names that anitopy does not know."""

import re
from dataclasses import dataclass

from whenanime_pipeline.core.library.cjk_numbering import find_episode_number, find_season_number

_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_STARRED_TEXT = re.compile(r"[★☆][^★☆]*[★☆]")
_GROUP = re.compile(r"\[([^\[\]]*)\]|【([^【】]*)】")
_GROUP_NUMBER = re.compile(
    r"(?:ep?)?(\d{1,4}(?:\.5)?(?:-\d{1,4})?)(?:v\d)?\s*(?:end|fin|完)?", re.IGNORECASE
)
_RUN_OF_EPISODES = re.compile(
    r"(s\d{1,3})[\s._]?e(\d{1,4})(?:[-\s._]*e(\d{1,4}))+(?!\d)", re.IGNORECASE
)
_RUN_OF_CROSSES = re.compile(r"\b(\d{1,2})x(\d{1,4})\s?-\s?\d{1,2}x(\d{1,4})\b", re.IGNORECASE)
_HALF = re.compile(r"\bs(\d{1,3})[\s._]?e(\d{1,4}\.5)\b", re.IGNORECASE)
# `名侦探柯南01`: a number of two digits or more right after a Chinese or Japanese character.
_GLUED_NUMBER = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff])(\d{2,4})(?=$|[\s_.\[【(（])")
# anitopy never returns for a name whose last token is a dash.
_DANGLING_CHARS = " \t_.,&+|-\u2010\u2011\u2012\u2013\u2014\u2015"
_QUOTES = " \t-_.:：「」『』“”\"'《》〈〉"


@dataclass(frozen=True, slots=True)
class NormalisedName:
    """A stem as anitopy can parse it.

    Attributes:
        text: Text to parse; may be empty.
        title: Title of the episode where the spelling marks it; removed from `text`.
    """

    text: str
    title: str | None = None


def normalise_release_name(stem: str) -> NormalisedName:
    """Rewrite a file's stem as anitopy can parse it.

    Args:
        stem: File name without its extension, NFC.

    Returns:
        Text for the parser, without a trailing dash, and the title if it was cut off.
    """
    text = _STARRED_TEXT.sub("", stem).translate(_FULL_WIDTH)
    text = _unwrap_groups(text)
    title = None
    if counted := find_episode_number(text):
        number = counted.first if counted.last is None else f"{counted.first}-{counted.last}"
        title = _GROUP.sub("", counted.after).strip(_QUOTES) or None
        before = re.sub(r"[\[【(（]\s*$", "", counted.before)
        before = before.rstrip(_DANGLING_CHARS)
        text = f"{before} - {number.zfill(2)}" if before else f"EP{number.zfill(2)}"
    if counted := find_season_number(text):
        text = f"{counted.before} S{counted.first} {counted.after}"
    text = _HALF.sub(r"S\1 - \2", text)
    text = _RUN_OF_EPISODES.sub(r"\1E\2-E\3", text)
    text = _RUN_OF_CROSSES.sub(r"S\1E\2-E\3", text)
    text = _GLUED_NUMBER.sub(r" \1", text)
    return NormalisedName(text.strip(_DANGLING_CHARS), title)


def _unwrap_groups(text: str) -> str:
    """Rewrite `[字幕组][标题][01][1080p]` as `[字幕组] 标题 - 01 [1080p]`; keep other names."""
    if _GROUP.sub("", text).strip(_DANGLING_CHARS):
        return text
    groups = [(a or b).strip() for a, b in _GROUP.findall(text)]
    numbers = [_group_number(group) for group in groups]
    index = next((index for index, number in enumerate(numbers) if number), 0)
    if index == 0:
        return text
    title = groups[min(1, index - 1)]
    before = "" if index == 1 else f"[{groups[0]}] "
    return f"{before}{title} - {numbers[index]} " + "".join(
        f"[{group}]" for group in groups[index + 1 :]
    )


def _group_number(group: str) -> str | None:
    """Return the episode number of a group that holds nothing else: `01`, `05 END`, `第03话`."""
    counted = find_episode_number(group)
    if counted and not counted.before:
        return counted.first.zfill(2)
    match = _GROUP_NUMBER.fullmatch(group)
    return match[1] if match else None
