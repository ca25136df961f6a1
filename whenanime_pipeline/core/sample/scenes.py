"""Plans the story's shots: establishing, speaking, two-shots and walking."""

from whenanime_pipeline.core.sample.backgrounds import PLACES, TIMES, Background
from whenanime_pipeline.core.sample.characters import Expression
from whenanime_pipeline.core.sample.dialogue import DIALOGUE_LINES
from whenanime_pipeline.core.sample.random_acting import (
    NOMINAL_FPS,
    Rng,
    choose_actor,
    choose_camera,
    choose_crop,
    choose_length,
)
from whenanime_pipeline.core.sample.series import Series
from whenanime_pipeline.core.sample.shots import (
    Actor,
    Caption,
    EpisodePart,
    FrameSpan,
    Framing,
    ShotPlan,
)


def _plan_establishing(
    rng: Rng, part: EpisodePart, background: Background, *, dissolve: bool
) -> ShotPlan:
    """Plan a shot of the place alone, with a moving camera."""
    return ShotPlan(
        part,
        choose_length(rng, 1.8, 2.8),
        background,
        camera=choose_camera(rng, moving=True),
        dissolve=14 if dissolve else 0,
    )


def _plan_speaking(
    rng: Rng, part: EpisodePart, background: Background, cast: int, side: int, line: str
) -> ShotPlan:
    """Plan a close shot of one speaking character."""
    frames = choose_length(rng, 1.7, 3.0)
    framing: Framing = "close" if rng.random() < 0.45 else "bust"
    actor = choose_actor(
        rng,
        cast,
        framing,
        0.5 - 0.13 * side + float(rng.normal(0, 0.035)),
        side,
        frames,
        talking=True,
    )
    captions = (
        (Caption(FrameSpan(actor.talks[0].start, actor.talks[-1].end), line),) if line else ()
    )
    return ShotPlan(
        part,
        frames,
        background,
        crop=choose_crop(rng, float(rng.uniform(1.35, 2.1))),
        actors=(actor,),
        captions=captions,
        blur=0.008 if framing == "close" else 0.004,
    )


def _plan_two_shot(
    rng: Rng, part: EpisodePart, background: Background, pair: tuple[int, int]
) -> ShotPlan:
    """Plan a shot of two characters, one of them speaking."""
    frames = choose_length(rng, 1.8, 3.0)
    framing: Framing = "half" if rng.random() < 0.6 else "bust"
    gap = 0.2 if framing == "half" else 0.23
    middle = float(rng.uniform(0.46, 0.54))
    speaker = int(rng.integers(2))
    actors = tuple(
        choose_actor(
            rng, cast, framing, middle + side * gap, -side, frames, talking=index == speaker
        )
        for index, (cast, side) in enumerate(zip(pair, (-1, 1), strict=True))
    )
    return ShotPlan(
        part,
        frames,
        background,
        crop=choose_crop(rng, float(rng.uniform(1.1, 1.35))),
        actors=actors,
        camera=choose_camera(rng, moving=bool(rng.random() < 0.35)),
        blur=0.002,
    )


def _plan_walking(rng: Rng, part: EpisodePart, background: Background, cast: int) -> ShotPlan:
    """Plan a shot of a figure walking through the picture."""
    frames = choose_length(rng, 2.0, 2.8)
    side = 1 if rng.random() < 0.5 else -1
    actor = Actor(
        cast,
        "full",
        0.5 - side * 0.34,
        Expression(turn=0.8, gaze=(0.7, 0.0)),
        speed=side * 0.68 / frames,
    )
    return ShotPlan(
        part,
        frames,
        background,
        crop=choose_crop(rng, float(rng.uniform(1.0, 1.15))),
        actors=(actor,),
    )


def choose_background(rng: Rng) -> Background:
    """Return a random place at a random time of day."""
    place = PLACES[int(rng.integers(len(PLACES)))]
    return Background(place, TIMES[int(rng.integers(len(TIMES)))], int(rng.integers(1 << 30)))


def plan_random_shot(rng: Rng, members: int) -> ShotPlan:
    """Plan a single shot of a random kind.

    Args:
        rng: random generator.
        members: size of the cast, 2 or more.
    """
    background = choose_background(rng)
    first, second = (int(i) for i in rng.choice(members, 2, replace=False))
    kind, line = rng.random(), str(rng.choice(DIALOGUE_LINES)) if rng.random() < 0.35 else ""
    if kind < 0.12:
        return _plan_establishing(rng, "story", background, dissolve=False)
    if kind < 0.58:
        return _plan_speaking(rng, "story", background, first, int(rng.choice([-1, 1])), line)
    if kind < 0.85:
        return _plan_two_shot(rng, "story", background, (first, second))
    return _plan_walking(rng, "story", background, first)


def plan_scene(
    rng: Rng, series: Series, part: EpisodePart, seconds: float, *, dissolve: bool
) -> list[ShotPlan]:
    """Plan shots in one place that last at least `seconds`."""
    background = choose_background(rng)
    first, second = (int(i) for i in rng.choice(len(series.cast), 2, replace=False))
    shots = [_plan_establishing(rng, part, background, dissolve=dissolve)]
    side = 1
    while sum(shot.frames for shot in shots) < seconds * NOMINAL_FPS:
        choice = rng.random()
        if choice < 0.55:
            line = str(rng.choice(DIALOGUE_LINES)) if rng.random() < 0.6 else ""
            speaker = first if side > 0 else second
            shots.append(_plan_speaking(rng, part, background, speaker, side, line))
            side = -side
        elif choice < 0.83:
            shots.append(_plan_two_shot(rng, part, background, (first, second)))
        else:
            shots.append(_plan_walking(rng, part, background, first))
    return shots


def plan_act(rng: Rng, series: Series, part: EpisodePart, seconds: float) -> list[ShotPlan]:
    """Plan scenes in several places that last at least `seconds`."""
    shots: list[ShotPlan] = []
    while (left := seconds * NOMINAL_FPS - sum(shot.frames for shot in shots)) > 0:
        length = min(left / NOMINAL_FPS, float(rng.uniform(6, 9)))
        shots += plan_scene(
            rng, series, part, length, dissolve=bool(shots) and bool(rng.random() < 0.5)
        )
    return shots
