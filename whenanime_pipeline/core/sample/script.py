"""What happens when: an episode's plan drawn from a seed, as pure data.

An episode is a cold open of varying length, the opening, two acts around an eyecatch, and the
ending, with black between. Themes draw from the series' seed, so they repeat; everything else
draws from the episode's.
"""

import numpy as np

from whenanime_pipeline.core.sample.backgrounds import GRAPHICS, PLACES, TIMES, Background, Place
from whenanime_pipeline.core.sample.characters import Mood
from whenanime_pipeline.core.sample.figure import Pose
from whenanime_pipeline.core.sample.lines import LINES
from whenanime_pipeline.core.sample.series import Series
from whenanime_pipeline.core.sample.shots import (
    Actor,
    Caption,
    EpisodePlan,
    Framing,
    Part,
    Shot,
    Span,
    Theme,
    View,
)

FRAMES_PER_SECOND = 24  # 24000/1001, counted in whole frames here
OPENING_SHOTS, OPENING_BEAT = 8, 36  # 12 s of song cut on the beat
ENDING_SHOTS, ENDING_BEAT = 4, 54
Rng = np.random.Generator


def _frames(rng: Rng, low: float, high: float) -> int:
    return round(float(rng.uniform(low, high)) * FRAMES_PER_SECOND)


def _mood(rng: Rng, toward: float = 0.0) -> Mood:
    """A face, turned towards -1 (left) to 1 (right) if asked."""
    turn = float(np.clip(toward * rng.uniform(0.35, 1.0) + rng.normal(0, 0.25), -1, 1))
    return Mood(
        turn=turn,
        tilt=float(rng.normal(0, 4)),
        brow=float(rng.uniform(-1, 1)),
        smile=float(rng.uniform(-0.6, 1.0)),
        blush=bool(rng.random() < 0.2),
        gaze=(float(np.clip(turn + rng.normal(0, 0.3), -1, 1)), float(rng.normal(0, 0.25))),
    )


def _blinks(rng: Rng, frames: int) -> tuple[int, ...]:
    first = int(rng.integers(8, 60))
    return tuple(range(first, max(first, frames - 8), int(rng.integers(50, 90))))


def _talks(rng: Rng, frames: int) -> tuple[Span, ...]:
    """One or two spoken phrases within a shot."""
    start = int(rng.integers(4, 12))
    if frames < 64 or rng.random() < 0.4:
        return (Span(start, frames - int(rng.integers(6, 14))),)
    middle = frames // 2
    return Span(start, middle - 5), Span(middle + 5, frames - 8)


def _actor(rng: Rng, cast: int, framing: Framing, x: float, toward: float, frames: int, *,
           talking: bool) -> Actor:  # fmt: skip
    arm = str(rng.choice(["down", "raised", "akimbo"], p=[0.7, 0.18, 0.12]))
    return Actor(
        cast=cast,
        framing=framing,
        x=x,
        mood=_mood(rng, toward),
        pose=Pose(arm if framing != "close" else "down"),
        talks=_talks(rng, frames) if talking else (),
        blinks=_blinks(rng, frames),
        size=float(rng.uniform(0.9, 1.14)),
        beat=int(rng.integers(2, 4)),
        seed=int(rng.integers(1 << 30)),
    )


def _camera(rng: Rng, *, moving: bool) -> tuple[View, View]:
    if not moving:
        return View(), View()
    if rng.random() < 0.55:
        side = 1 if rng.random() < 0.5 else -1
        y = float(rng.uniform(0.42, 0.58))
        return View(0.5 - 0.12 * side, y), View(0.5 + 0.12 * side, y)
    wide, tight = View(0.5, 0.5, 0.78), View(float(rng.uniform(0.46, 0.54)), 0.46, 1.04)
    return (wide, tight) if rng.random() < 0.6 else (tight, wide)


def _crop(rng: Rng, zoom: float) -> View:
    return View(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.4, 0.6)), zoom)


def _establishing(rng: Rng, part: Part, background: Background, *, dissolve: bool) -> Shot:
    """The place alone, the camera moving over it."""
    return Shot(part, _frames(rng, 1.8, 2.8), background, camera=_camera(rng, moving=True),
                dissolve=14 if dissolve else 0)  # fmt: skip


def _speaking(
    rng: Rng, part: Part, background: Background, cast: int, side: int, line: str
) -> Shot:
    """One character alone, speaking, seen close."""
    frames = _frames(rng, 1.7, 3.0)
    framing: Framing = "close" if rng.random() < 0.45 else "bust"
    actor = _actor(rng, cast, framing, 0.5 - 0.13 * side + float(rng.normal(0, 0.035)), side, frames, talking=True)
    captions = (Caption(Span(actor.talks[0].start, actor.talks[-1].end), line),) if line else ()
    return Shot(part, frames, background, crop=_crop(rng, float(rng.uniform(1.35, 2.1))), actors=(actor,),
                captions=captions, blur=0.008 if framing == "close" else 0.004)  # fmt: skip


