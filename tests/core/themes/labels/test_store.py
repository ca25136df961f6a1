"""`themes.yaml` is read by line, rewritten with care, and never lost to a mistake."""

import threading
from pathlib import Path

import pytest

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.errors import LabelsError
from whenanime_pipeline.core.themes.labels.edits import (
    label_template,
    remove_segment,
    set_segment,
)
from whenanime_pipeline.core.themes.labels.store import HEADER, LabelsReader, read_labels
from whenanime_pipeline.core.themes.labels.theme_labels import (
    NO_LABELS,
    EpisodeLabel,
    SegmentLabel,
    Span,
    TemplateLabel,
    ThemeLabels,
)

ONE, DIGITS = "0123456789abcdef" * 2, "1" * 32
BY_HAND = f"""\
# What I think of it.
templates:
    1000000001-s01/1:
        name: 'Show: Opening'   # the blue one
        confirmed: true
        mood: happy
later: {{kept: [1, 2]}}
episodes:
    {ONE}:   # S01E03
        segments:
          - type: opening
            start: 1:05.2       # after the cold open
            end: 2:35
        removed:
          - {{start: 1200, end: 0:20:30}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def write(home: Home, text: str) -> None:
    home.theme_labels_file.write_bytes(text.encode())


def read(home: Home) -> str:
    return home.theme_labels_file.read_bytes().decode()


def test_what_people_write_is_understood(home: Home) -> None:
    assert read_labels(home.theme_labels_file) == NO_LABELS
    write(home, BY_HAND)
    assert read_labels(home.theme_labels_file) == ThemeLabels(
        {"1000000001-s01/1": TemplateLabel(confirmed=True)},
        {ONE: EpisodeLabel((SegmentLabel("opening", 65.2, 155.0),), (Span(1200.0, 1230.0),))},
    )
    write(home, "\ufeff" + BY_HAND.replace("\n", "\r\n"))
    assert ONE in read_labels(home.theme_labels_file).episodes


def test_an_edit_keeps_comments_unknown_keys_and_indentation(home: Home) -> None:
    write(home, BY_HAND)
    label_template(home, "1000000001-s01/1", name="another", changes={"never_skip": True})
    changed = read(home)
    assert set(BY_HAND.splitlines()) <= set(changed.splitlines())
    (added,) = set(changed.splitlines()) - set(BY_HAND.splitlines())
    assert added.strip() == "never_skip: true"
    label_template(home, "1000000001-s01/1", changes={"never_skip": False})
    assert read(home) == BY_HAND


def test_a_new_file_says_what_it_is(home: Home) -> None:
    said = label_template(home, "T1", name="Show S01 · OP", kind="opening")
    assert said == ThemeLabels({"T1": TemplateLabel(type="opening")})
    set_segment(home, DIGITS, SegmentLabel("recap", 1.23456, 20.0, never_skip=True), name="片")
    text = read(home)
    assert text.startswith(HEADER)
    assert read_labels(home.theme_labels_file).episodes == {
        DIGITS: EpisodeLabel((SegmentLabel("recap", 1.235, 20.0, never_skip=True),))
    }
    assert "name: Show S01 · OP" in text
    assert "name: 片" in text
    assert "{type: recap, start: 1.235, end: 20.0, never_skip: true}" in text


def test_a_file_of_comments_keeps_them(home: Home) -> None:
    write(home, "# my notes\n\n# more\n")
    label_template(home, "T1", changes={"confirmed": True})
    assert read(home).startswith("# my notes\n\n# more\ntemplates:\n")


def test_line_ends_stay(home: Home) -> None:
    write(home, BY_HAND.replace("\n", "\r\n"))
    label_template(home, "T2", changes={"confirmed": True})
    assert read(home).count("\n") == read(home).count("\r\n") > BY_HAND.count("\n")


def test_a_corrected_segment_takes_the_place_of_the_earlier_word(home: Home) -> None:
    write(home, BY_HAND)
    said = set_segment(home, ONE, SegmentLabel("opening", 66.0, 156.0))
    assert said.episodes[ONE].segments == (SegmentLabel("opening", 66.0, 156.0),)
    said = set_segment(home, ONE, SegmentLabel("ending", 1201.0, 1231.0))
    assert said.episodes[ONE].removed == ()
    said = remove_segment(home, ONE, Span(60.0, 150.0))
    assert said.episodes[ONE] == EpisodeLabel(
        (SegmentLabel("ending", 1201.0, 1231.0),), (Span(60.0, 150.0),)
    )


def test_a_segment_that_touches_another_of_the_operator_is_refused(home: Home) -> None:
    write(home, BY_HAND)
    with pytest.raises(LabelsError, match="overlaps"):
        set_segment(home, ONE, SegmentLabel("recap", 0.0, 70.0))
    assert read(home) == BY_HAND


@pytest.mark.parametrize(
    ("line", "text", "reason"),
    [
        (4, "name: 'Show: Opening'", "name: 'Show: Opening"),
        (5, "confirmed: true", "confirmed: maybe"),
        (5, "confirmed: true", "name: twice"),
        (9, ONE, "12"),
        (9, ONE, "1" + ONE),
        (11, "type: opening", "type: overture"),
        (11, "- type: opening", "- opening\n          - type: opening"),
        (12, "1:05.2", "one minute"),
        (12, "1:05.2", "-3"),
        (12, "1:05.2", ".inf"),
        (13, "end: 2:35", "end: 0:30"),
        (15, "0:20:30", "true"),
        (5, "confirmed: true", "\tconfirmed: true"),
    ],
)
def test_a_mistake_is_named_by_its_line_and_loses_nothing(
    home: Home, line: int, text: str, reason: str
) -> None:
    write(home, BY_HAND)
    reader = LabelsReader(home)
    good = reader.read()
    assert good.problem is None
    assert text in BY_HAND
    write(home, BY_HAND.replace(text, reason, 1))
    with pytest.raises(LabelsError) as caught:
        read_labels(home.theme_labels_file)
    assert caught.value.line is not None
    assert abs(caught.value.line - line) <= (1 if "'" in reason else 0)
    assert str(caught.value).startswith(f"{home.theme_labels_file}:{caught.value.line}: ")
    for again in (reader, LabelsReader(home)):  # also after a restart
        assert again.read().labels == good.labels
        assert again.read().problem is not None
    broken = read(home)
    with pytest.raises(LabelsError):
        label_template(home, "T1", changes={"confirmed": True})
    assert read(home) == broken


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\nb: \xe9\n", b"- 1\n", b"a: 1\n---\nb: 2\n"])
def test_what_is_no_such_file_is_refused(home: Home, data: bytes) -> None:
    home.theme_labels_file.write_bytes(data)
    with pytest.raises(LabelsError, match=r"themes\.yaml:[12]: "):
        read_labels(home.theme_labels_file)


def test_a_deleted_file_takes_the_word_back(home: Home) -> None:
    write(home, BY_HAND)
    reader = LabelsReader(home)
    assert reader.read().labels.templates
    home.theme_labels_file.unlink()
    assert reader.read().labels == NO_LABELS


def test_edits_at_once_are_all_kept(home: Home) -> None:
    def edit(number: int) -> None:
        label_template(home, f"T{number}", changes={"confirmed": True})

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_labels(home.theme_labels_file).templates) == 8
