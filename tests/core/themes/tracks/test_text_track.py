"""Text tracks: which frames are measured, what is stored, and what the real detector says."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sample_videos import draw_shots

from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.search.frames.deduplication import DistinctFrame
from whenanime_pipeline.core.search.frames.stored_frames import (
    FramesFile,
    FramesReport,
    FramesWriter,
)
from whenanime_pipeline.core.themes.tracks.episode_tracks import TEXT_HOP, TextTrack
from whenanime_pipeline.core.themes.tracks.errors import TrackError
from whenanime_pipeline.core.themes.tracks.stored_text import (
    read_text_track,
    text_track_id,
    write_text_track,
)
from whenanime_pipeline.core.themes.tracks.text_detector import (
    TextDetector,
    TextModel,
    find_text_model,
)
from whenanime_pipeline.core.themes.tracks.text_track import choose_seconds, make_text_track

_Run = tuple[float, float]


def _write(path: Path, pictures: list[tuple[NDArray[np.uint8], list[_Run]]]) -> Path:
    with FramesWriter(path) as writer:
        for picture, runs in pictures:
            starts, ends = ([run[side] for run in runs] for side in (0, 1))
            writer.add(DistinctFrame(encode_stored_frame(picture), 0, starts, ends))
        writer.finish(FramesReport(0, 0, len(pictures), 0, ()))
    return path


def test_both_ends_are_sampled_once_in_four_seconds() -> None:
    seconds = choose_seconds(24 * 60)
    assert len(seconds) == 180
    assert (np.diff(seconds) >= TEXT_HOP).all()
    assert not ((seconds >= 360) & (seconds < 1080)).any()
    assert len(choose_seconds(100)) == 25
    assert len(choose_seconds(0)) == 0


def test_a_frame_is_measured_once_for_all_its_samples(tmp_path: Path) -> None:
    one, other, skipped = draw_shots(1, 3)
    main = _write(tmp_path / "m.arrow", [(one, [(4, 8.875), (16, 19.875)]), (other, [(9, 12)])])
    rest = _write(tmp_path / "s.arrow", [(skipped, [(0, 3.875)])])
    calls = []

    def measure(picture: NDArray[np.uint8]) -> float:
        calls.append(picture)
        return round(float(picture.mean()) / 255, 3)

    with FramesFile(main) as first, FramesFile(rest) as second:
        track = make_text_track([first, second], measure, fps=8, duration=24)
    assert track.seconds.tolist() == [2, 6, 10, 18]  # nothing is on screen at 14 and 22
    assert len(calls) == 3
    assert track.share[1] == track.share[3]
    expected = [float(picture.mean()) / 255 for picture in (skipped, one, other, one)]
    assert track.share == pytest.approx(expected, abs=0.02)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "one.npz"
    with pytest.raises(TrackError, match=r"one\.npz: .*index again"):
        read_text_track(path)
    track = TextTrack(np.array([2.0, 6.0]), np.array([0.0, 0.25], np.float32))
    write_text_track(path, track)
    found = read_text_track(path)
    assert found.seconds.tolist() == [2.0, 6.0]
    assert found.share.tolist() == [0.0, 0.25]
    write_text_track(path, TextTrack(track.seconds, track.share[:1]))
    with pytest.raises(TrackError, match="do not fit"):
        read_text_track(path)


def test_another_model_or_sampling_has_another_id() -> None:
    assert len({text_track_id(model, how) for model in ("a", "b") for how in ("x", "y")}) == 4


def test_a_damaged_detector_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x_det_y.onnx"
    path.write_bytes(b"none")
    with pytest.raises(ModelError, match=r"x_det_y\.onnx: .*whenanime\[text\]"):
        TextDetector.load(TextModel(path, "damaged"))


def test_a_package_without_its_detector_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "rapidocr-9.9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: rapidocr\nVersion: 9.9\n")
    (about / "RECORD").write_text("rapidocr/models/a_det_b.onnx,,\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=r"rapidocr 9\.9 holds no text detector"):
        find_text_model()
    (tmp_path / "rapidocr/models").mkdir(parents=True)
    detector = tmp_path / "rapidocr/models/a_det_b.onnx"
    detector.write_bytes(b"")
    assert find_text_model() == TextModel(detector, "rapidocr 9.9 a_det_b.onnx")


@pytest.mark.skipif(find_text_model() is None, reason="needs the extra `text`")
def test_credits_are_text_and_scenes_are_not() -> None:
    model = find_text_model()
    assert model is not None
    detector = TextDetector.load(model, threads=1)
    sky = np.linspace((40, 70, 120), (150, 170, 190), 180).astype(np.uint8)
    scene = np.repeat(sky[:, None], 320, axis=1)
    credit = scene.copy()
    for row, line in enumerate(("Key Animation", "Someone Somewhere", "Director", "A. Nobody")):
        cv2.putText(
            credit, line, (60, 40 + 36 * row), cv2.FONT_HERSHEY_DUPLEX, 0.7, (255, 255, 255), 1
        )
    assert detector.measure_share(scene) < 0.01
    assert 0.05 < detector.measure_share(credit) < 0.5
    portrait = np.ascontiguousarray(credit.transpose(1, 0, 2))
    assert 0 <= detector.measure_share(portrait) < 0.5
