"""A film in several files is one film: from the folder to the second that an answer names."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from sample_videos import (
    draw_shots,
    index,
    new_workspace,
    published_folder,
    reopen,
    set_chapters,
    write_film,
)

from whenanime_app.library.shared_names import SharedNamesReader
from whenanime_pipeline.core.learning.dataset.extraction import ensure_training_frames
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.dataset.stored_training_frames import (
    StoredTrainingFrames,
    training_frames_file,
)
from whenanime_pipeline.core.library.catalogue import Catalogue, load_catalogue
from whenanime_pipeline.core.library.change_detection import detect_settled_changes
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.library.identity.keys import build_episode_key
from whenanime_pipeline.core.media.file_reading import parse_stored_reading
from whenanime_pipeline.core.media.previews import cut_gif_preview, cut_mp4_preview
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.episode_indexing import EpisodeError, ensure_frames
from whenanime_pipeline.core.search.frames.stored_frames import decode_picture
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.workspace import Workspace

FOLDER = "Some Film (2010)"
FIRST, SECOND = f"{FOLDER}/Some Film CD1.mp4", f"{FOLDER}/Some Film CD2.mp4"
KEY = "Some Film (2010)/Film"
FIRST_LENGTH, SECOND_LENGTH = 3.0, 4.0


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


def write(workspace: Workspace, path: str, *, seed: int, seconds: float) -> Path:
    return write_film(workspace.videos_folder / path, seed=seed, seconds=seconds)


def write_both(workspace: Workspace) -> None:
    write(workspace, FIRST, seed=1, seconds=FIRST_LENGTH)
    write(workspace, SECOND, seed=2, seconds=SECOND_LENGTH)


def search(workspace: Workspace, seed: int, shot: int) -> Scene:
    """Return the best answer for a shot of a film: shot n is shown from n / 2 seconds on."""
    engine = SearchEngine.open(published_folder(workspace))
    return engine.search(draw_shots(seed, 8)[shot])[0]


def read_keys(workspace: Workspace) -> dict[str, str]:
    catalogue = load_catalogue(workspace.home.catalogue_file)
    return {episode.path: episode.key for episode in catalogue.episodes}


def read_former_keys(workspace: Workspace) -> dict[str, str]:
    return dict(load_catalogue(workspace.home.catalogue_file).former_keys)


def is_shot(picture: NDArray[Any], seed: int, shot: int) -> bool:
    """Whether a picture shows a shot, however it was scaled and encoded."""
    wanted = draw_shots(seed, 8)[shot]
    height, width = picture.shape[:2]
    rows = np.arange(height) * wanted.shape[0] // height
    columns = np.arange(width) * wanted.shape[1] // width
    difference = picture.astype(float) - wanted[rows][:, columns]
    return bool(np.median(np.abs(difference)) < 6)


def test_both_parts_are_one_film_on_one_time_line(workspace: Workspace) -> None:
    write_both(workspace)
    outcome = index(workspace)
    assert (outcome.episodes, outcome.indexed, outcome.problems) == (1, 1, {})
    assert outcome.notices == {}
    assert read_keys(workspace) == {FIRST: KEY}
    for seed, shot, begins in ((1, 4, 2.0), (2, 5, FIRST_LENGTH + 2.5)):
        found = search(workspace, seed, shot)
        assert found.episode.path == FIRST
        assert found.episode.duration == pytest.approx(FIRST_LENGTH + SECOND_LENGTH, abs=0.05)
        assert begins - 0.13 <= found.at <= begins + 0.5
    assert index(workspace).indexed == 0


def test_stills_and_previews_go_on_in_the_second_part(workspace: Workspace) -> None:
    write_both(workspace)
    index(workspace)
    found = search(workspace, 2, 5)
    video, reading = workspace.videos_folder / FIRST, parse_stored_reading(found.episode.reading)
    assert is_shot(decode_frame_at(video, 5.6, long_side=160, reading=reading), 2, 5)
    assert is_shot(decode_frame_at(video, 2.6, long_side=160, reading=reading), 1, 5)
    clip = cut_mp4_preview(video, 2.25, 3.75, width=160, reading=reading)
    assert (clip.start, clip.end) == (2.25, 3.75)
    with av.open(BytesIO(clip.data), "r") as opened:
        shown = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in opened.decode(video=0)]
    assert len(shown) == 36
    for time, picture in shown:
        second = 2.25 + (time or 0.0) + 0.01
        seed, inside = (1, second) if second < FIRST_LENGTH else (2, second - FIRST_LENGTH)
        assert is_shot(picture, seed, int(inside * 2))
    gif = cut_gif_preview(video, 6.0, 9.0, width=160, reading=reading)  # moved to the film's end
    assert gif.start == 6.0
    assert gif.end == pytest.approx(FIRST_LENGTH + SECOND_LENGTH)


def test_chapters_of_the_second_part_come_later(workspace: Workspace) -> None:
    write_both(workspace)
    set_chapters(workspace.videos_folder / FIRST, [(0.0, 1.5, "Opening"), (1.5, 3.0, "A")])
    set_chapters(workspace.videos_folder / SECOND, [(0.0, 1.0, "B"), (1.0, 4.0, "Ending")])
    for path in workspace.videos_folder.rglob("* before.mp4"):
        path.unlink()
    index(workspace)
    chapters = search(workspace, 1, 2).episode.chapters
    assert [(round(one.start, 1), round(one.end, 1), one.title) for one in chapters] == [
        (0.0, 1.5, "Opening"), (1.5, 3.0, "A"), (3.0, 4.0, "B"), (4.0, 7.0, "Ending"),
    ]  # fmt: skip


def test_a_transport_stream_goes_on_where_another_ends(workspace: Workspace) -> None:
    """The clock of such a file begins at 1.4 s: each file's own zero counts."""
    folder = workspace.videos_folder / FOLDER
    write(workspace, f"{FOLDER}/Some Film.part1.ts", seed=1, seconds=FIRST_LENGTH)
    write(workspace, f"{FOLDER}/Some Film.part2.ts", seed=2, seconds=SECOND_LENGTH)
    outcome = index(workspace)
    assert (outcome.episodes, outcome.problems) == (1, {})
    found = search(workspace, 2, 5)
    assert found.episode.path == f"{FOLDER}/Some Film.part1.ts"
    assert FIRST_LENGTH + 2.4 <= found.at <= FIRST_LENGTH + 3.0
    reading = parse_stored_reading(found.episode.reading)
    picture = decode_frame_at(
        folder / "Some Film.part1.ts", FIRST_LENGTH + 2.75, long_side=160, reading=reading
    )
    assert is_shot(picture, 2, 5)


