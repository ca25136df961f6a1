"""Key frames that lie close together are followed up as one lead."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.geometry.leads import leads_of
from whenanime_pipeline.core.search.geometry.voting import Candidate

FRAMES = {0: 300, 1: 5}


def _candidate(content: int, frame: int, support: float, *, mirrored: bool = False) -> Candidate:
    return Candidate(content, frame, mirrored, np.eye(3), 10, support)


CANDIDATES = st.lists(
    st.builds(
        _candidate,
        content=st.just(0),
        frame=st.integers(0, 299),
        support=st.floats(0.1, 100),
        mirrored=st.booleans(),
    ),
    max_size=30,
)


@given(candidates=CANDIDATES)
def test_every_candidate_is_in_one_lead_and_the_best_come_first(
    candidates: list[Candidate],
) -> None:
    found = leads_of(candidates, FRAMES)
    assert sum(len(lead.guesses) for lead in found) == len(candidates)
    supports = [lead.support for lead in found]
    assert supports == sorted(supports, reverse=True)
    for lead in found:
        assert 0 <= lead.first <= lead.guesses[0].frame <= lead.last < FRAMES[0]


def test_a_shot_is_one_lead_and_its_mirror_image_another() -> None:
    shot = [_candidate(0, frame, frame) for frame in (100, 120, 150)]
    far = _candidate(0, 250, 1.0)
    mirrored = _candidate(0, 120, 2.0, mirrored=True)
    found = leads_of([*shot, far, mirrored], FRAMES)
    assert [len(lead.guesses) for lead in found] == [3, 1, 1]
    assert [lead.mirrored for lead in found] == [False, True, False]


def test_a_lead_does_not_leave_its_content() -> None:
    (lead,) = leads_of([_candidate(1, 3, 1.0)], FRAMES)
    assert (lead.first, lead.last) == (0, 4)
