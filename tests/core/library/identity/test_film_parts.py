"""Which files are parts of one film, and what becomes of them as they come, grow and go."""

from collections.abc import Mapping

import pytest

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import FolderObservation, LibraryDiff, VideoShape
from whenanime_pipeline.core.library.diff import diff_folder, select_for_fingerprinting
from whenanime_pipeline.core.library.episode import FileState, SeriesInfo
from whenanime_pipeline.core.library.naming import name_files

Disk = Mapping[str, str]
"""Path to content; each content is as long as its name, and 700 s, or 100 s a letter of `long`."""

CD1, CD2, CD3 = (f"Film (2010)/Film CD{number}.avi" for number in (1, 2, 3))
KEY = "Film (2010)/Film"
BOTH: Disk = {CD1: "a", CD2: "bb"}


def list_states(disk: Disk) -> tuple[FileState, ...]:
    return tuple(sorted(FileState(path, len(what), 1) for path, what in disk.items()))


def scan(
    disk: Disk,
    known: Catalogue = Catalogue(),  # noqa: B008
    *,
    growing: frozenset[str] = frozenset(),
    failing: frozenset[str] = frozenset(),
    durations: Mapping[str, float] | None = None,
) -> LibraryDiff:
    """Return the diff of a second scan in which all but growing files are as in the first."""
    files = list_states(disk)
    steady = tuple(file for file in files if file.path not in growing)
    selected = [file.path for file in select_for_fingerprinting(files, steady, known)]
    names = name_files([file.path for file in files], "Root")
    observation = FolderObservation(
        files=files,
        previous=steady,
        fingerprints={path: f"fp-{disk[path]}" for path in selected if path not in failing},
        failures={path: "Permission denied" for path in selected if path in failing},
        names=names,
        infos={path: SeriesInfo(name.series) for path, name in names.items()},
    )
    lengths = durations or {}
    return diff_folder(
        observation, known, lambda paths: {p: VideoShape(lengths.get(p, 700.0)) for p in paths}
    )


def catalogue_of(disk: Disk, known: Catalogue = Catalogue()) -> Catalogue:  # noqa: B008
    return known.apply(scan(disk, known))


def read_entries(known: Catalogue) -> dict[str, list[str]]:
    """Return key to the files of each entry."""
    return {one.key: [file.path for file in one.files] for one in known.episodes}


@pytest.mark.parametrize(
    "paths",
    [
        (CD1, CD2),
        ("Film (2010)/film.cd1.avi", "Film (2010)/film.cd2.avi"),
        ("Film (2010) - part1.mkv", "Film (2010) - part2.mkv"),
        ("Film (2010)/Film-disc1.mkv", "Film (2010)/Film-disc2.mkv", "Film (2010)/Film-disc3.mkv"),
        ("Film (2010)/Film.pt1.mkv", "Film (2010)/Film.pt2.mp4"),
        ("Film (2010)/CD1/film-cd1.avi", "Film (2010)/CD2/film-cd2.avi"),
    ],
)
def test_parts_are_one_film(paths: tuple[str, ...]) -> None:
    known = catalogue_of({path: f"content {number}" for number, path in enumerate(paths)})
    assert read_entries(known) == {KEY: list(paths)}


@pytest.mark.parametrize(
    "paths",
    [
        (CD1, CD3),
        (CD2, CD3),
        ("A/Film CD1.avi", "B/Film CD2.avi"),
        ("Film/CD2/Film CD1.avi", "Film/CD1/Film CD2.avi"),
        ("Film CD1.avi", "Other CD2.avi"),
        ("Show/Extras/Show Menu-cd1.avi", "Show/Extras/Show Menu-cd2.avi"),
        ("Show/Show - S00E01-part1.avi", "Show/Show - S00E01-part2.avi"),
        ("Film-trailer-part1.avi", "Film-trailer-part2.avi"),
    ],
)
def test_what_is_no_whole_film_stays_apart(paths: tuple[str, ...]) -> None:
    known = catalogue_of({path: f"content {number}" for number, path in enumerate(paths)})
    assert sorted(one.path for one in known.episodes) == sorted(paths)
    assert not any(one.parts for one in known.episodes)


def test_an_episode_that_says_so_is_joined() -> None:
    paths = ["Show/Show - S01E02-part1.mkv", "Show/Show - S01E02-part2.mkv"]
    known = catalogue_of({paths[0]: "a", paths[1]: "bb", "Show/Show - S01E01.mkv": "ccc"})
    assert read_entries(known) == {
        "Show/S01E01": ["Show/Show - S01E01.mkv"], "Show/S01E02": paths,
    }  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [("avi", "mkv"), ("Film CD", "720p/Film CD")])
