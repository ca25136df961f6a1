import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.embedding.labels import (
    MAX_CONTENTS,
    MAX_FRAMES,
    labels_of,
    split_label,
)


@given(st.integers(0, MAX_CONTENTS - 1), st.integers(1, 1000))
def test_labels_round_trip_and_fit_63_bits(content: int, frames: int) -> None:
    labels = labels_of(content, frames)
    assert labels.dtype == np.uint64
    assert int(labels.max()) < 2**63
    assert [split_label(label) for label in labels.tolist()] == [
        (content, frame) for frame in range(frames)
    ]


@pytest.mark.parametrize(("content", "frames"), [(-1, 1), (MAX_CONTENTS, 1), (0, MAX_FRAMES + 1)])
def test_ordinals_that_do_not_fit_are_refused(content: int, frames: int) -> None:
    with pytest.raises(ValueError, match=r"ordinal|frames"):
        labels_of(content, frames)
