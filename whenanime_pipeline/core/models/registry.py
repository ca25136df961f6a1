"""The models of a home: which there are, what is known of each, and which may be used."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import (
    IN_USE_FILE,
    META_FILE,
    ModelMeta,
    base_model_folder,
    read_model,
)
from whenanime_pipeline.core.search.errors import ModelError

BASE_NAME = "base"
"""What the model that ships with the package is called."""
LATEST_ALIAS = "latest"
"""Asks for the trained model that was made last."""
REPORT_FILE = "report.json"
TRAINING_PREFIX = "training-"
"""Prefix of folders next to the models that hold a running or interrupted training."""
_IGNORED_PREFIXES = (".", TRAINING_PREFIX)
_OTHER_KINDS = frozenset({"themes"})
"""Folders next to the models that hold models of other kinds."""


class Check(BaseModel):
    """Something a model was held to before it may be used.

    Attributes:
        name: of the check.
        passed: whether it holds.
        says: what was found, a sentence with its figures.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    passed: bool
    says: str


class _Report(BaseModel):
    """What adoption needs of `report.json`."""

    model_id: str
    checks: tuple[Check, ...]
    rival: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """One folder of `models/`, or the base model.

    Attributes:
        name: of the folder, or `base`.
        folder: where it is.
        in_use: whether new features are made with it.
        meta: what its `meta.json` says; None when it cannot be used.
        problem: why it cannot.
        checks: of its report; None when it has none.
        rival: id of the model it was compared with there.
        created_at: when it was written, ISO 8601 in UTC; None when it is gone.
    """

    name: str
    folder: Path
    in_use: bool
    meta: ModelMeta | None
    problem: str | None
    checks: tuple[Check, ...] | None
    rival: str | None
    created_at: str | None

    @property
    def id(self) -> str:
        """Its id; of a damaged one the folder's name."""
        return self.meta.model_id if self.meta else self.name

    @property
    def is_shipped(self) -> bool:
        """Whether it is the one of the package."""
        return self.folder == base_model_folder()

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks or () if not check.passed)

    def find_meta_value(self, *path: str) -> object:
        """Return a value of `meta.json` by the names on the way to it.

        None when it is not there: only what `ModelMeta` asks for has to be, or of any kind.
        """
        value: object = self.meta.model_extra if self.meta else None
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value


def list_models(home: Home) -> list[RegisteredModel]:
    """Return the base model and those of a home, the oldest first.

    What is damaged is listed with what is wrong; so is one that is in use and gone.
    """
    used = read_name_in_use(home)
    found = [_describe_model(home, name, used) for name in _names(home.models)]
    if used != BASE_NAME and used not in {model.name for model in found}:
        found.append(_describe_model(home, used, used))
    found.sort(key=lambda model: (model.created_at or "", model.name))
    return [_describe_model(home, BASE_NAME, used), *found]


def find_model(home: Home, wanted: str) -> RegisteredModel:
    """Return a model by what a person calls it.

    Args:
        home: of the library.
        wanted: `base`, `latest`, a folder's name, an id, or the beginning of just one id.

    Raises:
        ModelError: there is no such model, or there are several.
    """
    models = list_models(home)
    if wanted == LATEST_ALIAS:
        return _latest(home, models)
    exact = [model for model in models if model.name == wanted]
    begun = [model for model in models if wanted and model.id.startswith(wanted)]
    found = exact or begun
    if not found:
        raise ModelError(
            f"{wanted}: no such model in {home.models}; there are {_format_models(models)}"
        )
    if len({model.id for model in found}) > 1:
        raise ModelError(f"{wanted}: could be any of {_format_models(found)}; give more of the id")
    return found[0]


def get_model_by_name(home: Home, name: str) -> RegisteredModel:
    """Return the model in the folder of a name, `base` for the shipped one; it may be gone."""
    return _describe_model(home, name, read_name_in_use(home))


def read_name_in_use(home: Home) -> str:
    """Return the name of the folder in use, `base` when none was adopted; it may be gone."""
    name = _read_pointer(home.models)
    return BASE_NAME if name is None else name


def _read_pointer(models: Path) -> str | None:
    """Return the name in `IN_USE`; None when no model was adopted."""
    try:
        # A damaged pointer names a folder that is missing, which is an error that says so.
        return (models / IN_USE_FILE).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None


def _names(models: Path) -> Iterator[str]:
    try:
        entries = list(models.iterdir())
    except FileNotFoundError:
        return
    for entry in entries:
        is_ours = not entry.name.startswith(_IGNORED_PREFIXES) and entry.name not in _OTHER_KINDS
        if is_ours and entry.is_dir():
            yield entry.name


def _describe_model(home: Home, name: str, used: str) -> RegisteredModel:
    folder = base_model_folder() if name == BASE_NAME else home.models / name
    meta, problem = None, None
    try:
        meta, _ = read_model(folder)
    except ModelError as error:
        problem = str(error)
    report = _report(folder, meta.model_id) if meta else None
    return RegisteredModel(
        name=name,
        folder=folder,
        in_use=name == used,
        meta=meta,
        problem=problem,
        checks=report.checks if report else None,
        rival=report.rival if report else None,
        created_at=_read_creation_time(folder),
    )


def _report(folder: Path, model_id: str) -> _Report | None:
    """Return a model's report; None when there is none, or it is another model's."""
    try:
        text = (folder / REPORT_FILE).read_text(encoding="utf-8")
        report = _Report.model_validate(json.loads(text))
    except (OSError, ValueError, ValidationError):
        return None
    return report if report.model_id == model_id else None


def _read_creation_time(folder: Path) -> str | None:
    try:
        changed = (folder / META_FILE).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(changed, UTC).isoformat(timespec="microseconds")


def _latest(home: Home, models: Sequence[RegisteredModel]) -> RegisteredModel:
    trained = [model for model in models if not model.is_shipped and model.meta]
    if not trained:
        raise ModelError(f"{home.models}: no model was trained yet; run `whenanime train`")
    return trained[-1]


def _format_models(models: Sequence[RegisteredModel]) -> str:
    return ", ".join(f"{BASE_NAME} ({m.id})" if m.is_shipped else m.id for m in models)


def find_model_in_use(models: Path) -> Path:
    """Return the folder of the model a home uses: the adopted one, else the base model.

    Args:
        models: the home's `models/` folder.

    Raises:
        ModelError: a model was adopted and is gone.
    """
    name = _read_pointer(models)
    if name is None:
        return base_model_folder()
    pointer, folder = models / IN_USE_FILE, models / name
    if not (folder / META_FILE).is_file():
        raise ModelError(f"{folder}: the model in use is gone; restore it or delete {pointer}")
    return folder
