"""Designs the cast of a series from a seed, and defines the expressions of faces."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from whenanime_pipeline.core.sample.canvas import Colour

Fringe = Literal["straight", "swept", "parted", "spiky", "locks"]
BackHair = Literal["bob", "long", "twin tails", "ponytail", "spiky", "wavy", "short", "bun"]
Outfit = Literal["sailor", "blazer", "hoodie", "yukata", "jacket", "dress", "shirt"]
Mouth = Literal["closed", "half", "open"]
Eyes = Literal["open", "half", "closed"]

FRINGES: tuple[Fringe, ...] = ("straight", "swept", "parted", "spiky", "locks")
GIRL_HAIR: tuple[BackHair, ...] = ("long", "twin tails", "bob", "ponytail", "wavy", "bun")
BOY_HAIR: tuple[BackHair, ...] = ("spiky", "short")
GIRL_OUTFITS: tuple[Outfit, ...] = ("sailor", "dress", "yukata", "hoodie", "blazer")
BOY_OUTFITS: tuple[Outfit, ...] = ("blazer", "hoodie", "jacket", "shirt", "yukata")

HAIR_COLOURS: dict[str, Colour] = {
    "black": (54, 50, 68),
    "brown": (126, 82, 58),
    "blond": (243, 210, 120),
    "pink": (244, 158, 186),
    "blue": (92, 140, 216),
    "silver": (206, 212, 228),
    "red": (206, 76, 66),
    "green": (104, 178, 138),
    "purple": (150, 112, 196),
    "orange": (240, 150, 78),
}
EYE_COLOURS: dict[str, Colour] = {
    "blue": (58, 128, 220),
    "green": (56, 168, 110),
    "brown": (142, 84, 48),
    "red": (208, 56, 68),
    "violet": (142, 84, 206),
    "amber": (228, 160, 42),
    "teal": (40, 168, 178),
}
SKINS: tuple[Colour, ...] = ((255, 229, 212), (250, 216, 190), (255, 236, 224), (226, 176, 140))
CLOTHES: tuple[Colour, ...] = (
    (58, 72, 124),
    (176, 58, 72),
    (72, 132, 112),
    (238, 234, 226),
    (232, 184, 84),
    (112, 88, 148),
    (74, 80, 92),
    (226, 134, 150),
)
NAMES = (
    "Aoi", "Haru", "Mika", "Ren", "Sora", "Yuna", "Kaito", "Rin",
    "Nao", "Tsubasa", "Hina", "Itsuki", "Kohaku", "Shion", "Mei", "Touma",
)  # fmt: skip


Pupil = Literal["round", "slit", "ring", "large"]
Mark = Literal["none", "mole under eye", "mole by mouth", "freckles", "scar"]


@dataclass(frozen=True)
class FaceShape:
    """Shape of a character's face against the style's own; the defaults change nothing.

    Attributes:
        eye_height, eye_width, iris: factors of the style's sizes.
        slant: angle of the eyes in degrees, positive with the outer corners up.
        spacing: factor of the distance between the eyes.
        eye_drop: shift of the eyes downwards, in head units.
        lash: factor of the width of the upper lashes.
        pupil: shape of the pupils.
        brow: factor of the width of the brows.
        brow_rise: shift of the outer ends of the brows upwards, in head units.
        jaw: shift of the style's jaw, positive for a more pointed one.
        chin: shift of the chin downwards, in head units.
        mouth: factor of the width of the mouth.
        mark: mark on the skin.
    """

    eye_height: float = 1.0
    eye_width: float = 1.0
    iris: float = 1.0
    slant: float = 0.0
    spacing: float = 1.0
    eye_drop: float = 0.0
    lash: float = 1.0
    pupil: Pupil = "round"
    brow: float = 1.0
    brow_rise: float = 0.0
    jaw: float = 0.0
    chin: float = 0.0
    mouth: float = 1.0
    mark: Mark = "none"


@dataclass(frozen=True)
class CharacterDesign:
    """Appearance of a character, the same in every episode.

    Attributes:
        name: name in the ground truth.
        hair_name, eye_name: keys of `HAIR_COLOURS` and `EYE_COLOURS`.
        hair, eyes, skin, cloth, accent: RGB.
        fringe, back_hair, outfit: shapes.
        is_boy: whether shoulders are broader and eyes flatter.
        ornament: accessory of the head: "none", "clip", "ribbon", "glasses", "band".
        seed: seed of small shapes, such as each lock's length.
        shape: shape of the face.
    """

    name: str
    hair_name: str
    eye_name: str
    hair: Colour
    eyes: Colour
    skin: Colour
    cloth: Colour
    accent: Colour
    fringe: Fringe
    back_hair: BackHair
    outfit: Outfit
    is_boy: bool
    ornament: str
    seed: int
    shape: FaceShape = FaceShape()


@dataclass(frozen=True)
class Expression:
    """Expression of a character's face in one shot.

    Attributes:
        turn: -1 (looks to the left of the picture) to 1.
        tilt: tilt of the head, degrees clockwise.
        brow: -1 (angry) to 1 (worried).
        smile: -1 to 1.
        blush: whether the cheeks are red.
        gaze: (x, y), each -1 to 1.
    """

    turn: float = 0.0
    tilt: float = 0.0
    brow: float = 0.0
    smile: float = 0.5
    blush: bool = False
    gaze: tuple[float, float] = (0.0, 0.0)


def vary_colour(colour: Colour, rng: np.random.Generator) -> Colour:
    """Return a colour close to the given one, so that no two blonds are the same."""
    shift = rng.normal(0, 9, 3) + rng.normal(0, 8)
    red, green, blue = (int(v) for v in np.clip(np.add(colour, shift), 0, 255))
    return red, green, blue


def make_cast(seed: int, count: int) -> tuple[CharacterDesign, ...]:
    """Return a cast that differs in hair colour, hair shape and eyes as far as possible.

    Args:
        seed: any integer >= 0.
        count: number of members, 1 or more.
    """
    rng = np.random.default_rng([seed, 0xCA57])
    hairs = rng.permutation(list(HAIR_COLOURS))
    eyes = rng.permutation(list(EYE_COLOURS))
    names = rng.permutation(NAMES)
    girls, boys = rng.permutation(GIRL_HAIR), rng.permutation(BOY_HAIR)
    uniform: Outfit = "sailor" if rng.random() < 0.5 else "blazer"
    uniform_colours = [CLOTHES[int(i)] for i in rng.permutation(len(CLOTHES))]
    cast = []
    for index in range(count):
        boy = index % 3 == 1
        outfits = BOY_OUTFITS if boy else GIRL_OUTFITS
        outfit = outfits[int(rng.integers(len(outfits)))]
        if index == 0:
            outfit = uniform
        shapes = boys if boy else girls
        ornaments = ("none", "glasses") if boy else ("none", "clip", "ribbon", "glasses", "band")
        hair, eye = str(hairs[index % len(hairs)]), str(eyes[index % len(eyes)])
        back: BackHair = shapes[(index // 3 if boy else index - index // 3) % len(shapes)]
        cast.append(
            CharacterDesign(
                name=str(names[index % len(names)]),
                hair_name=hair,
                eye_name=eye,
                hair=vary_colour(HAIR_COLOURS[hair], rng),
                eyes=vary_colour(EYE_COLOURS[eye], rng),
                skin=SKINS[int(rng.choice(len(SKINS), p=[0.35, 0.3, 0.25, 0.1]))],
                cloth=vary_colour(uniform_colours[index % len(uniform_colours)], rng),
                accent=vary_colour(uniform_colours[(index + 3) % len(uniform_colours)], rng),
                fringe=FRINGES[int(rng.integers(len(FRINGES)))],
                back_hair=back,
                outfit=outfit,
                is_boy=boy,
                ornament=str(rng.choice(ornaments)),
                seed=int(rng.integers(1 << 30)),
            )
        )
    return tuple(cast)
