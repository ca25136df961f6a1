"""All release styles, and the folders of all titles in them."""

import random
from collections.abc import Iterator
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


def _build_of_style(style: Style, seed: int, share: float) -> Iterator[Folder]:
    titles = find_fitting_titles(style)
    chosen: list[Title] | tuple[Title, ...] = titles
    if share < 1:
        count = max(1, round(share * len(titles)))
        chosen = random.Random(f"{seed}/{style.name}").sample(titles, count)
    for title in chosen:
        yield build_folder(style, title, titles, seed)
        yield build_single(style, title, seed)


@cache
def find_fitting_titles(style: Style) -> tuple[Title, ...]:
    """Return the titles that a style is used with."""
    return tuple(title for title in load_titles() if is_fitting(style, title))
