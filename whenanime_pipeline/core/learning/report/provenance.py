"""What a model learnt from, by its `meta.json`, and whether that favours it on some frames."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from whenanime_pipeline.core.search.embedding.model_files import ModelMeta


def may_have_seen_frames(
    meta: ModelMeta | None, *, dataset: str, validating: Iterable[str]
) -> bool:
    """Tell whether a model may have been trained on a dataset's validation frames.

    It may when it was trained on another dataset, which divides the episodes in another way; or
    on a film of the name of one that validates, as the base model may.

    Args:
        meta: of the model; None, and what does not tell, knows nothing.
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
