"""Builds the ground truth of an episode from its plan, in seconds and pixels."""

from collections.abc import Iterator
from typing import Literal

from whenanime_pipeline.core.sample.music import SECONDS_PER_FRAME
from whenanime_pipeline.core.sample.series import Series
from whenanime_pipeline.core.sample.shot_renderer import ShotRenderer, Size
from whenanime_pipeline.core.sample.shots import BLINK_SEQUENCE, EpisodePlan, ShotPlan, ThemePlan
from whenanime_pipeline.core.sample.truth import (
    Appearance,
    CharacterTruth,
    EpisodeTruth,
    HeadBox,
    PictureSpan,
    SceneTruth,
    SeriesTruth,
    SubtitleTruth,
    ThemeTruth,
)

HEAD_BOX_INTERVAL = 6  # frames between two boxes of a moving head


def frame_to_seconds(frame: int) -> float:
    """Return the second at which a frame is shown, from the file's start."""
    return round(frame * SECONDS_PER_FRAME, 6)


def _classify_frame(shot: ShotPlan, frame: int) -> Literal["held", "flap", "blink", "moving"]:
    fading = frame < max(shot.fade_in, shot.dissolve) or frame >= shot.frames - shot.fade_out
    if shot.move != "still" or fading:
        return "moving"
    if any(frame in talk for actor in shot.actors for talk in actor.talks):
        return "flap"
    if any(
        start <= frame < start + len(BLINK_SEQUENCE)
        for actor in shot.actors
        for start in actor.blinks
    ):
        return "blink"
    return "held"


def _build_spans(shot: ShotPlan, offset: int) -> Iterator[PictureSpan]:
    first = 0
    for frame in range(1, shot.frames + 1):
        kind = _classify_frame(shot, first)
        if frame == shot.frames or _classify_frame(shot, frame) != kind:
            yield PictureSpan(
                kind, frame_to_seconds(offset + first), frame_to_seconds(offset + frame)
            )
            first = frame


def _build_appearances(film: ShotRenderer, offset: int) -> Iterator[Appearance]:
    shot = film.shot
    frames = range(0, shot.frames, HEAD_BOX_INTERVAL) if shot.move != "still" else range(1)
    heads = [(frame, film.find_heads(frame)) for frame in frames]
    for number, actor in enumerate(shot.actors):
        boxes = tuple(
            HeadBox(frame_to_seconds(offset + frame), *(round(value, 1) for value in box))
            for frame, frame_boxes in heads
            if (box := frame_boxes[number]) is not None
        )
        yield Appearance(film.cast[actor.cast].name, boxes)


def _build_scene_truth(film: ShotRenderer, offset: int) -> SceneTruth:
    shot = film.shot
    background = shot.background
    return SceneTruth(
        start=frame_to_seconds(offset),
        end=frame_to_seconds(offset + shot.frames),
        part=shot.part,
        move=shot.move,
        place=background.place if background else None,
        time_of_day=background.time if background else None,
        background=background.seed if background else None,
        dissolve=frame_to_seconds(shot.dissolve),
        characters=tuple(_build_appearances(film, offset)),
        spans=tuple(_build_spans(shot, offset)),
        subtitles=tuple(
            SubtitleTruth(
                frame_to_seconds(offset + caption.span.start),
                frame_to_seconds(offset + min(shot.frames, caption.span.end)),
                caption.text,
                caption.role,
            )
            for caption in shot.captions
        ),
    )


def _build_theme_truth(theme: ThemePlan | None) -> ThemeTruth | None:
    if theme is None:
        return None
    return ThemeTruth(
        frame_to_seconds(theme.span.start), frame_to_seconds(theme.span.end), theme.version
    )


def build_episode_truth(
    series: Series, plan: EpisodePlan, size: Size, file_size: int
) -> EpisodeTruth:
    """Build the ground truth of an episode's file.

    Args:
        series: series of the episode.
        plan: plan that was rendered.
        size: (width, height) of the pictures in pixels.
        file_size: size of the file in bytes.
    """
    scenes, offset = [], 0
    for shot in plan.shots:
        scenes.append(
            _build_scene_truth(ShotRenderer(shot, series.cast, series.style, size), offset)
        )
        offset += shot.frames
    return EpisodeTruth(
        path=series.episode_path(plan.number),
        bytes=file_size,
        series=series.title,
        season=1,
        season_name=series.season_name,
        episode=plan.number,
        title=plan.title,
        duration=frame_to_seconds(plan.frames),
        frames=plan.frames,
        fps=24000 / 1001,
        width=size[0],
        height=size[1],
        scenes=tuple(scenes),
        opening=_build_theme_truth(plan.opening),
        ending=_build_theme_truth(plan.ending),
    )


def build_series_truth(series: Series) -> SeriesTruth:
    """Build the ground truth of a series and its cast."""
    cast = tuple(
        CharacterTruth(look.name, look.hair_name, look.back_hair, look.eye_name, look.outfit)
        for look in series.cast
    )
    return SeriesTruth(
        series.title, series.native, series.romaji, series.english, series.anilist, series.mal, cast
    )
