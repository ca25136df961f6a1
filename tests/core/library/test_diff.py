"""The diff as a pure function: the class of each file, and invariants under any changes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from whenanime_pipeline.core.library.catalogue import Catalogue, compare_by_key
from whenanime_pipeline.core.library.changes import FolderObservation, LibraryDiff, VideoShape
from whenanime_pipeline.core.library.diff import (
    EMPTY_FILE_REASON,
    diff_folder,
    select_for_fingerprinting,
)
from whenanime_pipeline.core.library.episode import EpisodeName, FileState, SeriesInfo
from whenanime_pipeline.core.library.naming import name_files

# A disk as a dictionary: path to (content, time). The size depends on the content.
Disk = Mapping[str, tuple[str, int]]
SIZES = {"a": 10, "b": 20, "c": 20, "d": 30, "empty": 0}

A, B, C = "Show/01-x.mp4", "Show/02-x.mp4", "Show/03-x.mp4"
A_AGAIN = "Show/01-x_[720p].mkv"  # another version of A


def list_states(disk: Disk) -> tuple[FileState, ...]:
    return tuple(sorted(FileState(path, SIZES[what], time) for path, (what, time) in disk.items()))


def scan_and_diff(
    disk: Disk,
    known: Catalogue,
    previous: tuple[FileState, ...],
    *,
    inaccessible: tuple[str, ...] = (),
    failing: frozenset[str] = frozenset(),
    title: str | None = None,
) -> LibraryDiff:
    files = tuple(
        file
        for file in list_states(disk)
        if not any(file.path.startswith(path) for path in inaccessible)
    )
    selected = [file.path for file in select_for_fingerprinting(files, previous, known)]
    names = name_files([file.path for file in files], "Root")
    return diff_folder(
        FolderObservation(
            files=files,
            previous=previous,
            fingerprints={path: f"fp-{disk[path][0]}" for path in selected if path not in failing},
            failures={path: "Permission denied" for path in selected if path in failing},
            names=names,
            infos={path: SeriesInfo(title or name.series) for path, name in names.items()},
            inaccessible=inaccessible,
        ),
        known,
        lambda paths: dict.fromkeys(paths, VideoShape(1440.0, 1080)),
    )


def diff_steady(disk: Disk, known: Catalogue, **options: object) -> LibraryDiff:
    """Return the diff of the second of two scans of the same disk."""
    return scan_and_diff(disk, known, list_states(disk), **options)  # type: ignore[arg-type]


def make_catalogue(disk: Disk) -> Catalogue:
    known = Catalogue()
    return known.apply(diff_steady(disk, known))


def paths_by_class(diff: LibraryDiff) -> dict[str, list[str]]:
    """Return a mapping from class to paths, without empty classes."""
    classes: dict[str, list[str]] = {
        "new": [e.path for e in diff.new],
        "replaced": [c.new.path for c in diff.replaced],
        "renamed": [f"{c.old.path} > {c.new.path}" for c in diff.renamed],
        "retitled": [c.new.path for c in diff.retitled],
        "touched": [c.new.path for c in diff.touched],
        "unchanged": [e.path for e in diff.unchanged],
        "copying": [f.path for f in diff.copying],
        "unreadable": [p.path for p in diff.unreadable],
        "claims": [c.path for c in diff.claims],
        "deleted": [e.path for e in diff.deleted],
        "undecided": [e.path for e in diff.undecided],
    }
    return {name: paths for name, paths in classes.items() if paths}


ONE: Disk = {A: ("a", 1)}
TWO: Disk = {A: ("a", 1), B: ("b", 1)}


def test_new_file_counts_as_copying() -> None:
    diff = scan_and_diff(ONE, Catalogue(), ())
    assert paths_by_class(diff) == {"copying": [A]}
    assert diff.unsettled == list_states(ONE)


def test_growing_file_counts_as_copying_and_its_entry_stays() -> None:
    known = make_catalogue(ONE)
    diff = scan_and_diff({A: ("b", 2)}, known, list_states({A: ("b", 1)}))
    assert paths_by_class(diff) == {"copying": [A], "undecided": [A]}
    assert known.apply(diff).episodes == known.episodes


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, ONE, {"new": [A]}, id="new"),
        pytest.param(ONE, ONE, {"unchanged": [A]}, id="unchanged"),
        pytest.param(ONE, {A: ("a", 2)}, {"touched": [A]}, id="touched"),
        pytest.param(ONE, {A: ("b", 2)}, {"replaced": [A]}, id="replaced in place"),
        pytest.param(ONE, {A_AGAIN: ("b", 2)}, {"replaced": [A_AGAIN]}, id="replaced by name"),
        pytest.param(ONE, {C: ("a", 1)}, {"renamed": [f"{A} > {C}"]}, id="renamed"),
        pytest.param(ONE, {A_AGAIN: ("a", 1)}, {"renamed": [f"{A} > {A_AGAIN}"]}, id="same key"),
        pytest.param(ONE, {}, {"deleted": [A]}, id="deleted"),
        pytest.param(
            TWO,
            {A: ("b", 1), B: ("a", 1)},
            {"renamed": [f"{B} > {A}", f"{A} > {B}"]},
            id="swapped",
        ),
        pytest.param(
            ONE,
            {A: ("b", 2), C: ("a", 1)},
            {"renamed": [f"{A} > {C}"], "new": [A]},
            id="renamed, and another file at its path",
        ),
        pytest.param(
            TWO,
            {B: ("a", 1)},
            {"renamed": [f"{A} > {B}"], "deleted": [B]},
            id="moved over another",
        ),
        pytest.param(ONE, {A: ("a", 1), B: ("a", 1)}, {"unchanged": [A], "new": [B]}, id="copied"),
        pytest.param(
            {A: ("a", 1), B: ("a", 1)},
            {B: ("a", 1), C: ("a", 1)},
            {"unchanged": [B], "renamed": [f"{A} > {C}"]},
            id="one of two copies renamed",
        ),
        pytest.param(
            {},
            {A: ("a", 1), A_AGAIN: ("b", 1)},
            {"new": [A], "claims": [A_AGAIN]},
            id="two files of one episode",
        ),
        pytest.param(
            {A_AGAIN: ("b", 1)},
            {A: ("a", 1), A_AGAIN: ("b", 1)},
            {"unchanged": [A_AGAIN], "claims": [A]},
            id="the first file keeps the key",
        ),
        pytest.param(
            {A_AGAIN: ("a", 1)},
            {A: ("a", 1), A_AGAIN: ("b", 2)},
            {"replaced": [A_AGAIN], "claims": [A]},
            id="the old content next to the new",
        ),
        pytest.param(
            {B: ("a", 1), C: ("a", 1)},
            {A: ("a", 1), "Show/02_y.mkv": ("a", 1)},
            {"renamed": [f"{C} > {A}", f"{B} > Show/02_y.mkv"]},
            id="two copies renamed, one under its key",
        ),
        pytest.param({}, {A: ("empty", 1)}, {"unreadable": [A]}, id="empty"),
        pytest.param(ONE, {A: ("empty", 2)}, {"unreadable": [A], "deleted": [A]}, id="emptied"),
    ],
)
def test_changes_are_classified(before: Disk, after: Disk, expected: dict[str, list[str]]) -> None:
    assert paths_by_class(diff_steady(after, make_catalogue(before))) == expected


def test_moved_file_is_recognised_in_the_first_scan() -> None:
    """Size, time and fingerprint match those of the file that is gone."""
    diff = scan_and_diff({C: ("a", 1)}, make_catalogue(ONE), ())
    assert paths_by_class(diff) == {"renamed": [f"{A} > {C}"]}


def test_other_file_of_the_same_size_and_time_is_not_a_move() -> None:
    diff = scan_and_diff({C: ("c", 1)}, make_catalogue({A: ("b", 1)}), ())
    assert paths_by_class(diff) == {"copying": [C], "undecided": [A]}


def test_file_copied_to_another_path_is_not_deleted_meanwhile() -> None:
    known = make_catalogue(ONE)
    during = scan_and_diff({C: ("a", 9)}, known, ())
    assert paths_by_class(during) == {"copying": [C], "undecided": [A]}
    after = scan_and_diff({C: ("a", 9)}, known.apply(during), during.unsettled)
    assert paths_by_class(after) == {"renamed": [f"{A} > {C}"]}


def test_moved_file_is_recognised_while_another_is_copied() -> None:
    diff = scan_and_diff({A_AGAIN: ("b", 1), C: ("c", 9)}, make_catalogue({A: ("b", 1)}), ())
    assert paths_by_class(diff) == {"renamed": [f"{A} > {A_AGAIN}"], "copying": [C]}


def test_version_names_both_files_and_takes_over() -> None:
    disk = {A: ("a", 1), A_AGAIN: ("b", 1)}
    known = make_catalogue(disk)
    diff = scan_and_diff(disk, known, ())
    assert diff.problems == ()
    assert [str(claim.notice) for claim in diff.claims] == [
        f"{A_AGAIN}: is another version of Show E01; {A} is indexed, and this one when that is gone"
    ]
    alone = scan_and_diff({A_AGAIN: ("b", 1)}, known.apply(diff), ())
    assert paths_by_class(alone) == {"replaced": [A_AGAIN]}


def test_other_version_is_not_fingerprinted_again() -> None:
    disk = {A: ("a", 1), A_AGAIN: ("b", 1)}
    assert (
        select_for_fingerprinting(list_states(disk), list_states(disk), make_catalogue(disk)) == ()
    )


def test_unreadable_file_keeps_its_entry_and_is_retried() -> None:
    known = make_catalogue(ONE)
    changed = {A: ("b", 2)}
    diff = diff_steady(changed, known, failing=frozenset({A}))
    assert paths_by_class(diff) == {"unreadable": [A], "undecided": [A]}
    assert diff.problems[0].reason == "Permission denied"
    again = scan_and_diff(changed, known.apply(diff), diff.unsettled)
    assert paths_by_class(again) == {"replaced": [A]}


def test_empty_file_is_reported() -> None:
    assert diff_steady({A: ("empty", 1)}, Catalogue()).problems[0].reason == EMPTY_FILE_REASON


def test_entries_in_an_unreadable_folder_stay() -> None:
    disk = {**TWO, "Other/01-x.mp4": ("d", 1), "Other/01-x_[720p].mp4": ("a", 1)}
    known = make_catalogue(disk)
    diff = diff_steady(TWO, known, inaccessible=("Other",))
    assert paths_by_class(diff) == {
        "unchanged": [A, B],
        "undecided": ["Other/01-x.mp4"],
        "claims": ["Other/01-x_[720p].mp4"],
    }
    assert known.apply(diff) == known


def test_new_title_is_a_change() -> None:
    diff = diff_steady(ONE, make_catalogue(ONE), title="The Show")
    assert paths_by_class(diff) == {"retitled": [A]}


def test_key_changes_list_episodes_to_compute() -> None:
    before = make_catalogue(TWO)
    after = before.apply(diff_steady({A: ("a", 1), B: ("d", 2), C: ("c", 1)}, before))
    changes = compare_by_key(before, after)
    assert [e.key for e in changes.added] == ["Show/E03"]
    assert [e.key for e in changes.changed] == ["Show/E02"]
    assert changes.removed == ()
    renamed = before.apply(diff_steady({A_AGAIN: ("a", 1), B: ("b", 1)}, before))
    assert compare_by_key(before, renamed) == compare_by_key(before, before)


def test_keys_and_paths_of_a_catalogue_are_unique() -> None:
    (episode,) = make_catalogue(ONE).episodes
    with pytest.raises(ValueError, match="share one key"):
        Catalogue((episode, replace(episode, path="other", name=EpisodeName("Other"))))


PATHS = [A, A_AGAIN, B, C, "Show/Season 01/01.mkv", "Show/Season 01/1.mkv", "Film/Film.mp4"]
DISKS = st.dictionaries(
    st.sampled_from(PATHS),
    st.tuples(st.sampled_from(sorted(SIZES)), st.integers(1, 2)),
)


@settings(max_examples=300)
@given(DISKS, DISKS, DISKS, st.sets(st.sampled_from(PATHS)), st.booleans())
def test_every_file_is_in_one_class_and_a_second_diff_is_empty(
    before: Disk, last: Disk, now: Disk, failing: set[str], hidden: bool
) -> None:
    known = make_catalogue(before)
    options = {"failing": frozenset(failing), "inaccessible": ("Show/Season 01",) if hidden else ()}
    diff = scan_and_diff(now, known, list_states(last), **options)  # type: ignore[arg-type]
    classes = paths_by_class(diff)
    seen = [path for path in now if not (hidden and path.startswith("Show/Season 01"))]
    # The claim of a hidden file is no scanned file.
    claims = [path for path in classes.pop("claims", []) if path in seen]
    renamed = [text.split(" > ")[1] for text in classes.pop("renamed", [])]
    without_file = {"deleted", "undecided"}
    rest = [p for name, paths in classes.items() if name not in without_file for p in paths]
    assert Counter([*claims, *renamed, *rest]) == Counter(seen)
    after = known.apply(diff)
    again = scan_and_diff(now, after, list_states(last), **options)  # type: ignore[arg-type]
    assert not again.has_changes
    assert after.apply(again) == after
    assert (again.copying, again.unreadable) == (diff.copying, diff.unreadable)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(PATHS), st.sampled_from("abcd"), min_size=1), st.data())
def test_renames_lose_no_content(contents: dict[str, str], data: st.DataObject) -> None:
    before = {path: (what, time) for time, (path, what) in enumerate(contents.items())}
    known = make_catalogue(before)
    places = data.draw(st.permutations(PATHS))
    after = {place: before[path] for path, place in zip(before, places, strict=False)}
    result = known.apply(diff_steady(after, known))
    fingerprints = [item.fingerprint for item in result.known_files]
    assert sorted(fingerprints) == sorted(f"fp-{content}" for content in contents.values())
    # No content is new or replaced if it had an entry that is deleted.
    final = diff_steady(after, known)
    gone = Counter(episode.fingerprint for episode in final.deleted)
    arrived = Counter(e.fingerprint for e in [*final.new, *(c.new for c in final.replaced)])
    assert not gone & arrived


class FolderOverTime(RuleBasedStateMachine):
    """A folder that changes between the ticks of a sensor."""

    def __init__(self) -> None:
        super().__init__()
        self.disk: dict[str, tuple[str, int]] = {}
        self.known = Catalogue()
        self.unsettled: tuple[FileState, ...] = ()
        self.time = 1

    @rule(path=st.sampled_from(PATHS), content=st.sampled_from(sorted(SIZES)))
    def write(self, path: str, content: str) -> None:
        self.time += 1
        self.disk[path] = (content, self.time)

    @rule(path=st.sampled_from(PATHS))
    def delete(self, path: str) -> None:
        self.disk.pop(path, None)

    @rule(source=st.sampled_from(PATHS), destination=st.sampled_from(PATHS))
    def move(self, source: str, destination: str) -> None:
        if source in self.disk:
            self.disk[destination] = self.disk.pop(source)

    @rule()
    def tick(self) -> None:
        diff = scan_and_diff(self.disk, self.known, self.unsettled)
        self.known, self.unsettled = self.known.apply(diff), diff.unsettled

    @precondition(lambda self: self.disk)
    @rule()
    def reach_steady_state(self) -> None:
        """After two ticks without changes the catalogue holds exactly the files on the disk."""
        self.tick()
        self.tick()
        expected = {path: f"fp-{what}" for path, (what, _) in self.disk.items() if what != "empty"}
        assert {item.path: item.fingerprint for item in self.known.known_files} == expected

    @invariant()
    def claims_have_a_holder(self) -> None:
        holders = {episode.key: episode.path for episode in self.known.episodes}
        for claim in self.known.claims:
            assert holders[claim.key] == claim.holder


FolderOverTime.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
test_folder_over_time = FolderOverTime.TestCase
