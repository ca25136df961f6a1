"""Designs large casts: colours at random, and siblings that differ in eyes and shape alone."""

from dataclasses import replace
from typing import TypeVar, get_args

import numpy as np

from whenanime_pipeline.core.sample.canvas import Colour, mix_colours
from whenanime_pipeline.core.sample.characters import (
    BOY_HAIR,
    BOY_OUTFITS,
    CLOTHES,
    EYE_COLOURS,
    FRINGES,
    GIRL_HAIR,
    GIRL_OUTFITS,
    HAIR_COLOURS,
    SKINS,
    CharacterDesign,
    FaceShape,
    Mark,
    Pupil,
    vary_colour,
)

SIBLING_SHARE = 0.4
"""Share of the members that repeat another one's hair, skin and ornament."""
_PLAIN_MARK = 0.7
"""Share of the faces without moles, freckles or scars."""
_ORNAMENTS = ("none", "clip", "ribbon", "glasses", "band")
_ORNAMENT_SHARES = (0.5, 0.14, 0.12, 0.12, 0.12)

Rng = np.random.Generator
_T = TypeVar("_T")


def choose_face_shape(rng: Rng) -> FaceShape:
    """Return a random shape of a face."""
    pupils, marks = get_args(Pupil), get_args(Mark)
    plain = rng.random() < _PLAIN_MARK
    return FaceShape(
        eye_height=float(rng.uniform(0.74, 1.16)),
        eye_width=float(rng.uniform(0.84, 1.14)),
        iris=float(rng.uniform(0.78, 1.14)),
        slant=float(rng.uniform(-11, 13)),
        spacing=float(rng.uniform(0.92, 1.1)),
        eye_drop=float(rng.uniform(-0.05, 0.07)),
        lash=float(rng.uniform(0.55, 1.5)),
        pupil=pupils[int(rng.choice(len(pupils), p=[0.5, 0.16, 0.16, 0.18]))],
        brow=float(rng.uniform(0.5, 2.2)),
        brow_rise=float(rng.uniform(-0.05, 0.14)),
        jaw=float(rng.uniform(-0.35, 0.4)),
        chin=float(rng.uniform(-0.07, 0.09)),
        mouth=float(rng.uniform(0.75, 1.4)),
        mark="none" if plain else marks[int(rng.integers(1, len(marks)))],
    )


def choose_design(rng: Rng, name: str) -> CharacterDesign:
    """Return a character whose colours and shapes are all drawn at random."""
    boy = bool(rng.random() < 0.35)
    hair, eyes = _choose(rng, tuple(HAIR_COLOURS)), _choose(rng, tuple(EYE_COLOURS))
    return CharacterDesign(
        name=name,
        hair_name=hair,
        eye_name=eyes,
        hair=_mix_hair(rng, hair),
        eyes=vary_colour(EYE_COLOURS[eyes], rng),
        skin=vary_colour(SKINS[int(rng.choice(len(SKINS), p=[0.35, 0.3, 0.25, 0.1]))], rng),
        cloth=vary_colour(_choose(rng, CLOTHES), rng),
        accent=vary_colour(_choose(rng, CLOTHES), rng),
        fringe=_choose(rng, FRINGES),
        back_hair=_choose(rng, BOY_HAIR if boy else GIRL_HAIR),
        outfit=_choose(rng, BOY_OUTFITS if boy else GIRL_OUTFITS),
        is_boy=boy,
        ornament=_ORNAMENTS[int(rng.choice(len(_ORNAMENTS), p=_ORNAMENT_SHARES))],
        seed=int(rng.integers(1 << 30)),
        shape=choose_face_shape(rng),
    )


def choose_sibling(rng: Rng, other: CharacterDesign, name: str) -> CharacterDesign:
    """Return a character that differs from another one in the eyes and the face's shape alone."""
    eyes = _choose(rng, tuple(EYE_COLOURS))
    return replace(
        other,
        name=name,
        eye_name=eyes,
        eyes=vary_colour(EYE_COLOURS[eyes], rng),
        shape=choose_face_shape(rng),
    )


def choose_cast(
    seed: int, count: int, *, siblings: float = SIBLING_SHARE
) -> tuple[CharacterDesign, ...]:
    """Return a cast of any size.

    Args:
        seed: any integer >= 0.
        count: number of members.
        siblings: share of members made by `choose_sibling`.
    """
    rng = np.random.default_rng([seed, 0xFACE])
    cast: list[CharacterDesign] = []
    for number in range(count):
        name = f"{seed}-{number}"
        if cast and rng.random() < siblings:
            cast.append(choose_sibling(rng, cast[int(rng.integers(len(cast)))], name))
        else:
            cast.append(choose_design(rng, name))
    return tuple(cast)


def _mix_hair(rng: Rng, name: str) -> Colour:
    """Return a hair colour, now and then between two of the named ones."""
    colour = HAIR_COLOURS[name]
    if rng.random() < 0.3:
        colour = mix_colours(colour, _choose(rng, tuple(HAIR_COLOURS.values())), 0.35)
    return vary_colour(colour, rng)


def _choose(rng: Rng, values: tuple[_T, ...]) -> _T:
    return values[int(rng.integers(len(values)))]
