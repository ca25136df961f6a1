"""Writes silent episodes of a minute that share an opening, and nothing else."""

from pathlib import Path

from sample_videos import SHOT, draw_shots, episode_path, write_film_of

from whenanime_pipeline.core.workspace import Workspace

OPENING_SECONDS = 12.0
_OPENING_SEED = 900
_EPISODE_SECONDS = 60.0


def opening_start(number: int) -> float:
    """Return the second at which an episode's opening begins."""
    return 4.0 + 1.5 * number


def write_themed_episode(workspace: Workspace, number: int) -> Path:
    """Write an episode of the series `Show`: a scene, the opening, and the story."""
    before = round(opening_start(number) / SHOT)
    opening = draw_shots(_OPENING_SEED, round(OPENING_SECONDS / SHOT))
    story = draw_shots(number, round(_EPISODE_SECONDS / SHOT) - len(opening))
    pictures = [*story[:before], *opening, *story[before:]]
    return write_film_of(episode_path(workspace, number), pictures)
