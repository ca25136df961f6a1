"""Id of everything that decides which local features are stored."""

from functools import lru_cache

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.search.local import detector, keyframes, stored
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary


@lru_cache(maxsize=1)
def local_id() -> str:
    """Return the id of the local features that this program makes.

    Raises:
        ModelError: the shipped vocabulary is missing or damaged.
    """
    return hash_json(
        {
            "vocabulary": Vocabulary.load().id,
            "detector": detector.CODE_VERSION,
            "side": detector.KEYFRAME_SETTINGS.long_side,
            "count": detector.KEYFRAME_SETTINGS.max_features,
            "key frames": keyframes.CODE_VERSION,
            "stored": stored.CODE_VERSION,
        }
    )
