import json
from pathlib import Path

import pytest

from whenanime_pipeline.core.themes.labels_file import (
    LabelledSegment,
    LabelsFileError,
    check_duration,
    read_labels,
)


def _write(folder: Path, text: str) -> Path:
    path = folder / "labels.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_seeds_labels_are_openings(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        '{"-220020068_456255389": {"url": "https://example.org/v", "name": "\\u0411. 1",'
        ' "start": "0:00:00", "end": "0:01:08"}}',
    )
    (episode,) = read_labels(path)
    assert episode.id == "-220020068_456255389"
    assert (episode.url, episode.name) == ("https://example.org/v", "Б. 1")
    assert episode.segments == (LabelledSegment("opening", 0.0, 68.0),)


def test_themes_count_more_than_start_and_end(tmp_path: Path) -> None:
    entry = {
        "start": "0:00:10",
        "end": "0:00:20",
        "themes": [
            {"type": "ending", "start": 1290.5, "end": 1380.25},
            {"type": "opening", "start": 10.125, "end": 100.0},
        ],
    }
    (episode,) = read_labels(_write(tmp_path, json.dumps({"a": entry})))
    assert episode.segments == (
        LabelledSegment("opening", 10.125, 100.0),
        LabelledSegment("ending", 1290.5, 1380.25),
    )


@pytest.mark.parametrize("entry", ["{}", '{"themes": []}', '{"name": "a film"}'])
def test_an_entry_without_times_has_no_themes(tmp_path: Path, entry: str) -> None:
    (episode,) = read_labels(_write(tmp_path, f'{{"a": {entry}}}'))
    assert episode.segments == ()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"start": "0:01:00", "end": "0:00:30"}, "ends at 30 s, not after its start at 60 s"),
        ({"start": "0:01:00", "end": "0:01:00"}, "not after its start"),
        ({"start": "0:75:00", "end": "1:20:00"}, "`start` is '0:75:00', which is no time"),
        ({"start": "soon", "end": "0:00:30"}, "`start` is 'soon', which is no time"),
        ({"start": -3, "end": 4}, "`start` is -3, which is no time"),
        ({"start": True, "end": 4}, "`start` is True, which is no time"),
        ({"start": 1, "end": float("inf")}, "which is no time"),
        ({"start": "0:00:30"}, "`end` is missing"),
        ({"themes": [{"type": "intro", "start": 1, "end": 2}]}, "the type 'intro' is none of"),
        ({"themes": [{"type": "opening", "start": 9, "end": 2}]}, "theme 1: it ends at 2 s"),
        ({"themes": {"type": "opening"}}, "`themes` is no list"),
        ({"themes": ["opening"]}, "theme 1: is no object"),
        ({"name": 3}, "`name` is no text"),
        ("0:00:30", "an entry is an object"),
        (
            {
                "themes": [
                    {"type": "opening", "start": 0, "end": 90},
                    {"type": "sponsor", "start": 89, "end": 95},
                ]
            },
            "its opening ends at 90 s, after its sponsor begins at 89 s",
        ),
    ],
)
def test_what_cannot_be_is_named_with_file_line_and_entry(
    tmp_path: Path, entry: object, message: str
) -> None:
    document = {"good": {"start": "0:00:00", "end": "0:00:09"}, "bad one": entry}
    path = _write(tmp_path, json.dumps(document, indent=1))
    with pytest.raises(LabelsFileError) as raised:
        read_labels(path)
    assert f"{path}:6: 'bad one'" in str(raised.value)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": {},\n}', "labels.json:2: not JSON"),
        ("[]", "labels.json:1: labels are an object"),
        ('{"a": {}, "a": {}}', "'a' is there twice"),
    ],
)
def test_a_file_that_is_no_labels_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LabelsFileError, match=message):
        read_labels(_write(tmp_path, text))


def test_a_missing_file_and_one_of_another_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelsFileError, match="cannot be read"):
        read_labels(tmp_path / "nowhere.json")
    path = tmp_path / "labels.json"
    path.write_bytes('{"ä": {}}'.encode("latin-1"))
    with pytest.raises(LabelsFileError, match="not UTF-8"):
        read_labels(path)


def test_a_label_beyond_the_end_of_the_video_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, '{\n"a": {"start": "0:00:00", "end": "0:01:30"}}')
    (episode,) = read_labels(path)
    check_duration(path, episode, 89.3)  # clocks are whole seconds
    with pytest.raises(LabelsFileError, match=r"labels.json:2: 'a': its opening ends at 90 s"):
        check_duration(path, episode, 80.0)
