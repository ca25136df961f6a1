"""Finds out from a model's `meta.json` whether it may have been trained on some frames."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from whenanime_pipeline.core.search.embedding.model_files import ModelMeta


def may_have_seen_frames(
    meta: ModelMeta | None, *, dataset: str, validating: Iterable[str]
) -> bool:
    """Return whether a model may have been trained on a dataset's validation frames.

    It may if it was trained on another dataset, whose split differs, or on a film with the name of
    a validation episode, as the base model may.

    Args:
        meta: metadata of the model; None or without training data: it was not.
        dataset: id of the dataset.
        validating: paths of its validation episodes.
    """
    training = (meta.model_extra or {}).get("training") if meta else None
    if not isinstance(training, dict):
        return False
    trained, films = training.get("dataset"), training.get("films")
    names = {PurePosixPath(path).name for path in validating}
    if isinstance(films, list) and names.intersection(map(str, films)):
        return True
    return trained is not None and trained != dataset
