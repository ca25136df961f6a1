"""All release styles, and the folders of all titles in them."""

import random
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from benchmarks.support.names.fan_styles import COUNTER_STYLES, DISC_STYLES, GROUP_STYLES
from benchmarks.support.names.library_styles import SERVER_STYLES, TOOL_STYLES, WEB_STYLES
from benchmarks.support.names.style import Folder, Style, build_folder, build_single, is_fitting
from benchmarks.support.names.titles import Title, load_titles

STYLES: Final = (
    *GROUP_STYLES,
    *DISC_STYLES,
    *COUNTER_STYLES,
    *WEB_STYLES,
    *SERVER_STYLES,
    *TOOL_STYLES,
)


def build_folders(seed: int, share: float = 1, style: str | None = None) -> Iterator[Folder]:
    """Build a folder of many and a folder of one for each style and each title that fits it.

    Args:
        seed: decides numbers, episode titles and the share of the titles.
        share: of the pairs of style and title, in 0–1.
        style: name of the only one; None for all.
    """
    for each in STYLES:
        if style in {None, each.name}:
            yield from _build_of_style(each, seed, share)


def build_mixed_folder(style: Style, seed: int, share: float) -> Folder:
    """Build a library that holds a single file of each title, all in one style."""
    singles = [build_single(style, title, seed) for title in _choose_titles(style, seed, share)]
    return Folder(style.name, "", tuple(file for single in singles for file in single.files))


def _build_of_style(style: Style, seed: int, share: float) -> Iterator[Folder]:
    for title in _choose_titles(style, seed, share):
        yield build_folder(style, title, find_fitting_titles(style), seed)
        yield build_single(style, title, seed)


def _choose_titles(style: Style, seed: int, share: float) -> Sequence[Title]:
    titles = find_fitting_titles(style)
    if share == 1:
        return titles
    count = max(1, round(share * len(titles)))
    return random.Random(f"{seed}/{style.name}").sample(titles, count)


@cache
def find_fitting_titles(style: Style) -> tuple[Title, ...]:
    """Return the titles that a style is used with."""
    return tuple(title for title in load_titles() if is_fitting(style, title))
