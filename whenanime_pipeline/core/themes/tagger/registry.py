"""The taggers of a home: which there are, and which is in use."""

import json
from pathlib import Path
from typing import Any

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import IN_USE_FILE, META_FILE
from whenanime_pipeline.core.themes.tagger.errors import TaggerError
from whenanime_pipeline.core.themes.tagger.model_files import base_tagger_folder, read_tagger
from whenanime_pipeline.core.themes.tagger.tagger import Tagger

BASE_TAGGER = "base"
"""What the tagger that ships with the package is called."""


def tagger_folder(home: Home, name: str) -> Path:
    """Return the folder of a tagger by its name: its id, or `base`."""
    return base_tagger_folder() if name == BASE_TAGGER else home.theme_taggers / name


def read_tagger_in_use(home: Home) -> str:
    """Return the name of the adopted tagger, `base` when none was adopted; it may be gone."""
    try:
        name = (home.theme_taggers / IN_USE_FILE).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return BASE_TAGGER
    return name.strip()


def adopt_tagger(home: Home, name: str) -> None:
    """Use a tagger from now on.

    Args:
        home: of the library.
        name: of the tagger: its id, or `base`.

    Raises:
        TaggerError: there is no such tagger, or it is damaged.
        OSError: the home cannot be written to.
    """
    if Path(name).name != name:
        raise TaggerError(f"{name}: not the name of a tagger of {home.theme_taggers}")
    read_tagger(tagger_folder(home, name))
    write_text(home.theme_taggers / IN_USE_FILE, f"{name}\n")


def load_tagger(home: Home | None = None, *, threads: int = 1) -> Tagger:
    """Load the tagger in use; the one that ships without a home.

    Raises:
        TaggerError: it is missing, damaged or of another version.
    """
    folder = base_tagger_folder() if home is None else tagger_folder(home, read_tagger_in_use(home))
    return Tagger.load(folder, threads=threads)


def find_trained_tagger(home: Home, training_id: str) -> Path | None:
    """Return the folder of the undamaged tagger of a training; None when there is none."""
    for meta in sorted(home.theme_taggers.glob(f"*/{META_FILE}")):
        try:
            found: dict[str, Any] = json.loads(meta.read_text(encoding="utf-8"))
            if found["training"]["id"] == training_id:
                read_tagger(meta.parent)
                return meta.parent
        except (OSError, ValueError, KeyError, TypeError, TaggerError):
            continue
    return None