def _together(rng: Rng, part: Part, background: Background, pair: tuple[int, int]) -> Shot:
    """Two characters in one picture, one of them speaking."""
    frames = _frames(rng, 1.8, 3.0)
    framing: Framing = "half" if rng.random() < 0.6 else "bust"
    gap = 0.2 if framing == "half" else 0.23
    middle = float(rng.uniform(0.46, 0.54))
    speaker = int(rng.integers(2))
    actors = tuple(
        _actor(rng, cast, framing, middle + side * gap, -side, frames, talking=index == speaker)
        for index, (cast, side) in enumerate(zip(pair, (-1, 1), strict=True))
    )
    return Shot(part, frames, background, crop=_crop(rng, float(rng.uniform(1.1, 1.35))), actors=actors,
                camera=_camera(rng, moving=bool(rng.random() < 0.35)), blur=0.002)  # fmt: skip


def _walking(rng: Rng, part: Part, background: Background, cast: int) -> Shot:
    """A figure walking through the picture."""
    frames = _frames(rng, 2.0, 2.8)
    side = 1 if rng.random() < 0.5 else -1
    actor = Actor(cast, "full", 0.5 - side * 0.34, Mood(turn=0.8, gaze=(0.7, 0.0)),
                  speed=side * 0.68 / frames)  # fmt: skip
    return Shot(
        part, frames, background, crop=_crop(rng, float(rng.uniform(1.0, 1.15))), actors=(actor,)
    )


def _scene(rng: Rng, series: Series, part: Part, seconds: float, *, dissolve: bool) -> list[Shot]:
    """Shots in one place until at least `seconds` have passed."""
    background = _background(rng)
    first, second = (int(i) for i in rng.choice(len(series.cast), 2, replace=False))
    shots = [_establishing(rng, part, background, dissolve=dissolve)]
    side = 1
    while sum(shot.frames for shot in shots) < seconds * FRAMES_PER_SECOND:
        choice = rng.random()
        if choice < 0.55:
            line = str(rng.choice(LINES)) if rng.random() < 0.6 else ""
            speaker = first if side > 0 else second
            shots.append(_speaking(rng, part, background, speaker, side, line))
            side = -side
        elif choice < 0.83:
            shots.append(_together(rng, part, background, (first, second)))
        else:
            shots.append(_walking(rng, part, background, first))
    return shots


def draw_shot(rng: Rng, members: int) -> Shot:
    """A shot by itself, of any kind.

    Args:
        rng: drawn from.
        members: how many the cast has, 2 or more.
    """
    background = _background(rng)
    first, second = (int(i) for i in rng.choice(members, 2, replace=False))
    kind, line = rng.random(), str(rng.choice(LINES)) if rng.random() < 0.35 else ""
    if kind < 0.12:
        return _establishing(rng, "story", background, dissolve=False)
    if kind < 0.58:
        return _speaking(rng, "story", background, first, int(rng.choice([-1, 1])), line)
    if kind < 0.85:
        return _together(rng, "story", background, (first, second))
    return _walking(rng, "story", background, first)


def _background(rng: Rng) -> Background:
    place = PLACES[int(rng.integers(len(PLACES)))]
    return Background(place, TIMES[int(rng.integers(len(TIMES)))], int(rng.integers(1 << 30)))


def _act(rng: Rng, series: Series, part: Part, seconds: float) -> list[Shot]:
    shots: list[Shot] = []
    while (left := seconds * FRAMES_PER_SECOND - sum(shot.frames for shot in shots)) > 0:
        length = min(left / FRAMES_PER_SECOND, float(rng.uniform(6, 9)))
        shots += _scene(
            rng, series, part, length, dissolve=bool(shots) and bool(rng.random() < 0.5)
        )
    return shots


def _black(rng: Rng) -> Shot:
    return Shot("black", _frames(rng, 0.4, 0.8), None)


