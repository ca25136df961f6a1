"""`whenanime train --what themes`: trains and judges a tagger, through Dagster in this process."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from whenanime_pipeline.commands.storage_errors import convert_storage_errors
from whenanime_pipeline.commands.training_checks import exclusive_training
from whenanime_pipeline.commands.training_progress import show_training_progress
from whenanime_pipeline.core.models.registry import REPORT_FILE
from whenanime_pipeline.core.themes.labels_file import read_labels
from whenanime_pipeline.core.themes.tagger.registry import tagger_folder
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.orphaned_runs import OWNER_LOCKS, TRAIN_OWNER, fail_orphaned_runs
from whenanime_pipeline.defs.theme_learning import TaggerConfig
from whenanime_pipeline.orchestration.dagster_instance import open_instance
from whenanime_pipeline.orchestration.job_runner import run_tagger_training


@dataclass(frozen=True, slots=True)
class TaggerOutcome:
    """Result of a training.

    Attributes:
        tagger: id of the tagger, which is not adopted yet.
        folder: of the tagger.
        report: what its report says.
    """

    tagger: str
    folder: Path
    report: Mapping[str, Any]


def train_tagger(workspace: Workspace, console: Console, config: TaggerConfig) -> TaggerOutcome:
    """Train a tagger of themes on a library and on drawn episodes.

    An interrupted training is resumed, and a finished one is not repeated.

    Args:
        workspace: the library; what is indexed of it is learnt from.
        console: console to draw the progress on.
        config: what it is trained on, and how long.

    Raises:
        KeyboardInterrupt: the command was interrupted; finished work is kept.
        LabelsFileError: the labels cannot be read, or say what cannot be.
        LearningError: there is nothing to learn from, or the training failed.
        CommandError: another training uses this home, or the home cannot be written to.
    """
    if config.labels is not None:
        read_labels(Path(config.labels))  # report what is wrong there before anything is started
    home = workspace.home
    with exclusive_training(home), convert_storage_errors(home), open_instance(home) as instance:
        fail_orphaned_runs(instance, home, OWNER_LOCKS, own=TRAIN_OWNER)
        with show_training_progress(console) as bars:
            tagger = run_tagger_training(instance, workspace, config, bars)
    folder = tagger_folder(home, tagger)
    report = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    return TaggerOutcome(tagger, folder, report)


def tagger_outcome_json(outcome: TaggerOutcome) -> Mapping[str, Any]:
    """Return an outcome as plain values."""
    return {"tagger": outcome.tagger, "folder": str(outcome.folder), "report": outcome.report}


def tagger_outcome_lines(outcome: TaggerOutcome) -> Iterator[str]:
    """Yield lines for a person."""
    yield f"tagger {outcome.tagger}: {outcome.folder}"
    for name, key in ((outcome.tagger, "metrics"), (outcome.report["rival"], "rival_metrics")):
        found = outcome.report[key]
        if found is None:
            yield "no episode was kept to judge it by: label or index at least four"
            break
        yield (
            f"{name}: F1 {found['f1']:.3f}, IoU {found['iou']:.3f}, precision "
            f"{found['precision']:.3f}, recall {found['recall']:.3f}, on {found['episodes']} "
            "episodes that it has not seen"
        )
    yield f"use it: whenanime models use-tagger {outcome.tagger}"
