"""A calibration separates right answers from wrong ones, with few false positives."""

from pathlib import Path

import numpy as np
import pytest
from sample_videos import index, new_workspace, published_folder, write_film_of

from whenanime_pipeline.core.learning.shipped.calibration import collect_answers
from whenanime_pipeline.core.learning.shipped.calibration_fit import LabelledAnswer, fit_calibration
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.query.confidence import MATCH_SIMILARITY, PREDICTORS, Confidence
from whenanime_pipeline.core.search.query.engine import SearchEngine


def _rows(count: int) -> list[LabelledAnswer]:
    """Return answers whose first value is high when they are right; each question has two."""
    rng = np.random.default_rng(0)
    rows = []
    for query in range(count):
        present = query % 2 == 0
        for right in (present, False):
            values = rng.normal(size=len(PREDICTORS))
            values[0] += 6.0 * right
            rows.append(LabelledAnswer(query, values, present=present, right=right))
    return rows


def test_right_answers_are_matches_and_negatives_are_not() -> None:
    rows = _rows(1000)
    confidence = Confidence.from_json(fit_calibration(rows))
    weights = np.array(confidence.weights)

    def similarity(row: LabelledAnswer) -> float:
        score = float(row.values @ weights) + confidence.bias
        return float(np.interp(score, confidence.scores, confidence.similarities))

    negatives: dict[int, float] = {}
    for row in rows:
        if not row.present:
            negatives[row.query] = max(negatives.get(row.query, 0.0), similarity(row))
    passed = np.mean([best >= MATCH_SIMILARITY for best in negatives.values()])
    assert passed <= 0.005
    assert np.mean([similarity(row) >= MATCH_SIMILARITY for row in rows if row.right]) > 0.95
    assert int(np.argmax(np.abs(weights))) == 0


@pytest.mark.parametrize("kept", [{"present": True}, {"right": False}])
def test_a_fit_requires_right_answers_and_negatives(kept: dict[str, bool]) -> None:
    rows = [
        row for row in _rows(40) if all(getattr(row, name) == value for name, value in kept.items())
    ]
    with pytest.raises(ValueError, match="too few"):
        fit_calibration(rows)


def test_answers_are_collected_from_an_index(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    for name, first in (("One", 700), ("Two", 720)):
        pictures = [draw_random_picture(first + number, (320, 180)) for number in range(6)]
        write_film_of(workspace.videos_folder / name / f"{name} - S01E01.mp4", pictures)
    index(workspace)
    engine = SearchEngine.open(published_folder(workspace))
    rows = collect_answers(engine, workspace.videos_folder, frames=1, drawn=1, seed=5)
    # A frame clean and with 15 edits, with its series and without; and a drawn picture.
    assert {row.query for row in rows} <= set(range(48))
    assert any(row.right for row in rows)
    assert not any(row.right and not row.present for row in rows)
    asked = {row.query for row in rows if row.present and row.query < 32}
    found = {row.query for row in rows if row.right}
    assert len(found) >= len(asked) / 2