def opening_shots(series: Series, version: int) -> list[Shot]:
    """The opening's pictures: as long in every version, cut on the song's beat."""
    rng = np.random.default_rng([series.seed, version, 0x0B])
    shots: list[Shot] = []
    order = rng.permutation(len(series.cast))
    for number in range(OPENING_SHOTS):
        title = number == OPENING_SHOTS // 2
        places: tuple[Place, ...] = GRAPHICS if number % 2 == 0 or title else PLACES
        background = Background(places[int(rng.integers(len(places)))], "day" if number < 5 else "sunset",
                                int(rng.integers(1 << 30)))  # fmt: skip
        cast = int(order[number % len(order)])
        framing: Framing = ("bust", "half", "close", "half")[number % 4]
        x = float(rng.uniform(0.34, 0.66))
        actors: tuple[Actor, ...] = (
            _actor(rng, cast, framing, x, 0.5 - x, OPENING_BEAT, talking=False),
        )
        if title:
            actors = ()
        if number == OPENING_SHOTS - 1:
            actors = tuple(
                _actor(rng, i, "half", 0.5 + 0.19 * (i - 2), 0.0, OPENING_BEAT, talking=False)
                for i in range(min(5, len(series.cast)))
            )
        captions = (Caption(Span(6, OPENING_BEAT), series.logo, "title"),) if title else ()
        shots.append(Shot("opening", OPENING_BEAT, background, crop=_crop(rng, 1.1), actors=actors, captions=captions,
                          camera=_camera(rng, moving=number % 2 == 1 and not title)))  # fmt: skip
    return shots


def ending_shots(series: Series) -> list[Shot]:
    """The ending's pictures: slow, with credits."""
    rng = np.random.default_rng([series.seed, 0xED])
    shots = []
    for number in range(ENDING_SHOTS):
        place: Place = ("night", "petals", "sea", "skyline")[(number + series.index) % 4]
        background = Background(
            place, ("sunset", "night", "dawn")[number % 3], int(rng.integers(1 << 30))
        )
        x = (0.3, 0.7)[number % 2]
        actor = _actor(
            rng,
            (number + series.index) % len(series.cast),
            "half",
            x,
            0.5 - x,
            ENDING_BEAT,
            talking=False,
        )
        names = " & ".join(look.name for look in series.cast[number % 3 : number % 3 + 2])
        job = ("Drawn by code", f"Voices: {names}", "Music: sine waves", "See you next time")[
            number
        ]
        shots.append(Shot("ending", ENDING_BEAT, background, crop=_crop(rng, 1.1), actors=(actor,),
                          camera=_camera(rng, moving=number % 2 == 0),
                          captions=(Caption(Span(6, ENDING_BEAT - 4), job, "credit"),),
                          dissolve=12 if number else 0, fade_out=12 if number == ENDING_SHOTS - 1 else 0))  # fmt: skip
    return shots


def _eyecatch(rng: Rng, series: Series) -> Shot:
    background = Background(
        GRAPHICS[int(rng.integers(len(GRAPHICS)))], "day", int(rng.integers(1 << 30))
    )
    actor = _actor(
        rng,
        int(rng.integers(len(series.cast))),
        "half",
        float(rng.choice([0.2, 0.8])),
        0.0,
        48,
        talking=False,
    )
    return Shot("eyecatch", 48, background, crop=_crop(rng, 1.2), actors=(actor,),
                captions=(Caption(Span(0, 48), series.logo, "title"),))  # fmt: skip


def plan_episode(series: Series, number: int, episodes: int, seed: int) -> EpisodePlan:
    """The plan of an episode.

    Args:
        series: whose episode.
        number: of the episode, from 1.
        episodes: how many the series has; the last but one of the first series opens with changed
            pictures under the same song, the last of the second series has no ending.
        seed: of the library.
    """
    own = int(np.random.default_rng([seed, series.index, number]).integers(1 << 30))
    rng = np.random.default_rng(own)
    shots = _scene(rng, series, "cold open", float(rng.uniform(2.5, 10)), dissolve=False) + [
        _black(rng)
    ]
    changed = series.index == 0 and episodes > 1 and number == max(2, episodes - 1)
    start = sum(shot.frames for shot in shots)
    shots += opening_shots(series, version=int(changed))
    opening = Theme(Span(start, sum(shot.frames for shot in shots)), "b" if changed else "a")
    shots += [_black(rng), *_act(rng, series, "story", float(rng.uniform(10, 16)))]
    shots += [
        _black(rng),
        _eyecatch(rng, series),
        *_act(rng, series, "story", float(rng.uniform(10, 16))),
    ]
    shots.append(_black(rng))
    ending = None
    if not (series.index == 1 and episodes > 1 and number == episodes):
        start = sum(shot.frames for shot in shots)
        shots += ending_shots(series)
        ending = Theme(Span(start, sum(shot.frames for shot in shots)), "a")
        shots.append(_black(rng))
    return EpisodePlan(
        series.index, number, series.episode_title(number), tuple(shots), opening, ending, own
    )
