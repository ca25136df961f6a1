"""Plans opening and ending from the series' seed, so that they repeat, and the eyecatch."""

import numpy as np

from whenanime_pipeline.core.sample.backgrounds import GRAPHICS, PLACES, Background, Place
from whenanime_pipeline.core.sample.random_acting import (
    Rng,
    choose_actor,
    choose_camera,
    choose_crop,
)
from whenanime_pipeline.core.sample.series import Series
from whenanime_pipeline.core.sample.shots import (
    Actor,
    Caption,
    FrameSpan,
    Framing,
    ShotPlan,
)

OPENING_SHOTS = 8


OPENING_SHOT_FRAMES = 36  # frames per shot: eight shots last 12 s of song


ENDING_SHOTS = 4


ENDING_SHOT_FRAMES = 54


def plan_opening(series: Series, version: int) -> list[ShotPlan]:
    """Plan the opening: of equal length in every version, cut on the song's beat."""
    rng = np.random.default_rng([series.seed, version, 0x0B])
    shots: list[ShotPlan] = []
    order = rng.permutation(len(series.cast))
    for number in range(OPENING_SHOTS):
        title = number == OPENING_SHOTS // 2
        places: tuple[Place, ...] = GRAPHICS if number % 2 == 0 or title else PLACES
        background = Background(
            places[int(rng.integers(len(places)))],
            "day" if number < 5 else "sunset",
            int(rng.integers(1 << 30)),
        )
        cast = int(order[number % len(order)])
        framing: Framing = ("bust", "half", "close", "half")[number % 4]
        x = float(rng.uniform(0.34, 0.66))
        actors: tuple[Actor, ...] = (
            choose_actor(rng, cast, framing, x, 0.5 - x, OPENING_SHOT_FRAMES, talking=False),
        )
        if title:
            actors = ()
        if number == OPENING_SHOTS - 1:
            actors = tuple(
                choose_actor(
                    rng, i, "half", 0.5 + 0.19 * (i - 2), 0.0, OPENING_SHOT_FRAMES, talking=False
                )
                for i in range(min(5, len(series.cast)))
            )
        captions = (
            (Caption(FrameSpan(6, OPENING_SHOT_FRAMES), series.logo, "title"),) if title else ()
        )
        shots.append(
            ShotPlan(
                "opening",
                OPENING_SHOT_FRAMES,
                background,
                crop=choose_crop(rng, 1.1),
                actors=actors,
                captions=captions,
                camera=choose_camera(rng, moving=number % 2 == 1 and not title),
            )
        )
    return shots


def plan_ending(series: Series) -> list[ShotPlan]:
    """Plan the ending: slow, with credits."""
    rng = np.random.default_rng([series.seed, 0xED])
    shots = []
    for number in range(ENDING_SHOTS):
        place: Place = ("night", "petals", "sea", "skyline")[(number + series.index) % 4]
        background = Background(
            place, ("sunset", "night", "dawn")[number % 3], int(rng.integers(1 << 30))
        )
        x = (0.3, 0.7)[number % 2]
        actor = choose_actor(
            rng,
            (number + series.index) % len(series.cast),
            "half",
            x,
            0.5 - x,
            ENDING_SHOT_FRAMES,
            talking=False,
        )
        names = " & ".join(look.name for look in series.cast[number % 3 : number % 3 + 2])
        job = ("Drawn by code", f"Voices: {names}", "Music: sine waves", "See you next time")[
            number
        ]
        shots.append(
            ShotPlan(
                "ending",
                ENDING_SHOT_FRAMES,
                background,
                crop=choose_crop(rng, 1.1),
                actors=(actor,),
                camera=choose_camera(rng, moving=number % 2 == 0),
                captions=(Caption(FrameSpan(6, ENDING_SHOT_FRAMES - 4), job, "credit"),),
                dissolve=12 if number else 0,
                fade_out=12 if number == ENDING_SHOTS - 1 else 0,
            )
        )
    return shots


def plan_eyecatch(rng: Rng, series: Series) -> ShotPlan:
    """Plan the card in the middle of an episode: the title and a random member of the cast."""
    background = Background(
        GRAPHICS[int(rng.integers(len(GRAPHICS)))], "day", int(rng.integers(1 << 30))
    )
    actor = choose_actor(
        rng,
        int(rng.integers(len(series.cast))),
        "half",
        float(rng.choice([0.2, 0.8])),
        0.0,
        48,
        talking=False,
    )
    return ShotPlan(
        "eyecatch",
        48,
        background,
        crop=choose_crop(rng, 1.2),
        actors=(actor,),
        captions=(Caption(FrameSpan(0, 48), series.logo, "title"),),
    )
