"""Invented lines of dialogue and captions in several scripts."""

from typing import Literal

Script = Literal["latin", "cyrillic", "japanese", "chinese", "korean"]

PHRASES: dict[Script, tuple[str, ...]] = {
    "latin": (
        "I told you not to open that door.",
        "Wait for me!",
        "So this is where it ends...",
        "Did you really think I'd forget?",
        "Nobody has ever come back from there.",
        "It's raining again.",
        "me when the exam is tomorrow",
        "WHEN YOU SEE IT",
        "literally my cat at 3 am",
        "No way. No way!",
        "Attends, je ne comprends pas.",
        "¿Qué estás haciendo aquí?",
        "Das kann doch nicht wahr sein!",
        "which anime is this??",
        "POV: Monday morning",
        "He said he would be back by summer.",
        "Run, and don't look behind you.",
        "sauce please",
    ),
    "cyrillic": (
        "Подожди меня!",
        "Я не могу в это поверить.",
        "Что ты здесь делаешь?",
        "когда завтра экзамен",
        "Мы ещё встретимся.",
    ),
    "japanese": (
        "ちょっと待ってください",
        "そんなはずがない！",
        "また明日、ここで会おう",
        "どうしてここにいるの？",
        "雨が降りそうだ",
        "絶対に忘れないから",
    ),
    "chinese": (
        "等一下,我还没准备好",
        "你怎么会在这里?",
        "不可能...这是真的吗",
        "明天又是星期一",
        "我一定会回来的!",
        "快跑,不要回头",
    ),
    "korean": (
        "잠깐만 기다려!",
        "여기서 뭐 하는 거야?",
        "내일 다시 만나자",
        "믿을 수 없어...",
    ),
}
"""Script → phrases. Benchmarks draw them by seed: another phrase makes another query."""