def test_two_versions_of_one_film_are_two_entries(old: str, new: str) -> None:
    both = {**BOTH, CD1.replace(old, new): "ccc", CD2.replace(old, new): "dddd"}
    known = catalogue_of(both)
    assert len(known.episodes) + len(known.claims) == 2
    assert {len(one.files) for one in known.episodes} == {2}
    assert {len(claim.files) for claim in known.claims} == {2}


def test_a_gap_is_said_for_the_parts_behind_it() -> None:
    diff = scan({CD1: "a", CD3: "ccc", CD3.replace("3", "5"): "eeeee"})
    assert [(gap.path, gap.missing) for gap in diff.gaps] == [
        (CD3, (2,)), (CD3.replace("3", "5"), (2, 4)),
    ]  # fmt: skip
    assert "parts 2 and 4 are not there" in str(diff.notices[1])
    assert Catalogue().apply(diff).gaps == diff.gaps
    assert scan(BOTH).notices == ()


def test_a_second_scan_of_the_same_files_is_empty() -> None:
    known = catalogue_of(BOTH)
    again = scan(BOTH, known)
    assert not again.has_changes
    assert [one.path for one in again.unchanged] == [CD1]
    assert again.unchanged[0] is known.episodes[0]


def test_steady_parts_wait_for_one_that_is_being_copied() -> None:
    diff = scan(BOTH, growing=frozenset({CD2}))
    assert [file.path for file in diff.copying] == [CD1, CD2]
    assert diff.new == ()


def test_a_part_that_is_being_copied_again_leaves_the_film_as_it_is() -> None:
    known = catalogue_of(BOTH)
    diff = scan({**BOTH, CD2: "other"}, known, growing=frozenset({CD2}))
    assert diff.undecided == known.episodes
    assert known.apply(diff).episodes == known.episodes
    settled = scan({**BOTH, CD2: "other"}, known)
    assert [(one.old.key, one.new.key) for one in settled.replaced] == [(KEY, KEY)]


def test_a_further_part_that_is_being_copied_leaves_the_film_as_it_is() -> None:
    known = catalogue_of(BOTH)
    diff = scan({**BOTH, CD3: "ccc"}, known, growing=frozenset({CD3}))
    assert diff.unchanged == known.episodes
    assert [file.path for file in diff.copying] == [CD3]
    assert read_entries(catalogue_of({**BOTH, CD3: "ccc"}, known)) == {KEY: [CD1, CD2, CD3]}


def test_a_part_that_cannot_be_read_now_leaves_the_film_as_it_is() -> None:
    known = catalogue_of(BOTH)
    diff = scan({**BOTH, CD2: "other"}, known, failing=frozenset({CD2}))
    assert diff.undecided == known.episodes
    assert [problem.path for problem in diff.problems] == [CD2]


def test_former_keys_lead_to_the_film_and_back() -> None:
    first = catalogue_of({CD1: "a"})
    assert list(read_entries(first)) == [f"{KEY} part1"]
    both = catalogue_of(BOTH, first)
    assert both.former_keys == {f"{KEY} part1": KEY}
    second = catalogue_of({CD2: "bb"}, both)
    assert list(read_entries(second)) == [f"{KEY} part2"]
    assert second.former_keys[KEY] == f"{KEY} part2"


def test_renamed_parts_are_a_rename() -> None:
    known = catalogue_of(BOTH)
    moved = {path.replace("CD", "disc"): what for path, what in BOTH.items()}
    diff = scan(moved, known)
    assert [(one.old.path, one.new.path) for one in diff.renamed] == [
        (CD1, CD1.replace("CD", "disc"))
    ]
    only_second = {CD1: "a", CD2.replace(".avi", ".AVI"): "bb"}
    assert [one.new.path for one in scan(only_second, known).touched] == [CD1]


def test_a_film_in_one_file_and_one_in_parts_are_versions_where_they_are_as_long() -> None:
    whole = "Film (2010)/Film.mkv"
    disk = {**BOTH, whole: "whole"}
    alike = Catalogue().apply(scan(disk, durations={whole: 1400.0}))
    assert (len(alike.episodes), len(alike.claims)) == (1, 1)
    other = Catalogue().apply(scan(disk, durations={whole: 700.0}))
    assert (len(other.episodes), len(other.claims)) == (2, 0)
    held = alike.claims[0]
    kept = {file.path for file in held.files}
    taken = catalogue_of({path: what for path, what in disk.items() if path in kept}, alike)
    assert read_entries(taken) == {KEY: [file.path for file in held.files]}
