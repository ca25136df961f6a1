"""The diff as a pure function: what it calls each file, and what must hold whatever happens."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from whenanime_pipeline.core.library.catalogue import Catalogue, compare_by_key
from whenanime_pipeline.core.library.changes import FolderObservation, LibraryDiff
from whenanime_pipeline.core.library.diff import (
    EMPTY_FILE_REASON,
    diff_folder,
    select_for_fingerprinting,
)
from whenanime_pipeline.core.library.episode import EpisodeName, FileState, SeriesInfo
from whenanime_pipeline.core.library.episode_names import parse_episode_name

# A disk in a dictionary: path to (content, time). The size follows the content.
Disk = Mapping[str, tuple[str, int]]
SIZES = {"a": 10, "b": 20, "c": 20, "d": 30, "empty": 0}

A, B, C = "Show/01-x.mp4", "Show/02-x.mp4", "Show/03-x.mp4"
A_AGAIN = "Show/01_y.mkv"  # claims what A claims


def states(disk: Disk) -> tuple[FileState, ...]:
    return tuple(sorted(FileState(path, SIZES[what], time) for path, (what, time) in disk.items()))


def see(
    disk: Disk,
    known: Catalogue,
    previous: tuple[FileState, ...],
    *,
    blind: tuple[str, ...] = (),
    failing: frozenset[str] = frozenset(),
    title: str | None = None,
) -> LibraryDiff:
    files = tuple(
        file for file in states(disk) if not any(file.path.startswith(path) for path in blind)
    )
    asked = [file.path for file in select_for_fingerprinting(files, previous, known)]
    names = {file.path: parse_episode_name(file.path, "Root") for file in files}
    return diff_folder(
        FolderObservation(
            files=files,
            previous=previous,
            fingerprints={path: f"fp-{disk[path][0]}" for path in asked if path not in failing},
            failures={path: "Permission denied" for path in asked if path in failing},
            names=names,
            infos={path: SeriesInfo(title or name.series) for path, name in names.items()},
            inaccessible=blind,
        ),
        known,
    )


def steady(disk: Disk, known: Catalogue, **how: object) -> LibraryDiff:
    """The second of two looks at the same disk."""
    return see(disk, known, states(disk), **how)  # type: ignore[arg-type]


def indexed(disk: Disk) -> Catalogue:
    known = Catalogue()
    return known.apply(steady(disk, known))


def names_of(found: LibraryDiff) -> dict[str, list[str]]:
    """Class to paths, without the classes that are empty."""
    classes: dict[str, list[str]] = {
        "new": [e.path for e in found.new],
        "replaced": [c.new.path for c in found.replaced],
        "renamed": [f"{c.old.path} > {c.new.path}" for c in found.renamed],
        "retitled": [c.new.path for c in found.retitled],
        "touched": [c.new.path for c in found.touched],
        "unchanged": [e.path for e in found.unchanged],
        "copying": [f.path for f in found.copying],
        "unreadable": [p.path for p in found.unreadable],
        "conflicts": [c.path for c in found.conflicts],
        "deleted": [e.path for e in found.deleted],
        "kept": [e.path for e in found.undecided],
    }
    return {name: paths for name, paths in classes.items() if paths}


ONE: Disk = {A: ("a", 1)}
TWO: Disk = {A: ("a", 1), B: ("b", 1)}


def test_a_file_never_seen_is_awaited() -> None:
    found = see(ONE, Catalogue(), ())
    assert names_of(found) == {"copying": [A]}
    assert found.unsettled == states(ONE)


def test_a_growing_file_is_awaited_and_its_old_entry_stays() -> None:
    known = indexed(ONE)
    found = see({A: ("b", 2)}, known, states({A: ("b", 1)}))
    assert names_of(found) == {"copying": [A], "kept": [A]}
    assert known.apply(found).episodes == known.episodes


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
            id="renamed, and its place taken",
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
            {"new": [A], "conflicts": [A_AGAIN]},
            id="two for one",
        ),
        pytest.param(
            {A_AGAIN: ("b", 1)},
            {A: ("a", 1), A_AGAIN: ("b", 1)},
            {"unchanged": [A_AGAIN], "conflicts": [A]},
            id="the first to come keeps the key",
        ),
        pytest.param(
            {A_AGAIN: ("a", 1)},
            {A: ("a", 1), A_AGAIN: ("b", 2)},
            {"replaced": [A_AGAIN], "conflicts": [A]},
            id="the old content laid beside the new",
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
def test_tells_what_happened(before: Disk, after: Disk, expected: dict[str, list[str]]) -> None:
    assert names_of(steady(after, indexed(before))) == expected


def test_a_moved_file_is_known_at_once() -> None:
    """The first look finds size, time and fingerprint of the file that is gone: no waiting."""
    found = see({C: ("a", 1)}, indexed(ONE), ())
    assert names_of(found) == {"renamed": [f"{A} > {C}"]}


def test_a_file_of_the_same_size_and_time_is_not_taken_for_a_moved_one() -> None:
    found = see({C: ("c", 1)}, indexed({A: ("b", 1)}), ())
    assert names_of(found) == {"copying": [C], "kept": [A]}


def test_a_file_being_copied_elsewhere_is_not_deleted_meanwhile() -> None:
    known = indexed(ONE)
    during = see({C: ("a", 9)}, known, ())
    assert names_of(during) == {"copying": [C], "kept": [A]}
    after = see({C: ("a", 9)}, known.apply(during), during.unsettled)
    assert names_of(after) == {"renamed": [f"{A} > {C}"]}


def test_a_moved_file_is_known_beside_one_being_copied() -> None:
    found = see({A_AGAIN: ("b", 1), C: ("c", 9)}, indexed({A: ("b", 1)}), ())
    assert names_of(found) == {"renamed": [f"{A} > {A_AGAIN}"], "copying": [C]}


def test_a_conflict_names_both_and_ends_with_its_cause() -> None:
    both = {A: ("a", 1), A_AGAIN: ("b", 1)}
    known = indexed(both)
    found = see(both, known, ())
    assert [str(problem) for problem in found.problems] == [
        f"{A_AGAIN}: says it is Show E01, as does {A}; rename or remove one"
    ]
    alone = see({A_AGAIN: ("b", 1)}, known.apply(found), ())
    assert names_of(alone) == {"replaced": [A_AGAIN]}


def test_a_file_in_conflict_is_not_read_again() -> None:
    both = {A: ("a", 1), A_AGAIN: ("b", 1)}
    assert select_for_fingerprinting(states(both), states(both), indexed(both)) == ()


def test_an_unreadable_file_keeps_its_entry_and_is_tried_again() -> None:
    known = indexed(ONE)
    changed = {A: ("b", 2)}
    found = steady(changed, known, failing=frozenset({A}))
    assert names_of(found) == {"unreadable": [A], "kept": [A]}
    assert found.problems[0].reason == "Permission denied"
    again = see(changed, known.apply(found), found.unsettled)
    assert names_of(again) == {"replaced": [A]}


def test_an_empty_file_says_so() -> None:
    assert steady({A: ("empty", 1)}, Catalogue()).problems[0].reason == EMPTY_FILE_REASON


def test_what_lies_in_a_folder_that_cannot_be_read_stays() -> None:
    disk = {**TWO, "Other/01-x.mp4": ("d", 1), "Other/01_y.mp4": ("a", 1)}
    known = indexed(disk)
    found = steady(TWO, known, blind=("Other",))
    assert names_of(found) == {
        "unchanged": [A, B],
        "kept": ["Other/01-x.mp4"],
        "conflicts": ["Other/01_y.mp4"],
    }
    assert known.apply(found) == replace(known, names_id="")


def test_new_titles_are_told() -> None:
    found = steady(ONE, indexed(ONE), title="The Show")
    assert names_of(found) == {"retitled": [A]}


def test_key_changes_name_what_to_compute() -> None:
    before = indexed(TWO)
    after = before.apply(steady({A: ("a", 1), B: ("d", 2), C: ("c", 1)}, before))
    changes = compare_by_key(before, after)
    assert [e.key for e in changes.added] == ["Show/E03"]
    assert [e.key for e in changes.changed] == ["Show/E02"]
    assert changes.removed == ()
    renamed = before.apply(steady({A_AGAIN: ("a", 1), B: ("b", 1)}, before))
    assert compare_by_key(before, renamed) == compare_by_key(before, before)


def test_keys_and_paths_of_a_catalogue_are_unique() -> None:
    (episode,) = indexed(ONE).episodes
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
    known = indexed(before)
    how = {"failing": frozenset(failing), "blind": ("Show/Season 01",) if hidden else ()}
    found = see(now, known, states(last), **how)  # type: ignore[arg-type]
    classes = names_of(found)
    seen = [path for path in now if not (hidden and path.startswith("Show/Season 01"))]
    # A claim kept for a hidden file is no file seen.
    shown = [path for path in classes.pop("conflicts", []) if path in seen]
    renamed = [text.split(" > ")[1] for text in classes.pop("renamed", [])]
    entries_gone = {"deleted", "kept"}
    rest = [p for name, paths in classes.items() if name not in entries_gone for p in paths]
    assert Counter([*shown, *renamed, *rest]) == Counter(seen)
    after = known.apply(found)
    again = see(now, after, states(last), **how)  # type: ignore[arg-type]
    assert not again.has_changes
    assert after.apply(again) == after
    assert (again.copying, again.unreadable) == (found.copying, found.unreadable)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(PATHS), st.sampled_from("abcd"), min_size=1), st.data())
def test_renames_lose_no_content(contents: dict[str, str], data: st.DataObject) -> None:
    before = {path: (what, time) for time, (path, what) in enumerate(contents.items())}
    known = indexed(before)
    places = data.draw(st.permutations(PATHS))
    after = {place: before[path] for path, place in zip(before, places, strict=False)}
    result = known.apply(steady(after, known))
    found = [item.fingerprint for item in result.known_files]
    assert sorted(found) == sorted(f"fp-{content}" for content in contents.values())
    # Nothing is called new or replaced if its content had an entry that is otherwise gone.
    final = steady(after, known)
    gone = Counter(episode.fingerprint for episode in final.deleted)
    arrived = Counter(e.fingerprint for e in [*final.new, *(c.new for c in final.replaced)])
    assert not gone & arrived


class FolderOverTime(RuleBasedStateMachine):
    """A folder that people change while a sensor ticks."""

    def __init__(self) -> None:
        super().__init__()
        self.disk: dict[str, tuple[str, int]] = {}
        self.known = Catalogue()
        self.pending: tuple[FileState, ...] = ()
        self.time = 1

    @rule(path=st.sampled_from(PATHS), content=st.sampled_from(sorted(SIZES)))
    def write(self, path: str, content: str) -> None:
        self.time += 1
        self.disk[path] = (content, self.time)

    @rule(path=st.sampled_from(PATHS))
    def delete(self, path: str) -> None:
        self.disk.pop(path, None)

    @rule(source=st.sampled_from(PATHS), place=st.sampled_from(PATHS))
    def move(self, source: str, place: str) -> None:
        if source in self.disk:
            self.disk[place] = self.disk.pop(source)

    @rule()
    def tick(self) -> None:
        found = see(self.disk, self.known, self.pending)
        self.known, self.pending = self.known.apply(found), found.unsettled

    @precondition(lambda self: self.disk)
    @rule()
    def settle(self) -> None:
        """After two quiet ticks the catalogue says what is there, and nothing else."""
        self.tick()
        self.tick()
        whole = {path: f"fp-{what}" for path, (what, _) in self.disk.items() if what != "empty"}
        assert {item.path: item.fingerprint for item in self.known.known_files} == whole

    @invariant()
    def claims_have_a_holder(self) -> None:
        holders = {episode.key: episode.path for episode in self.known.episodes}
        for claim in self.known.claims:
            assert holders[claim.key] == claim.holder


FolderOverTime.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
test_a_folder_over_time = FolderOverTime.TestCase
