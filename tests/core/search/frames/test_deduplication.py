import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from imagehash import phash
from PIL import Image

from whenanime_pipeline.core.search.frames.deduplication import (
    SIGNATURE_SIZE,
    DistinctFrame,
    FrameDeduplicator,
    perceptual_hash,
    signature,
)

STEP = 1 / 8


def _sort(levels: list[int], *, window: int = 100, threshold: float = 6) -> list[DistinctFrame]:
    """Run even pictures of the given gray levels through a stream, one a step."""
    stream = FrameDeduplicator(threshold=threshold, step=STEP, window=window)
    out = []
    for number, level in enumerate(levels):
        cells = np.full(SIGNATURE_SIZE[::-1], level, np.uint8)
        if stream.add_repeat(number * STEP, cells) is None:
            settled = stream.add_new(number * STEP, cells, bytes([level]))
            out += [settled] if settled else []
    return [*out, *stream.flush()]


@given(st.lists(st.integers(0, 12).map(lambda level: level * 20), max_size=60), st.integers(1, 9))
def test_every_sample_is_in_one_run_of_its_frame(levels: list[int], window: int) -> None:
    rows = _sort(levels, window=window)
    moments = {}
    for row in rows:
        assert row.starts == sorted(row.starts)
        for start, end in zip(row.starts, row.ends, strict=True):
            for number in range(round(start / STEP), round(end / STEP) + 1):
                assert number not in moments
                moments[number] = row.picture[0]
    assert moments == dict(enumerate(levels))


@given(st.lists(st.sampled_from([0, 60, 120, 180, 240]), max_size=60))
def test_within_the_window_no_picture_is_stored_twice(levels: list[int]) -> None:
    assert len(_sort(levels)) == len(set(levels))


def test_frames_are_returned_in_order_of_first_appearance() -> None:
    rows = _sort([0, 100, 0, 200, 100, 50], window=2)
    firsts = [row.starts[0] for row in rows]
    assert firsts == sorted(firsts)


def test_a_picture_that_returns_after_the_window_is_stored_again() -> None:
    assert [row.picture[0] for row in _sort([0, 100, 200, 0], window=2)] == [0, 100, 200, 0]


def test_a_gap_in_time_ends_a_run() -> None:
    stream = FrameDeduplicator(threshold=6, step=STEP)
    cells = np.zeros(SIGNATURE_SIZE[::-1], np.uint8)
    stream.add_new(0.0, cells, b"")
    stream.add_repeat(STEP, cells)
    stream.add_repeat(2.0, cells)
    (row,) = stream.flush()
    assert (row.starts, row.ends) == ([0.0, 2.0], [STEP, 2.0])


def test_an_opening_mouth_is_a_distinct_frame() -> None:
    face = np.full((360, 640, 3), 220, np.uint8)
    talking = face.copy()
    talking[200:206, 300:316] = (90, 30, 40)  # 16 × 6 pixels of 640 × 360
    stream = FrameDeduplicator(threshold=6, step=STEP)
    assert stream.add_repeat(0.0, signature(face)) is None
    stream.add_new(0.0, signature(face), b"shut")
    assert stream.add_repeat(STEP, signature(talking)) is None


def test_a_slow_pan_yields_distinct_frames_and_noise_does_not() -> None:
    rng = np.random.default_rng(0)
    wide = np.repeat(rng.integers(0, 255, (36, 90)), 10, axis=0).repeat(10, axis=1)
    picture = np.repeat(wide[..., None], 3, axis=2).astype(np.uint8)
    first = signature(picture[:, :640])
    stream = FrameDeduplicator(threshold=6, step=STEP)
    stream.add_repeat(0.0, first)
    stream.add_new(0.0, first, b"")
    noise = rng.normal(0, 4, (360, 640, 3))
    noisy = np.clip(picture[:, :640] + noise, 0, 255).astype(np.uint8)
    assert stream.add_repeat(STEP, signature(noisy)) is not None
    assert stream.add_repeat(2 * STEP, signature(picture[:, 2:642])) is None


def test_a_slow_fade_yields_distinct_frames() -> None:
    assert len(_sort([100, 102, 104, 106])) == 4


def test_the_hash_agrees_with_imagehash() -> None:
    rng = np.random.default_rng(1)
    far = []
    for _ in range(20):
        blobs = rng.integers(0, 255, (9, 16), dtype=np.uint8)
        picture = Image.fromarray(blobs).resize((320, 180), Image.Resampling.BICUBIC)
        cells = signature(np.asarray(picture.convert("RGB")))
        theirs = int(str(phash(Image.fromarray(cells).resize((32, 32)))), 16)
        far.append((perceptual_hash(cells) ^ theirs).bit_count())
    # Not to the bit: ImageHash resamples by itself and takes the median over the same 64 numbers.
    assert np.mean(far) <= 6
