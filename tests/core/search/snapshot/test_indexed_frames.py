"""What an index leaves out: frames that are shown within themes alone."""

import numpy as np

from whenanime_pipeline.core.search.snapshot.indexed_frames import (
    find_frames_within,
    list_labels,
    mask_indexed,
)
from whenanime_pipeline.core.search.snapshot.manifest import Content, LeftOut


def test_a_frame_that_is_shown_elsewhere_as_well_stays() -> None:
    frames = np.array([0, 1, 1, 2, 3, 4])
    starts = np.array([0.0, 1.0, 9.0, 2.0, 3.0, 4.875])
    ends = np.array([0.875, 1.875, 9.875, 2.875, 3.0, 5.125])
    within = find_frames_within((frames, starts, ends), 5, ((1.0, 3.0), (3.0, 5.0)))
    assert within.tolist() == [False, False, True, True, False]
    assert not find_frames_within((frames, starts, ends), 5, ()).any()


def test_labels_are_those_of_the_frames_that_are_left() -> None:
    plain = Content(ordinal=3, fingerprint="a", sampling_id="b", fps=8.0, frames=6)
    assert "left_out" not in plain.model_dump()
    assert "left_out" not in plain.model_dump_json()
    some = plain.model_copy(
        update={"left_out": LeftOut(spans=((1.0, 2.0),), ranges=((1, 3), (5, 6)))}
    )
    assert mask_indexed(some).tolist() == [True, False, False, True, True, False]
    assert (some.indexed, plain.indexed, len(list_labels(some))) == (3, 6, 3)
    assert set(list_labels(some)) < set(list_labels(plain))
    assert Content.model_validate_json(some.model_dump_json()) == some