def test_parts_in_folders_of_their_own_are_played(workspace: Workspace) -> None:
    first, second = (f"{FOLDER}/CD{number}/some-film-cd{number}.mp4" for number in (1, 2))
    write(workspace, first, seed=1, seconds=FIRST_LENGTH)
    write(workspace, second, seed=2, seconds=SECOND_LENGTH)
    assert index(workspace).episodes == 1
    found = search(workspace, 2, 5)
    assert (found.episode.path, found.at > FIRST_LENGTH) == (first, True)
    video, reading = workspace.videos_folder / first, parse_stored_reading(found.episode.reading)
    assert is_shot(decode_frame_at(video, 5.6, long_side=160, reading=reading), 2, 5)
    with_sound = cut_mp4_preview(video, 4.0, 5.0, mute=False, reading=reading)
    assert with_sound.start == 4.0


def test_a_part_comes_changes_and_goes(workspace: Workspace) -> None:
    write(workspace, FIRST, seed=1, seconds=FIRST_LENGTH)
    assert index(workspace).indexed == 1
    alone = read_keys(workspace)
    assert alone == {FIRST: f"{KEY} part1"}
    write(workspace, SECOND, seed=2, seconds=SECOND_LENGTH)
    assert index(workspace).indexed == 1
    assert read_keys(workspace) == {FIRST: KEY}
    assert read_former_keys(workspace) == {f"{KEY} part1": KEY}
    assert search(workspace, 2, 5).episode.path == FIRST

    write(workspace, SECOND, seed=3, seconds=SECOND_LENGTH)
    assert index(workspace).indexed == 1
    assert search(workspace, 3, 5).at >= FIRST_LENGTH

    (workspace.videos_folder / SECOND).unlink()
    outcome = index(workspace)
    assert (outcome.episodes, outcome.indexed) == (1, 0)  # its frames are there still
    assert read_keys(workspace) == alone
    assert read_former_keys(workspace) == {KEY: f"{KEY} part1"}
    assert search(workspace, 1, 4).episode.duration == pytest.approx(FIRST_LENGTH, abs=0.05)


