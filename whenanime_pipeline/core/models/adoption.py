"""Which model is used: switched only by the operator, and back.

The pointer `models/IN_USE` names the folder; what was used before stands in `models/HISTORY`. The
two are written one after the other, and entries at the end of the history that name the model in
use are passed over, so that a crash between the writings loses nothing.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from whenanime_pipeline.core.files import flush_to_disk, write_json, write_text
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.models.registry import (
    BASE_NAME,
    RegisteredModel,
    find_model,
    get_model_by_name,
    read_name_in_use,
)
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import IN_USE_FILE
from whenanime_pipeline.core.search.errors import ModelError, SnapshotError
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id, read_manifest
from whenanime_pipeline.core.settings import load_settings

HISTORY_FILE = "HISTORY"
_REMEMBERED = 100  # names
_RENEW = "run `whenanime train` with the same options again, or materialise model_report for it"
_SIDE = 64  # pixels of the picture a model is tried on


class RefusedError(ModelError):
    """A model could be used, and something speaks against it; `anyway` is above that."""


@dataclass(frozen=True, slots=True)
class ModelSwitch:
    """What came of asking for another model.

    Attributes:
        model: the one in use now.
        previous: name of the one that was in use.
        changed: whether they differ.
        notes: what the operator should know, a sentence each.
    """

    model: RegisteredModel
    previous: str
    changed: bool
    notes: tuple[str, ...]


def use_model(home: Home, wanted: str, *, anyway: bool = False) -> ModelSwitch:
    """Use a model from now on. No feature is made here, and what is published goes on answering.

    Args:
        home: of the library.
        wanted: as for `find_model`.
        anyway: also when checks of its report failed, or do not tell what they should: a model
            that was trained here has no report, or one that compares it with another model than
            the one in use. A model that cannot be loaded is refused all the same: nothing could be
            indexed with it.

    Raises:
        RefusedError: something speaks against it, and `anyway` was not said.
        ModelError: there is no such model, or it is damaged.
        SettingsError: the home's options cannot be read.
        OSError: the home cannot be written to.
    """
    with home.lock("models"):
        model, before = find_model(home, wanted), read_name_in_use(home)
        if model.in_use and not model.problem:
            return ModelSwitch(model, before, changed=False, notes=())
        _check_ready(home, model)
        against = "; ".join(_find_objections(home, model, get_model_by_name(home, before)))
        if against and not anyway:
            raise RefusedError(f"{model.id}: not used, as {against}")
        notes = [
            f"Used although {against}." if against else None,
            _note_missing_report(model),
            _describe_next_step(home, model),
        ]
        _write_history(home, [*_read_history(home, before), before])
        _write_pointer(home, model.name)
        used = get_model_by_name(home, model.name)
        return ModelSwitch(used, before, changed=True, notes=tuple(filter(None, notes)))


def revert_model(home: Home) -> ModelSwitch:
    """Use the model that was used before; asked again, the one before that.

    Raises:
        ModelError: there is none, or it is gone or damaged.
        SettingsError: the home's options cannot be read.
        OSError: the home cannot be written to.
    """
    with home.lock("models"):
        before = read_name_in_use(home)
        past = _read_history(home, before)
        if not past:
            raise ModelError(
                f"{home.models}: no model was used before {before}; "
                "choose one with `whenanime models use ID`"
            )
        model = get_model_by_name(home, past[-1])
        _check_ready(home, model)
        _write_pointer(home, model.name)
        _write_history(home, past[:-1])
        notes = (_describe_next_step(home, model),)
        return ModelSwitch(get_model_by_name(home, model.name), before, changed=True, notes=notes)


def verify_model(model: RegisteredModel) -> None:
    """Load a model and try it on a picture.

    Raises:
        ModelError: it is damaged, or does not give vectors as its `meta.json` says.
    """
    if model.problem:
        raise ModelError(f"{model.name}: cannot be used: {model.problem}")
    embedder = Embedder.load(model.folder)
    ramp = np.linspace(0, 255, _SIDE * _SIDE * 3).astype(np.uint8).reshape(_SIDE, _SIDE, 3)
    try:
        vectors = embedder.embed([ramp])
    except Exception as error:  # the runtime's errors share no base class
        raise ModelError(f"{model.folder}: takes no picture as {model.id} should: {error}") from (
            error
        )
    if vectors.shape != (1, embedder.dimension) or not np.isfinite(vectors).all():
        raise ModelError(f"{model.folder}: gives no vector of {embedder.dimension} components")


def _check_ready(home: Home, model: RegisteredModel) -> None:
    """Make sure that the next index can be made with a model."""
    verify_model(model)
    asked = load_settings(home.config_file).index.dimension
    has = model.meta.dimension if model.meta else 0
    if asked is not None and asked > has:
        raise ModelError(
            f"{home.config_file}: index.dimension asks for {asked} components, {model.id} has {has}; "
            "take the option away first"
        )


def _read_history(home: Home, used: str) -> list[str]:
    """Return the names of what was used before, the last one last."""
    path = home.models / HISTORY_FILE
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise ModelError(f"{path}: damaged; delete it to forget what was used before") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ModelError(f"{path}: damaged; delete it to forget what was used before")
    while names and names[-1] == used:
        names.pop()
    return names


def _write_history(home: Home, names: Sequence[str]) -> None:
    write_json(home.models / HISTORY_FILE, names[-_REMEMBERED:])


def _write_pointer(home: Home, name: str) -> None:
    pointer = home.models / IN_USE_FILE
    if name == BASE_NAME:
        pointer.unlink(missing_ok=True)
        flush_to_disk(home.models)
    else:
        write_text(pointer, f"{name}\n")


def _find_objections(home: Home, model: RegisteredModel, used: RegisteredModel) -> Iterator[str]:
    """Say what speaks against a model that is to take another one's place."""
    if model.is_shipped:
        return
    if model.checks is None:
        if model.find_meta_value("training", "id") is not None:
            yield f"it was trained here and has no report that can be read: {_RENEW}"
        return
    if model.failed_checks:
        failed = "; ".join(f"{check.name} ({check.says})" for check in model.failed_checks)
        yield f"checks of its report failed: {failed}"
    # Of one in use that is damaged, the report says that the base model stood in for it.
    rivals = {used.id, get_model_by_name(home, BASE_NAME).id} if used.problem else {used.id}
    if model.rival not in rivals:
        yield (
            f"its report compares it with {model.rival or 'no model'}, and not with {used.id}, "
            f"whose place it would take: {_RENEW}; `whenanime models compare` only tells"
        )


def _note_missing_report(model: RegisteredModel) -> str | None:
    """Say that nothing is known of a model from elsewhere."""
    if (
        model.is_shipped
        or model.checks is not None
        or model.find_meta_value("training", "id") is not None
    ):
        return None
    return (
        "It has no report, as one that was trained elsewhere: `whenanime models compare` says "
        "how it does on this library."
    )


def _describe_next_step(home: Home, model: RegisteredModel) -> str:
    """Say what has to be done until the model answers."""
    published = read_latest_id(home.snapshots)
    if published is None:
        return "`whenanime index` makes the index with it."
    with suppress(SnapshotError):  # the next index replaces a damaged one
        if read_manifest(home.snapshots / published).model_id == model.id:
            return "The published index was made with it: nothing has to be computed again."
    return (
        "Its features are made by the next `whenanime index`, or by `whenanime up` on its own; "
        "until all are there, the previous index answers."
    )
