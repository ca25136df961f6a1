"""Trains a tagger from a library and drawn episodes, once for each choice of both."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenanime_pipeline.core.files import flush_to_disk, hash_json, write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.themes.drawn_episodes import draw_training_episodes
from whenanime_pipeline.core.learning.themes.tagger_batches import TaggerBatches
from whenanime_pipeline.core.learning.themes.tagger_data import (
    TaggedEpisode,
    hash_episodes,
    tag_episode,
)
from whenanime_pipeline.core.learning.themes.tagger_export import write_tagger
from whenanime_pipeline.core.learning.themes.tagger_report import (
    JudgedEpisode,
    TaggerMetrics,
    judge_tagger,
)
from whenanime_pipeline.core.learning.themes.tagger_training import (
    TaggerProgress,
    TaggerRecipe,
    train_tagger,
)
from whenanime_pipeline.core.learning.training_lock import lock_training
from whenanime_pipeline.core.models.registry import REPORT_FILE, TRAINING_PREFIX
from whenanime_pipeline.core.themes.tagger.model_files import read_tagger
from whenanime_pipeline.core.themes.tagger.registry import find_trained_tagger, load_tagger
from whenanime_pipeline.core.themes.tagger.tagger import Tagger

_EVERY = 4
"""One episode of so many is kept to judge by."""
_DRAWN_SEED = 1


@dataclass(frozen=True, slots=True)
class TrainedTagger:
    """Result of a training.

    Attributes:
        folder: of the tagger.
        tagger_id: names it.
        is_new: whether it was trained now.
        episodes: of the library that it learnt from.
        metrics: on episodes of the library that it has not seen; None where there are too few.
        rival: id of the tagger in use.
        rival_metrics: of that one, on the same episodes.
    """

    folder: Path
    tagger_id: str
    is_new: bool
    episodes: int
    metrics: TaggerMetrics | None
    rival: str
    rival_metrics: TaggerMetrics | None


def ensure_tagger(
    home: Home,
    episodes: Sequence[JudgedEpisode],
    recipe: TaggerRecipe,
    *,
    drawn: int = 200,
    on_preparation: Callable[[float], None] = lambda _: None,
    on_progress: Callable[[TaggerProgress], None] = lambda _: None,
) -> TrainedTagger:
    """Ensure that the tagger of some episodes and a recipe exists; adopting it is another step.

    Args:
        home: of the library.
        episodes: of the library whose themes are known.
        recipe: of the training.
        drawn: number of drawn episodes that are learnt from as well; with few of them a tagger
            knows little but this library.
        on_preparation: receives the share of the drawn episodes that is there, from 0 to 1.
        on_progress: called after every step.

    Raises:
        TrainingError: another training runs in this home, or there is nothing to learn from.
        WeightsError: the checkpoint is damaged.
        ExportError: the exported tagger does not give the numbers of the trained one.
        TaggerError: the tagger in use is damaged.
        OSError: the home cannot be written to; what was saved last stays.
    """
    seen, unseen = split_episodes(episodes)
    shifts = (0.0, -0.5)
    ours = [tag_episode(one.tracks, one.segments, shift) for one in seen for shift in shifts]
    if not ours and not drawn:
        raise TrainingError("no episode's themes are known: index first, or give labels")
    with lock_training(home):
        identity = {"episodes": hash_episodes(ours), "drawn": drawn, "recipe": recipe.to_json()}
        training_id = hash_json(identity)
        found = find_trained_tagger(home, training_id)
        folder = found or _train(
            home, training_id, ours, recipe, drawn, on_preparation, on_progress
        )
        return _report(home, folder, unseen, len(seen), is_new=found is None)


def split_episodes(
    episodes: Sequence[JudgedEpisode],
) -> tuple[list[JudgedEpisode], list[JudgedEpisode]]:
    """Return the episodes that are learnt from, and each fourth by fingerprint to judge by."""
    ordered = sorted(episodes, key=lambda one: one.tracks.fingerprint)
    unseen = ordered[_EVERY - 1 :: _EVERY]
    chosen = {one.tracks.fingerprint for one in unseen}
    return [one for one in ordered if one.tracks.fingerprint not in chosen], unseen


def _train(
    home: Home,
    training_id: str,
    ours: list[TaggedEpisode],
    recipe: TaggerRecipe,
    drawn: int,
    on_preparation: Callable[[float], None],
    on_progress: Callable[[TaggerProgress], None],
) -> Path:
    """Train in a folder of its own, and publish the tagger's folder atomically."""
    work = home.theme_taggers / f"{TRAINING_PREFIX}{training_id}"
    work.mkdir(parents=True, exist_ok=True)
    made = draw_training_episodes(_DRAWN_SEED, drawn, progress=on_preparation) if drawn else []
    learnt = [*ours, *made]

    def make_batches(member: int) -> TaggerBatches:
        return TaggerBatches(
            learnt,
            size=recipe.batch,
            crop=recipe.crop,
            dimension=recipe.network.dimension,
            seed=recipe.seed + member,
        )

    ensemble = train_tagger(make_batches, recipe, folder=work, on_progress=on_progress)
    provenance = {
        "training": {"id": training_id, "episodes": len(ours), "drawn": drawn},
        "recipe": recipe.to_json(),
    }
    part = work / "tagger"
    identifier = write_tagger(part, ensemble, provenance)
    target = home.theme_taggers / identifier
    if target.exists():  # damaged, or it would have been found
        shutil.rmtree(target)
    part.replace(target)
    flush_to_disk(target.parent)
    shutil.rmtree(work, ignore_errors=True)
    return target


def _report(
    home: Home, folder: Path, unseen: list[JudgedEpisode], seen: int, *, is_new: bool
) -> TrainedTagger:
    """Judge the tagger and the one in use on the same episodes, and write the report."""
    meta, _ = read_tagger(folder)
    rival = load_tagger(home)
    ours = judge_tagger(Tagger.load(folder), unseen) if unseen else None
    theirs = judge_tagger(rival, unseen) if unseen else None
    report: Mapping[str, Any] = {
        "tagger_id": meta.tagger_id,
        "rival": rival.id,
        "metrics": ours and ours.to_json(),
        "rival_metrics": theirs and theirs.to_json(),
    }
    write_json(folder / REPORT_FILE, report)
    return TrainedTagger(folder, meta.tagger_id, is_new, seen, ours, rival.id, theirs)
