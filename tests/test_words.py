"""Code, docs and messages use the field's words; this holds out the ones they replaced."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SUFFIXES = {".py", ".md", ".js", ".css", ".toml", ".yaml", ""}
WORDS = {
    "placements?": "transform, homography, affine",
    "strangers?": "negative, out-of-library query; untrusted client",
    "twins?": "augmented view, positive pair",
    "keepers?": "operator",
    "misfits?": "cost",
    "told": "returned, reported, logged",
    "tells? of": "reports",
    "anew": "again",
    "pinpoint(s|ed|ing)?": "refine (per frame, by ECC)",
    "inquir(y|ies)": "search cascade",
    "doubles": "near-duplicates",
    "retoned": "photometric penalty",
    "pushed out": "non-overlap",
    "believes": "is_match",
    "settles": "is_conclusive",
    "beside": "next to, in addition to",
    "c[ao]mes? to": "yields",
    "looks a second": "frames sampled per second",
    "of before": "previous",
    "who asks": "caller, client",
    "stored pictures?": "reference frame, stored frame",
    "g(oes|o|oing) on from": "builds on, parent",
    "lookers?": "read pool",
    "brings?": "ensure",
    "held ids?": "content id",
    "laid": "aligned, warped",
    "slid": "matched as a template",
    "nought": "zero",
    "whoever": "the client",
    "testify": "plan truth",
    "scarcity": "small sample",
    "by and by": "later",
}
"""Words that are not used, as patterns, and what is said instead."""
_TOKEN = r"(?<![a-z]){}(?![a-z])"
PATTERN = re.compile("|".join(_TOKEN.format(f"(?:{word})") for word in WORDS), re.IGNORECASE)
ALLOWED = {
    "tests/test_words.py": ".*",
    # Files and options that exist: a manifest's field, two jobs, a benchmark's option, the keys of
    # the calibration's weights and of the drawn sample's characters, the words of an earlier file,
    # a phrase that edits draw, an option of `whenanime themes`.
    "whenanime_pipeline/core/sample/characters.py": "twin tails",
    "whenanime_pipeline/core/sample/hair.py": "twin tails",
    "whenanime_pipeline/core/sample/hair_shapes.py": "twin tails",
    "whenanime_pipeline/core/learning/shipped/screenshots/phrases.py": "I told you not to open",
    "whenanime_pipeline/core/search/query/confidence.py": '"pushed out"',
    "whenanime_pipeline/core/search/snapshot/build.py": "held_id",
    "whenanime_pipeline/core/search/snapshot/manifest.py": "held_id",
    "whenanime_pipeline/core/search/snapshot/plan.py": "held_id",
    "whenanime_pipeline/orchestration/dagster_instance.py": '"anew"',
    "whenanime_pipeline/commands/themes_cli.py": "beside.videos",
    "tests/commands/test_themes_command.py": "beside.videos",
    "docs/themes.md": "--beside-videos",
    "tests/orchestration/test_dagster_home.py": "have it written anew",
    "whenanime_pipeline/defs/jobs.py": '"bring_(training_)?frames"',
}
"""Contracts and quotations: file → pattern of lines that may hold one of the words."""


def split_words(line: str) -> str:
    """Return a line with `snake_case` and `CamelCase` names split into words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", line)


def tracked_files() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return [name for name in done.stdout.split("\0") if name and Path(name).suffix in SUFFIXES]


def find_words(name: str) -> list[str]:
    """Return the lines of a file that hold one of the words, as `line: text`."""
    allowed = ALLOWED.get(name)
    try:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []
    return [
        f"{number}: {line.strip()}"
        for number, line in enumerate(lines, 1)
        if PATTERN.search(split_words(line)) and not (allowed and re.search(allowed, line))
    ]


def test_the_list_is_long_enough() -> None:
    assert len(WORDS) >= 25


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("def placement_of(x):", True),
        ("class TwinViews:", True),
        ("STRANGERS = 3", True),
        ("the operator is Told", True),
        ("a displacement", False),
        ("slide, slider, besides", False),
    ],
)
def test_words_are_found_in_names_too(line: str, found: bool) -> None:
    assert bool(PATTERN.search(split_words(line))) == found


def test_no_file_uses_a_word_that_was_replaced() -> None:
    found = {name: lines for name in tracked_files() if (lines := find_words(name))}
    assert not found, "\n".join(f"{name}:{line}" for name, lines in found.items() for line in lines)
