"""A file that is read otherwise now keeps its old answer until the new one is published."""

from fractions import Fraction
from pathlib import Path

import av
from sample_videos import (
    copy_indexed,
    draw_shots,
    episode_path,
    index,
    process_episodes,
    published_folder,
    reopen,
    scan_videos,
    write_film,
)

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.episode_table import read_episodes
from whenanime_pipeline.core.search.snapshot.manifest import EPISODES_FILE
from whenanime_pipeline.core.workspace import Workspace

_DELAY = 2
"""Seconds of the movie's clock at which the first picture is shown."""


def _delay(path: Path) -> None:
    """Let a film begin later on the clock of its MP4."""
    plain = path.with_name("plain.mp4.part")
    path.rename(plain)
    with av.open(plain, format="mp4") as source, av.open(path, "w") as target:
        pictures = source.streams.video[0]
        stream = target.add_stream_from_template(pictures)
        for packet in source.demux(pictures):
            if packet.dts is not None and packet.pts is not None:
                shift = round(_DELAY / (packet.time_base or Fraction(1, 24)))
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = stream
                target.mux(packet)
    plain.unlink()


def _answer(workspace: Workspace, seed: int, shot: int) -> tuple[int | None, float]:
    """Return episode and second of the first answer to one of a film's shots."""
    scene = SearchEngine.open(published_folder(workspace)).search(draw_shots(seed, 6)[shot])[0]
    return scene.episode.number, scene.at


def _sampling_ids(workspace: Workspace) -> dict[int | None, str]:
    rows = read_episodes(published_folder(workspace) / EPISODES_FILE)
    return {row.number: row.sampling_id for row in rows}


def test_the_old_answer_stays_while_the_file_is_decoded_again(tmp_path: Path) -> None:
    workspace = copy_indexed(tmp_path, count=2)
    _delay(write_film(episode_path(workspace, 3), seed=3))
    scan_videos(workspace)
    process_episodes(workspace, 3)  # as by a build that found no readings
    assert reopen(workspace).publish_snapshot()[1]
    number, old = _answer(workspace, 3, 3)
    assert (number, 1.5 <= old < 2.0) == (3, True)
    old_ids = _sampling_ids(workspace)
    write_text(workspace.home.readings_file, "{}")

    opened = reopen(workspace)
    assert opened.probe_readings() == 3
    pending = [one.episode.name.number for one in opened.load_statuses() if one.is_pending]
    assert pending == [3]
    assert opened.measure_pending_changes() == 0
    assert opened.publish_snapshot()[1] is False
    assert _answer(workspace, 3, 3) == (3, old)

    # What is published meanwhile for another reason carries the old answer over.
    write_film(episode_path(workspace, 4), seed=4)
    scan_videos(workspace)
    process_episodes(workspace, 4)
    assert reopen(workspace).publish_snapshot()[1]
    assert _answer(workspace, 4, 3)[0] == 4
    assert _answer(workspace, 3, 3) == (3, old)
    assert {n: i for n, i in _sampling_ids(workspace).items() if n != 4} == old_ids

    outcome = index(workspace)
    assert (outcome.indexed, outcome.published) == (1, True)
    number, new = _answer(workspace, 3, 3)
    assert (number, round(new - old, 3)) == (3, _DELAY)
    assert _sampling_ids(workspace)[1] == old_ids[1]
    assert _sampling_ids(workspace)[3] != old_ids[3]
