"""Files of one episode name: versions of one video, or different videos distinguished by name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import FolderObservation, LibraryDiff, VideoShape
from whenanime_pipeline.core.library.diff import diff_folder
from whenanime_pipeline.core.library.episode import EpisodeName, FileState, SeriesInfo
from whenanime_pipeline.core.library.identity.distinct_words import find_distinct_words

NAME = EpisodeName("Show", 1, number=1)
Shape = tuple[float | None, int | None]

PLAIN = "Show/Season 01/Show - S01E01.mkv"
SMALL = "Show/Season 01/Show - S01E01 [720p].mkv"
SECOND = "Show/Season 01/Show - S01E01v2 [720p].mkv"
COPY = "Show/Plex Versions/Optimized for TV/Show - S01E01.mkv"
UNCUT = "Show/Season 01/Show - S01E01 uncut.mkv"
CUT = "Show/Season 01/Show - S01E01 cut.mkv"
ODD = "Show/Season 01/show_-_S01E01.avi"
PATHS = [PLAIN, SMALL, SECOND, COPY, UNCUT, CUT, ODD]


def observe(shapes: Mapping[str, Shape]) -> FolderObservation:
    files = tuple(
        FileState(path, 10 + number, 1) for number, path in enumerate(PATHS) if path in shapes
    )
    return FolderObservation(
        files=tuple(sorted(files)),
        previous=files,
        fingerprints={file.path: f"fp {file.path}" for file in files},
        failures={},
        names=dict.fromkeys(shapes, NAME),
        infos=dict.fromkeys(shapes, SeriesInfo("Show")),
    )


def take(
    shapes: Mapping[str, Shape], known: Catalogue | None = None
) -> tuple[LibraryDiff, Catalogue]:
    known = known or Catalogue()
    diff = diff_folder(
        observe(shapes), known, lambda paths: {path: VideoShape(*shapes[path]) for path in paths}
    )
    return diff, known.apply(diff)


def keys(catalogue: Catalogue) -> dict[str, str]:
    return {episode.path: episode.key for episode in catalogue.episodes}


@pytest.mark.parametrize(
    ("shapes", "indexed"),
    [
        pytest.param({PLAIN: (1440, 720), SMALL: (1440, 1080)}, SMALL, id="the higher picture"),
        pytest.param({PLAIN: (1440, 1080), SECOND: (1440, 720)}, SECOND, id="v2 before height"),
        pytest.param({PLAIN: (1440, 480), COPY: (1440, 1080)}, PLAIN, id="no media server's copy"),
        pytest.param({COPY: (1440, 480), PLAIN: (1441, None)}, PLAIN, id="of unknown height"),
        pytest.param({PLAIN: (1440, 720), SMALL: (1468, 720)}, SMALL, id="two percent longer"),
    ],
)
def test_one_version_is_indexed_and_the_others_are_listed(
    shapes: dict[str, Shape], indexed: str
) -> None:
    diff, catalogue = take(shapes)
    assert keys(catalogue) == {indexed: "Show/S01E01"}
    assert [(c.key, c.holder) for c in catalogue.claims] == [("Show/S01E01", indexed)]
    assert diff.problems == ()
    assert [notice.path for notice in diff.notices] == [p for p in shapes if p != indexed]


def test_better_version_takes_over_and_says_so() -> None:
    _, first = take({PLAIN: (1440, 720)})
    diff, catalogue = take({PLAIN: (1440, 720), SECOND: (1440, 720)}, first)
    assert [(c.old.path, c.new.path) for c in diff.replaced] == [(PLAIN, SECOND)]
    assert keys(catalogue) == {SECOND: "Show/S01E01"}
    assert [str(notice) for notice in diff.takeovers] == [
        f"{SECOND}: is a better version of Show S01E01 than {PLAIN}, and is indexed in its place"
    ]
    again, _ = take({PLAIN: (1440, 720), SECOND: (1440, 720)}, catalogue)
    assert again.takeovers == ()
    assert not again.has_changes


def test_other_version_takes_over_when_the_indexed_one_goes() -> None:
    _, both = take({PLAIN: (1440, 720), SMALL: (1440, 1080)})
    diff, catalogue = take({PLAIN: (1440, 720)}, both)
    assert [(c.old.path, c.new.path) for c in diff.replaced] == [(SMALL, PLAIN)]
    assert keys(catalogue) == {PLAIN: "Show/S01E01"}
    assert catalogue.claims == ()


def test_equal_version_that_arrives_later_waits() -> None:
    _, first = take({SMALL: (1440, 720)})
    _, catalogue = take({SMALL: (1440, 720), PLAIN: (1440, 720)}, first)
    assert keys(catalogue) == {SMALL: "Show/S01E01"}


@pytest.mark.parametrize(
    ("path", "shape", "key"),
    [
        pytest.param(UNCUT, (1440, 720), "Show/S01E01 {uncut}", id="other words"),
        pytest.param(SMALL, (1500, 720), "Show/S01E01 {720p}", id="another duration"),
        pytest.param(SMALL, (None, None), "Show/S01E01 {720p}", id="unknown duration"),
        pytest.param(ODD, (1500, 720), "Show/S01E01 {467b31}", id="no word"),
    ],
)
def test_others_are_distinguished_by_name(path: str, shape: Shape, key: str) -> None:
    shapes: dict[str, Shape] = {PLAIN: (1440, 720), path: shape}
    _, first = take({PLAIN: (1440, 720)})
    diff, catalogue = take(shapes, first)
    assert keys(catalogue) == {PLAIN: "Show/S01E01", path: key}
    assert [str(notice) for notice in diff.notices] == [
        f"{path}: says it is Show S01E01, as does {PLAIN}; both are indexed, this one as {key}"
    ]
    assert diff.problems == ()


def test_key_once_given_stays_while_siblings_come_and_go() -> None:
    both: dict[str, Shape] = {PLAIN: (1440, 720), UNCUT: (1440, 720)}
    _, catalogue = take(both)
    given = keys(catalogue)
    diff, alone = take({UNCUT: (1440, 720)}, catalogue)
    assert keys(alone) == {UNCUT: given[UNCUT]}
    assert diff.notices == ()
    _, back = take(both, alone)
    assert keys(back) == given


def test_copies_of_one_content_are_versions_whatever_their_words() -> None:
    observation = observe({PLAIN: (None, None), UNCUT: (None, None)})
    same = replace(observation, fingerprints=dict.fromkeys(observation.fingerprints, "same"))
    diff = diff_folder(same, Catalogue())
    assert [episode.path for episode in diff.new] == [UNCUT]
    assert [claim.path for claim in diff.claims] == [PLAIN]


def test_only_files_that_may_be_versions_are_probed_and_once() -> None:
    observation = observe(dict.fromkeys([PLAIN, SMALL, UNCUT], (None, None)))
    probed: list[str] = []

    def note(paths: Sequence[str]) -> dict[str, VideoShape]:
        probed.extend(paths)
        return dict.fromkeys(paths, VideoShape())  # as of files that cannot be read

    catalogue = Catalogue()
    for _ in range(3):
        catalogue = catalogue.apply(diff_folder(observation, catalogue, note))
        assert probed == sorted([PLAIN, SMALL])
    assert set(catalogue.shapes) == {f"fp {PLAIN}", f"fp {SMALL}"}


def test_distinct_words_come_from_the_name_before_the_tags() -> None:
    assert find_distinct_words("Show/S01E01 [B] Alternate cut.mkv", PLAIN) == "Alternate cut"
    assert find_distinct_words("Show/S01E01 [B].mkv", "Show/S01E01 [A].mkv") == "B"
    assert find_distinct_words("Show/第1話 完全版.mkv", "Show/第1話.mkv") == "完全版"


FOLDERS = st.dictionaries(
    st.sampled_from(PATHS),
    st.tuples(st.sampled_from([None, 1440.0, 1450.0, 1600.0]), st.sampled_from([None, 720, 1080])),
    min_size=1,
)


@settings(max_examples=300)
@given(FOLDERS, FOLDERS)
def test_no_file_is_lost_and_a_second_look_changes_nothing(
    before: dict[str, Shape], after: dict[str, Shape]
) -> None:
    _, known = take(before)
    _, catalogue = take(after, known)
    assert sorted(item.path for item in catalogue.known_files) == sorted(after)
    holders = keys(catalogue)
    assert all(holders[claim.holder] == claim.key for claim in catalogue.claims)
    diff, again = take(after, catalogue)
    assert not diff.has_changes
    assert again == catalogue
    # A key stays with its file.
    earlier = keys(known)
    assert {
        path: key for path, key in holders.items() if path in earlier
    }.items() <= earlier.items()
