"""Which segments a build keeps and which it rewrites: few of them, and little written twice."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.search.snapshot.local_segments import (
    MAX_DEAD_SHARE,
    SIZE_RATIO,
    plan_segments,
)
from whenanime_pipeline.core.search.snapshot.manifest import LocalSegment


class Library:
    """Files over many snapshots, as the rule has them."""

    def __init__(self) -> None:
        self.wanted: dict[int, int] = {}
        self.segments: list[LocalSegment] = []
        self.written = 0
        self._made = 0

    def publish(self) -> None:
        step = plan_segments(self.segments, self.wanted)
        self.segments = list(step.kept)
        if step.merged:
            self._made += 1
            held = {content: self.wanted[content] for content in step.merged}
            self.segments.append(LocalSegment(path=f"local/{self._made}", contents=held))
            self.written += sum(held.values())


def _held(segments: list[LocalSegment]) -> list[int]:
    return [content for segment in segments for content in segment.contents]


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 400), max_size=4),  # features of the contents that come
            st.lists(st.integers(0, 1000), max_size=3),  # which of those there are go
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_every_content_is_in_one_of_few_segments(
    changes: list[tuple[list[int], list[int]]],
) -> None:
    library = Library()
    number = 0
    for come, go in changes:
        for place in go:
            if library.wanted:
                library.wanted.pop(sorted(library.wanted)[place % len(library.wanted)])
        for size in come:
            library.wanted[number] = size
            number += 1
        library.publish()
        held = _held(library.segments)
        assert len(held) == len(set(held))
        assert set(held) >= library.wanted.keys()
        sizes = sorted((segment.feature_count for segment in library.segments), reverse=True)
        for large, small in pairwise(sizes):
            assert large > SIZE_RATIO * small
        for segment in library.segments:
            live = sum(library.wanted.get(content, 0) for content in segment.contents)
            assert live >= (1 - MAX_DEAD_SHARE) * segment.feature_count


def test_a_growing_library_rewrites_each_content_a_few_times_only() -> None:
    library = Library()
    for number in range(600):
        library.wanted[number] = 1000
        library.publish()
        assert len(library.segments) <= 10
    # In whole files each time it would be 300 times.
    assert library.written <= 12 * 600 * 1000


def test_unchanged_contents_need_no_new_segment() -> None:
    segment = LocalSegment(path="local/1", contents={0: 50, 1: 60})
    step = plan_segments([segment], {0: 50, 1: 60})
    assert step.kept == (segment,)
    assert step.merged == ()


def test_a_segment_without_live_contents_is_dropped() -> None:
    gone = LocalSegment(path="local/1", contents={0: 50})
    left = LocalSegment(path="local/2", contents={1: 60})
    step = plan_segments([gone, left], {1: 60})
    assert step.kept == (left,)
    assert step.merged == ()


def test_a_segment_whose_contents_cannot_be_rewritten_is_kept() -> None:
    wasteful = LocalSegment(path="local/1", contents={0: 90, 1: 10})
    small = LocalSegment(path="local/2", contents={2: 3})
    step = plan_segments([wasteful, small], {1: 10, 2: 3, 3: 500}, lambda content: content == 3)
    assert step.kept == (wasteful, small)
    assert step.merged == (3,)
    again = plan_segments([wasteful, small], {1: 10, 2: 3, 3: 500})
    assert again.kept == ()
    assert again.merged == (1, 2, 3)
