"""Renders the pictures of a shot from cells that are drawn once and composited."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from whenanime_pipeline.core.sample.backgrounds import Background, paint_background
from whenanime_pipeline.core.sample.characters import CharacterDesign, Eyes, Mouth
from whenanime_pipeline.core.sample.compositing import Picture, composite_over, gaussian_blur
from whenanime_pipeline.core.sample.figure import HEAD_BOX, CharacterDrawing, draw_character
from whenanime_pipeline.core.sample.lettering import render_caption
from whenanime_pipeline.core.sample.light import LIGHTS
from whenanime_pipeline.core.sample.pose import Pose
from whenanime_pipeline.core.sample.shots import (
    FRAMING_SCALES,
    HEAD_HEIGHTS,
    MOVING_STAGE_SCALE,
    Actor,
    CameraView,
    ShotPlan,
)
from whenanime_pipeline.core.sample.style import Style

Size = tuple[int, int]
Box = tuple[float, float, float, float]
FaceState = tuple[Eyes, Mouth, int | None]
CELL_HALF_WIDTH = 2.5  # half width of a character's cell in head units


@lru_cache(maxsize=4)
def _paint_cached(background: Background, style: Style, size: Size, frame_height: int) -> Picture:
    return paint_background(background, style, size, frame_height)


@dataclass(frozen=True)
class ShotRenderer:
    """Renderer of one shot.

    Attributes:
        shot: plan of the shot.
        cast: cast of the series.
        style: style of the series.
        size: (width, height) of the frames in pixels.
    """

    shot: ShotPlan
    cast: tuple[CharacterDesign, ...]
    style: Style
    size: Size

    @property
    def stage_size(self) -> Size:
        """(width, height) of the stage in pixels."""
        return round(self.size[0] * self.shot.stage_scale), round(
            self.size[1] * self.shot.stage_scale
        )

    @cached_property
    def _backdrop(self) -> Picture:
        width, height = self.stage_size
        background = self.shot.background
        if background is None:
            return np.zeros((height, width, 3), np.uint8)
        frame_width, frame_height = self.size
        large = (round(frame_width * MOVING_STAGE_SCALE), round(frame_height * MOVING_STAGE_SCALE))
        painting = _paint_cached(background, self.style, large, frame_height)
        picture = _crop_view(painting, self.shot.crop, (width, height), fit=True)
        if self.shot.blur > 0:
            picture = gaussian_blur(picture, self.shot.blur * height)
        return np.asarray(picture, np.uint8)

    @cached_property
    def _cells(self) -> dict[tuple[int, FaceState], Picture]:
        return {}

    @cached_property
    def _drawings(self) -> dict[tuple[int, int | None], CharacterDrawing]:
        return {}

    def _get_cell(self, number: int, state: FaceState) -> Picture:
        if (number, state) not in self._cells:
            actor = self.shot.actors[number]
            step = state[2]
            if (number, step) not in self._drawings:
                self._drawings[number, step] = self._draw(actor, step)
            cell = self._drawings[number, step].render_cell(state[0], state[1])
            if self.shot.background is not None:
                cell = LIGHTS[self.shot.background.time].tint_cell(cell)
            if actor.speed < 0:
                cell = np.ascontiguousarray(cell[:, ::-1])
            self._cells[number, state] = cell
        return self._cells[number, state]

    def _draw(self, actor: Actor, step: int | None) -> CharacterDrawing:
        unit, (_, head_y) = self._head_scale(actor), self._head_origin(actor, 0)
        width = 2 * round(CELL_HALF_WIDTH * unit)
        above = round(min(head_y, 2.0 * unit))
        height = max(1, min(self.stage_size[1] - round(head_y), round(10.4 * unit)) + above)
        canvas = self.style.make_canvas(
            width, height, scale=unit, origin=(width / 2, above), picture_height=self.size[1]
        )
        pose = Pose(actor.pose.arm, step)
        return draw_character(canvas, self.cast[actor.cast], self.style, actor.mood, pose)

    def _head_scale(self, actor: Actor) -> float:
        head = self.style.head if actor.framing == "full" else 1.0
        return FRAMING_SCALES[actor.framing] * self.size[1] * head * actor.size

    def _head_origin(self, actor: Actor, frame: int) -> tuple[float, float]:
        """Return the position of the head's origin on the stage in pixels."""
        width, height = self.stage_size
        margin = (height - self.size[1]) / 2
        x = actor.x_at(frame) * width
        return x, margin * 0.9 + HEAD_HEIGHTS[actor.framing] * self.size[1]

    def picture_key(self, frame: int) -> tuple[object, ...]:
        """Return a key of the picture at a frame: equal keys mean equal pictures."""
        shot = self.shot
        actors = tuple(
            (*self._face_state(actor, frame), actor.x_at(frame)) for actor in shot.actors
        )
        spoken = tuple(caption for caption in shot.captions if frame in caption.span)
        return actors, spoken, shot.view_at(frame), _fade_level(shot, frame)

    @staticmethod
    def _face_state(actor: Actor, frame: int) -> FaceState:
        return actor.eyes_at(frame), actor.mouth_at(frame), actor.walk_step_at(frame)

    def render_picture(self, frame: int) -> Picture:
        """Render the picture at a frame of the shot: RGB (height, width, 3) uint8."""
        stage = self._backdrop.copy()
        for number, actor in enumerate(self.shot.actors):
            cell = self._get_cell(number, self._face_state(actor, frame))
            x, y = self._head_origin(actor, frame)
            above = round(min(y, 2.0 * self._head_scale(actor)))
            composite_over(stage, cell, round(x) - cell.shape[1] // 2, round(y) - above)
        picture = stage
        if self.shot.stage_scale != 1.0:
            picture = _crop_view(stage, self.shot.view_at(frame), self.size)
        for caption in self.shot.captions:
            if frame in caption.span:
                composite_over(
                    picture,
                    *render_caption(caption.text, caption.role, self.style.lettering, *self.size),
                )
        fade = _fade_level(self.shot, frame)
        return picture if fade >= 1 else np.asarray(cv2.convertScaleAbs(picture, alpha=fade))

    def find_heads(self, frame: int) -> list[Box | None]:
        """Return each actor's head at a frame: (left, top, right, bottom) in the frame's pixels.

        Boxes are cropped to the frame; None where less than a third of the head is visible.
        """
        width, height = self.size
        view = self.shot.view_at(frame)
        boxes: list[Box | None] = []
        for actor in self.shot.actors:
            x, y = self._head_origin(actor, frame)
            unit = self._head_scale(actor)
            x += np.sin(np.radians(actor.mood.tilt)) * unit  # heads tilt about the neck
            left, top, right, bottom = (
                x + HEAD_BOX[0] * unit,
                y + HEAD_BOX[1] * unit,
                x + HEAD_BOX[2] * unit,
                y + HEAD_BOX[3] * unit,
            )
            if self.shot.stage_scale != 1.0:
                x0, y0, scale = _camera_window(view, self.stage_size, self.size)
                left, right = (left - x0) * scale, (right - x0) * scale
                top, bottom = (top - y0) * scale, (bottom - y0) * scale
            full_area = (right - left) * (bottom - top)
            cut = (
                max(0.0, left),
                max(0.0, top),
                min(float(width), right),
                min(float(height), bottom),
            )
            visible = max(0.0, cut[2] - cut[0]) * max(0.0, cut[3] - cut[1])
            boxes.append(cut if visible > full_area / 3 else None)
        return boxes


def _fade_level(shot: ShotPlan, frame: int) -> float:
    """Return the brightness (0 to 1) of a fading shot at a frame."""
    level = 1.0
    if shot.fade_in:
        level = min(level, (frame + 1) / (shot.fade_in + 1))
    if shot.fade_out:
        level = min(level, (shot.frames - frame) / (shot.fade_out + 1))
    return level


def _camera_window(view: CameraView, stage: Size, size: Size) -> tuple[float, float, float]:
    """Return left and top of the view on the stage, and pixels of frame per pixel of stage."""
    width, height = size[0] / view.zoom, size[1] / view.zoom
    left = min(max(view.x * stage[0] - width / 2, 0.0), max(0.0, stage[0] - width))
    top = min(max(view.y * stage[1] - height / 2, 0.0), max(0.0, stage[1] - height))
    return left, top, view.zoom


def _crop_view(stage: Picture, view: CameraView, size: Size, *, fit: bool = False) -> Picture:
    """Return the part of a stage in a view, at a size; with `fit`, zoom 1 is the whole stage."""
    height, width = stage.shape[:2]
    view_size = (width, height) if fit else size
    left, top, scale = _camera_window(view, (width, height), view_size)
    scale *= size[0] / view_size[0]
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float64)
    small = scale < 0.9
    if small:  # a plain warp would skip pixels
        box = stage[
            round(top) : round(top + size[1] / scale), round(left) : round(left + size[0] / scale)
        ]
        return np.asarray(cv2.resize(box, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(
        cv2.warpAffine(
            stage, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
