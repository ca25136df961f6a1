"""What `whenanime search` prints: lines to read, or JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from whenanime_app.library.scene_json import build_local_answer, format_label, has_match
from whenanime_app.library.scene_models import NotFound
from whenanime_pipeline.commands.search import Answer, format_timecode


def format_answer(answer: Answer, *, named: bool) -> Iterator[str]:
    """Yield the lines of an answer.

    Args:
        answer: what was found.
        named: whether the first line names the picture, as one of several.
    """
    if named:
        yield f"{answer.source}:"
    if not answer.scenes:
        yield "Nothing to compare with: no frame is indexed."
    elif not has_match(answer.scenes):
        yield "Probably not in this library; what looks most like it:"
    for scene in answer.scenes:
        episode = scene.episode
        label = " ".join(filter(None, [episode.series, format_label(episode), episode.title]))
        certainty = f"{scene.similarity:6.1%} {scene.match:7}"
        turned = f"  [turned by {scene.rotated}°]" if scene.rotated else ""
        yield f"{certainty}  {format_timecode(scene.at)}  {label}  ({episode.path}){turned}"


def build_json(answers: Sequence[Answer]) -> dict[str, Any] | list[dict[str, Any]]:
    """Build the document of one answer, or the list of several, in the order of the command.

    Args:
        answers: at least one; those with a problem become an object with `error`.
    """
    documents = [
        NotFound(error=answer.problem, filename=answer.source)
        if answer.problem is not None
        else build_local_answer(answer.scenes, frame_count=answer.frame_count)
        for answer in answers
    ]
    found = [one.model_dump(mode="json", by_alias=True) for one in documents]
    return found[0] if len(found) == 1 else found
