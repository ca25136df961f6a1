"""Finds pictures that two episodes share for a few seconds, too short for the correlation.

Eyecatches, sponsor cards and the clips of a recap last seconds, and disappear among the noise of
a whole episode. They are found picture by picture, and then followed along their offset.
"""

import numpy as np

from whenanime_pipeline.core.themes.match.features import HOP, Rows

_ALIKE = 0.86
"""Likeness of projected embeddings from which two pictures may be one."""
_STEP = round(1 / HOP)
"""Rows between the pictures of the first episode that are looked for: one a second."""
_FINE_STEP = 2
"""Rows between the pictures of the second episode that they are looked for among."""
_KEPT = 3
"""Places in the second episode that are followed, for a picture of the first."""
_APART = round(2 / HOP) // _FINE_STEP
"""Pictures of the second episode that two such places are apart."""


def find_repeated_pictures(first: Rows, second: Rows) -> list[tuple[int, int]]:
    """Return where pictures of an episode come again in another one.

    Args:
        first: pictures of the episode.
        second: pictures of the other one.

    Returns:
        Row of the first, and offset to the row of the second, of pictures that are alike and still
        are a second later; sorted.
    """
    wanted, among = first.values[::_STEP], second.values[::_FINE_STEP]
    later = _STEP // _FINE_STEP
    if len(wanted) < 2 or len(among) <= later:
        return []
    alike = wanted @ among.T
    is_alike = alike > _ALIKE
    both = is_alike[:-1, :-later] & is_alike[1:, later:]
    found: list[tuple[int, int]] = []
    for row in np.flatnonzero(both.any(1)):
        scores = np.minimum(alike[row, :-later], alike[row + 1, later:])
        for _ in range(_KEPT):
            best = int(np.argmax(scores))
            if scores[best] <= _ALIKE:
                break
            found.append((int(row) * _STEP, best * _FINE_STEP - int(row) * _STEP))
            scores[max(0, best - _APART) : best + _APART + 1] = -1
    return found
