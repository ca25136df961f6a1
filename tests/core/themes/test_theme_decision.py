"""Certain needs two independent witnesses, exact bounds, and no chapter that disagrees."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.themes.decision import decide
from whenanime_pipeline.core.themes.found import Found
from whenanime_pipeline.core.themes.tracks.episode_tracks import TextTrack

FOUND = Found("opening", 60.0, 150.0, 0.07, 0.07, 0, 1, None, None)


@pytest.mark.parametrize(
    ("sound", "pictures", "partners"), list(product((None, 0.8), (None, 0.9), (1, 2, 3, 9)))
)
def test_two_witnesses_make_a_segment_certain(
    sound: float | None, pictures: float | None, partners: int
) -> None:
    confidence, evidence = decide(
        replace(FOUND, sound=sound, pictures=pictures, partners=partners), ()
    )
    count = (sound is not None) + (pictures is not None) + (partners >= 3)
    assert confidence == ("certain" if count >= 2 else "likely" if count else "possible")
    assert len(evidence.witnesses) == count
    assert list(evidence.witnesses) == sorted(evidence.witnesses)
    assert (evidence.partners, evidence.sound, evidence.pictures) == (partners, sound, pictures)


def test_bounds_in_doubt_and_quotations_are_never_certain() -> None:
    strong = replace(FOUND, sound=0.9, pictures=0.9, partners=9)
    assert decide(strong, ())[0] == "certain"
    assert decide(replace(strong, end_error=1.0), ())[0] == "likely"
    assert decide(replace(strong, start_error=1.0), ())[0] == "likely"
    assert decide(replace(strong, part=None), ())[0] == "likely"


@pytest.mark.parametrize(
    ("chapter", "confidence", "is_witness"),
    [
        (Chapter(60.4, 149.6, "Opening"), "certain", True),
        (Chapter(60.4, 149.6, "Ending"), "likely", False),
        (Chapter(60.0, 300.0, "Opening"), "likely", False),
        (Chapter(600.0, 690.0, "Opening"), "likely", False),
        (Chapter(60.0, 150.0, "Part A"), "likely", False),
    ],
    ids=["agrees", "other_type", "other_bounds", "elsewhere", "unnamed"],
)
def test_a_chapter_is_a_witness_where_it_agrees(
    chapter: Chapter, confidence: str, is_witness: bool
) -> None:
    found, evidence = decide(replace(FOUND, sound=0.9), [chapter])
    assert found == confidence
    assert ("chapter" in evidence.witnesses) == is_witness


@pytest.mark.parametrize(
    "chapter", [Chapter(60.4, 149.6, "Ending"), Chapter(60.0, 300.0, "Opening")]
)
def test_a_chapter_that_disagrees_lowers_what_would_be_certain(chapter: Chapter) -> None:
    strong = replace(FOUND, sound=0.9, pictures=0.9, partners=9)
    assert decide(strong, [chapter])[0] == "likely"
    unnamed = [Chapter(0, 60, ""), Chapter(60, 150, "Chapter 2")]
    assert decide(strong, unnamed)[0] == "certain"


def test_the_text_of_credits_is_a_witness_of_an_ending() -> None:
    seconds = np.arange(0.0, 400.0, 4.0)
    is_inside = (seconds >= FOUND.start) & (seconds < FOUND.end)
    lettering = TextTrack(seconds, np.where(is_inside, 0.05, 0.002).astype(np.float32))
    ending = replace(FOUND, type="ending", sound=0.9)
    assert decide(ending, (), lettering)[0] == "certain"
    assert decide(ending, (), lettering)[1].witnesses == ("sound", "text")
    assert decide(replace(ending, type="opening"), (), lettering)[0] == "likely"
    everywhere = TextTrack(seconds, np.full(len(seconds), 0.05, np.float32))
    assert decide(ending, (), everywhere)[0] == "likely"
    few = TextTrack(seconds[::20], lettering.share[::20])
    assert decide(ending, (), few)[0] == "likely"