def test_renamed_parts_are_only_renamed(workspace: Workspace) -> None:
    write_both(workspace)
    index(workspace)
    folder = workspace.videos_folder / FOLDER
    for number in (1, 2):
        (folder / f"Some Film CD{number}.mp4").rename(folder / f"Some Film - part{number}.mp4")
    outcome = index(workspace)
    assert (outcome.episodes, outcome.indexed) == (1, 0)
    found = search(workspace, 2, 5)
    assert found.episode.path == f"{FOLDER}/Some Film - part1.mp4"
    reading = parse_stored_reading(found.episode.reading)
    video = workspace.videos_folder / found.episode.path
    assert is_shot(decode_frame_at(video, 5.6, long_side=160, reading=reading), 2, 5)


def test_entries_of_an_earlier_build_move_to_the_film(workspace: Workspace) -> None:
    """Before, each part was an entry: addresses with their keys lead to the film."""
    write_both(workspace)
    opened = reopen(workspace)
    diff = detect_settled_changes(opened.videos_folder, Catalogue(), interval=0.01)
    (film,) = diff.new
    entries = []
    for number, file in enumerate(film.parts, 1):
        name = replace(film.name, mark=f"part{number}")
        key, info = build_episode_key(name), film.info
        entries.append(
            Episode(key, file.path, file.fingerprint, file.size, file.mtime_ns, name, info)
        )
    opened.save_catalogue(Catalogue(tuple(entries), folder=diff.folder, names_id=diff.names_id))
    assert set(read_keys(workspace).values()) == {f"{KEY} part1", f"{KEY} part2"}
    assert index(workspace).episodes == 1
    assert read_keys(workspace) == {FIRST: KEY}
    assert read_former_keys(workspace) == {f"{KEY} part1": KEY, f"{KEY} part2": KEY}
    assert search(workspace, 2, 5).episode.former_keys == (f"{KEY} part1", f"{KEY} part2")


@pytest.mark.parametrize("which", [FIRST, SECOND])
def test_a_part_that_is_no_video_is_named(workspace: Workspace, which: str) -> None:
    write_both(workspace)
    (workspace.videos_folder / which).write_bytes(b"no video" * 100)
    outcome = index(workspace)
    assert outcome.indexed == 0
    assert list(outcome.problems) == [FIRST]
    name = which.rpartition("/")[2]
    assert str(outcome.problems[FIRST]).startswith(
        f"its part {name} cannot be read: not a readable"
    )
    write_both(workspace)
    assert index(workspace).indexed == 1


def test_parts_with_a_gap_stay_apart_and_it_is_said(workspace: Workspace) -> None:
    third = f"{FOLDER}/Some Film CD3.mp4"
    write(workspace, FIRST, seed=1, seconds=FIRST_LENGTH)
    write(workspace, third, seed=2, seconds=SECOND_LENGTH)
    outcome = index(workspace)
    assert read_keys(workspace) == {FIRST: f"{KEY} part1", third: f"{KEY} part3"}
    assert {path: str(reason) for path, reason in outcome.notices.items()} == {
        third: "says it is Some Film (2010) part3, but part 2 is not there; it is indexed by itself"
    }
    (shared,) = SharedNamesReader(workspace.home).read().files
    assert (shared.kind, shared.filename, shared.other) == ("gap", "Some Film CD3.mp4", "2")


def test_a_part_taken_away_before_it_is_decoded_is_an_error(workspace: Workspace) -> None:
    write_both(workspace)
    opened = reopen(workspace)
    diff = detect_settled_changes(opened.videos_folder, opened.load_catalogue(), interval=0.01)
    opened.save_catalogue(opened.load_catalogue().apply(diff))
    (workspace.videos_folder / SECOND).unlink()
    opened.probe_readings()
    (status,) = opened.load_statuses()
    assert status.reading.parts == ()
    with pytest.raises(EpisodeError, match=r"CD2\.mp4: .*No such file"):
        ensure_frames(opened.home, opened.videos_folder, status)


def test_training_frames_are_those_of_both_parts(workspace: Workspace) -> None:
    write_both(workspace)
    index(workspace)
    opened = reopen(workspace)
    (status,) = opened.load_statuses()
    ensure_training_frames(opened.home, opened.videos_folder, status, FrameOptions(count=6))
    path = training_frames_file(opened.home, status.episode.fingerprint)
    with StoredTrainingFrames(path) as stored:
        seconds = [float(second) for second in stored.seconds]
        pictures = [decode_picture(stored.picture(row), path) for row in range(6)]
    assert seconds == pytest.approx([1, 2, 3, 4, 5, 6], abs=0.01)
    for second, picture in zip((1.02, 2.02, 3.02, 4.02, 5.02, 6.02), pictures, strict=True):
        seed, inside = (1, second) if second < FIRST_LENGTH else (2, second - FIRST_LENGTH)
        assert is_shot(picture, seed, int(inside * 2))
