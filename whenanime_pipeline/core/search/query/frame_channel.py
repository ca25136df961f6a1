"""Leads of the embedding channel: stored frames that look alike as a whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.borders import inside_borders
from whenanime_pipeline.core.media.insets import cut_out, insets
from whenanime_pipeline.core.search.embedding.hnsw import Labels
from whenanime_pipeline.core.search.embedding.labels import split_label
from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.geometry.hypotheses import Guess, Lead
from whenanime_pipeline.core.search.geometry.transform import Placement, part, quadrilateral

_GAP = 6
"""Stored frames between two that look alike within one shot, at most."""
_BESIDE = 1
"""Stored frames before and after those found that are compared as well."""
_LONGEST = 24
"""Stored frames of a lead: those around the one that looks most alike."""

_MIRROR = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class View:
    """A part of a screenshot that may be a whole frame of a film.

    Attributes:
        picture: RGB, `(height, width, 3)`.
        square: places the screenshot so that the part reaches from (0, 0) to (1, 1).
        mirrored: whether it is a part of the screenshot's mirror image, which is placed then.
    """

    picture: NDArray[np.uint8]
    square: Placement
    mirrored: bool = False

    def turned(self) -> Self:
        """Return its mirror image."""
        picture = np.ascontiguousarray(self.picture[:, ::-1])
        return type(self)(picture, _MIRROR @ self.square @ _MIRROR, not self.mirrored)


def views_of(picture: NDArray[np.uint8]) -> list[View]:
    """Return the whole screenshot, and what is left without its borders where it has some.

    Args:
        picture: RGB, `(height, width, 3)`.
    """
    height, width = picture.shape[:2]
    found = [View(picture, part((0.0, 0.0, 1.0, height / width), 1.0))]
    rows, columns = inside_borders(picture)
    inside = picture[rows, columns]
    if inside.shape != picture.shape:
        box = columns.start, rows.start, columns.stop, rows.stop
        left, top, right, bottom = (side / width for side in box)
        found.append(View(inside, part((left, top, right, bottom), 1.0)))
    return found


def inset_views(picture: NDArray[np.uint8]) -> list[View]:
    """Return the parts of a screenshot that may be a picture of their own, a whole frame each.

    Args:
        picture: RGB, `(height, width, 3)`.
    """
    return [View(cut_out(picture, corners), quadrilateral(corners)) for corners in insets(picture)]


def known_leads(
    views: Sequence[View],
    labels: Labels,
    cosines: Vectors,
    frames: Mapping[int, int],
    aspect_of: Callable[[int], float],
) -> list[Lead]:
    """Gather the nearest stored frames into leads, the most alike first.

    Args:
        views: of the screenshot, or all of its mirror image.
        labels: `(views, n)`, of the stored frames nearest to each.
        cosines: `(views, n)`, of their embeddings.
        frames: how many stored frames each content has.
        aspect_of: returns the height of a content's stored pictures, in their widths.
    """
    alike: dict[tuple[int, int], list[Guess]] = {}
    for number, view in enumerate(views):
        placements: dict[int, Placement] = {}
        for label, cosine in zip(labels[number].tolist(), cosines[number].tolist(), strict=True):
            content, frame = split_label(label)
            if content not in placements:
                placements[content] = np.diag((1.0, aspect_of(content), 1.0)) @ view.square
            guess = Guess(frame, placements[content], 0, 0.0, cosine)
            alike.setdefault((content, frame), []).append(guess)
    mirrored = any(view.mirrored for view in views)
    found: list[Lead] = []
    for content, places in groupby(sorted(alike), key=lambda place: place[0]):
        near: list[int] = []
        for _, frame in places:
            if near and frame - near[-1] > _GAP:
                found.append(_lead(content, near, alike, frames[content], mirrored=mirrored))
                near = []
            near.append(frame)
        found.append(_lead(content, near, alike, frames[content], mirrored=mirrored))
    return sorted(found, key=lambda lead: -lead.cosine)


def more_alike(leads: Sequence[Lead], others: Sequence[Lead]) -> list[Lead]:
    """Return the leads whose cosines are above those of all others."""
    highest = max((lead.cosine for lead in others), default=-1.0)
    return [lead for lead in leads if lead.cosine > highest]


def _lead(
    content: int,
    near: Sequence[int],
    alike: Mapping[tuple[int, int], list[Guess]],
    count: int,
    *,
    mirrored: bool,
) -> Lead:
    guesses = sorted(
        (guess for frame in near for guess in alike[content, frame]), key=lambda one: -one.cosine
    )
    middle = guesses[0].frame
    first = max(0, near[0] - _BESIDE, middle - _LONGEST // 2)
    last = min(count - 1, near[-1] + _BESIDE, middle + _LONGEST // 2)
    return Lead(content, first, last, tuple(guesses), mirrored=mirrored)
