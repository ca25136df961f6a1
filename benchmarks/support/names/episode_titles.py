"""Titles of episodes, some with numbers and with words that tags use."""

import random

_ENGLISH = (
    "The 100th Night", "Part 2", "3 Days Left", "A New Beginning", "Farewell, My Friend",
    "Who Are You？", "Room 404", "Ten Years Later", "Special Training", "The Movie Star",
    "Opening Day", "Web of Lies", "2 Against 1", "Don't Look Back", "It's 5 O'Clock",
    "Summer Festival!", "The Last Episode", "Red & Black", "Overture", "The Sky That Day",
)  # fmt: skip
_JAPANESE = (
    "100年の眠り", "3日目の夜", "約束", "さよなら、先生", "始まりの朝", "夏祭り!", "嘘と真実",
    "雨の日の二人", "第2の扉", "最終決戦", "十二の鍵", "帰り道", "はじめてのお使い", "24時間",
    "小さな嘘", "夜明け前",
)  # fmt: skip
_CHINESE = (
    "百年之约", "3天之后", "开端", "第二个愿望", "夜雨", "真相", "归来", "再见，老师",
    "最后的战斗", "夜色", "远方", "十二生肖", "雪山", "旧友", "100米", "怪石现世",
)  # fmt: skip
_POOLS = {"ja": _JAPANESE, "zh": _CHINESE}
_BARE_NUMBER = "12"


def pick_episode_titles(
    language: str,
    count: int,
    chance: random.Random,
    *,
    bare_numbers: bool = False,
    leading_numbers: bool = True,
) -> list[str]:
    """Return different titles.

    Args:
        language: of the series.
        count: at most as many as a pool has.
        chance: decides which, and their order.
        bare_numbers: whether `12` may be one.
        leading_numbers: whether `3 Days Left` may be one.
    """
    pool = _POOLS.get(language, _ENGLISH) + ((_BARE_NUMBER,) if bare_numbers else ())
    return chance.sample(
        [title for title in pool if leading_numbers or not title[0].isdigit()], count
    )
