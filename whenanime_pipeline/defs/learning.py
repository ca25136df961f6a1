"""From videos to a trained model, its report and its adoption. Nothing here happens by itself."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import dagster as dg

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.defs.checks import REPORT_CHECK_SPECS, report_check_results
from whenanime_pipeline.defs.episode_processing import (
    log_materialization,
    process_episodes,
    raise_failures,
    statuses_for_learning,
)
from whenanime_pipeline.defs.learning_config import (
    AdoptionConfig,
    DatasetConfig,
    ModelConfig,
    ReportConfig,
    StatsConfig,
    TrainingFramesConfig,
    ViewsConfig,
)
from whenanime_pipeline.defs.library import MODEL_IN_USE_KEY, catalogue, video
from whenanime_pipeline.defs.metadata import model_metadata
from whenanime_pipeline.defs.model_selection import (
    describe_training_data,
    load_report_data,
    require_training_packages,
    resolve_reported_model,
    resolve_trained_model,
)
from whenanime_pipeline.defs.partitions import EPISODES_PER_RUN, episode_partitions
from whenanime_pipeline.defs.resources import Library, Reporter, TrainingReporter
from whenanime_pipeline.defs.search import frames

GROUP = "learning"
POOL = "training"

_training_frames = dg.AssetSpec(
    "training_frames",
    deps=[video, frames],
    group_name=GROUP,
    skippable=True,
    description="Some frames of the episode in full size, to learn from.",
)


@dg.multi_asset(
    specs=[_training_frames],
    name="training_frames",
    partitions_def=episode_partitions,
    backfill_policy=dg.BackfillPolicy.multi_run(EPISODES_PER_RUN),
    pool="video",
)
def training_frames(
    context: dg.AssetExecutionContext,
    config: TrainingFramesConfig,
    library: dg.ResourceParam[Library],
    reporter: dg.ResourceParam[Reporter],
) -> Iterator[dg.AssetCheckResult]:
    """Extract each episode's training frames; one that cannot be read fails alone, by name."""
    from whenanime_pipeline.core.learning.dataset.extraction import ensure_training_frames
    from whenanime_pipeline.defs.dataset_metadata import training_frames_metadata

    workspace, options = library.open(), config.to_options()

    def extract(status: EpisodeStatus) -> None:
        done = ensure_training_frames(
            workspace.home,
            workspace.videos_folder,
            status,
            options,
            progress=reporter.on_training_frames_progress,
        )
        metadata = training_frames_metadata(status, done)
        log_materialization(context, _training_frames.key, status.episode.key, metadata)

    raise_failures(process_episodes(workspace, context.partition_keys, reporter, extract))
    # What is no generator has a result, and that is recorded for all episodes once more.
    yield from ()


@dg.asset(deps=[_training_frames, catalogue], group_name=GROUP, pool=POOL)
def dataset(
    config: DatasetConfig, library: dg.ResourceParam[Library]
) -> dg.MaterializeResult[None]:
    """Which frames are learnt from and which judge: split by episode, with no frame in both."""
    from whenanime_pipeline.core.learning.dataset.split import make_dataset
    from whenanime_pipeline.defs.dataset_metadata import dataset_metadata

    workspace = library.open()
    made = make_dataset(workspace.home, statuses_for_learning(workspace), config.to_options())
    return dg.MaterializeResult(
        metadata=dataset_metadata(made), data_version=dg.DataVersion(made.id)
    )


@dg.asset(deps=[dataset], group_name=GROUP, pool=POOL)
def dataset_stats(
    config: StatsConfig, library: dg.ResourceParam[Library]
) -> dg.MaterializeResult[None]:
    """Mean and deviation of the training frames' colours: what a new network is normalised by."""
    from whenanime_pipeline.core.learning.dataset.stats import make_stats
    from whenanime_pipeline.defs.dataset_metadata import stats_metadata

    made = make_stats(library.open().home, max_samples=config.max_samples)
    return dg.MaterializeResult(
        metadata=stats_metadata(made), data_version=dg.DataVersion(hash_json(asdict(made)))
    )


@dg.asset(deps=[dataset], group_name=GROUP, pool=POOL)
def validation_views(
    config: ViewsConfig,
    library: dg.ResourceParam[Library],
    training_reporter: dg.ResourceParam[TrainingReporter],
) -> dg.MaterializeResult[None]:
    """An augmented view of each validation frame: the queries of the evaluation.

    Needs torch: `pip install "whenanime[train]"`.
    """
    require_training_packages()
    from whenanime_pipeline.core.learning.dataset.validation_views import make_views
    from whenanime_pipeline.defs.dataset_metadata import views_metadata

    home = library.open().home
    progress = partial(training_reporter.on_preparation_progress, "validation views")
    made = make_views(home, config.to_options(), progress=progress)
    return dg.MaterializeResult(
        metadata=views_metadata(home, made), data_version=dg.DataVersion(made.id)
    )


@dg.asset(deps=[dataset_stats, validation_views], group_name=GROUP, pool=POOL)
def retrieval_model(
    context: dg.AssetExecutionContext,
    config: ModelConfig,
    library: dg.ResourceParam[Library],
    training_reporter: dg.ResourceParam[TrainingReporter],
) -> dg.MaterializeResult[None]:
    """A model trained on the dataset. Cut off, it goes on where it was; asked again, it is there.

    Its curves move while it trains. It is used only when it is adopted. Needs torch:
    `pip install "whenanime[train]"`.
    """
    require_training_packages()
    from whenanime_pipeline.core.learning.dataset.loading import load_training_data
    from whenanime_pipeline.core.learning.training.model_training import ensure_model
    from whenanime_pipeline.defs.learning_metadata import epoch_metadata, training_metadata

    home, recipe = library.open().home, config.build_recipe()
    progress = partial(training_reporter.on_preparation_progress, "frames")
    material = load_training_data(home, side=recipe.picture_side, progress=progress)

    def tell_epoch(row: LogRow) -> None:
        context.log_event(dg.AssetObservation(context.asset_key, metadata=epoch_metadata(row)))
        training_reporter.on_epoch(row)

    done = ensure_model(
        home, material, recipe,
        trained_on=describe_training_data(home), on_progress=training_reporter.on_step, on_epoch=tell_epoch,
    )  # fmt: skip
    return dg.MaterializeResult(
        metadata=training_metadata(done, material, recipe),
        data_version=dg.DataVersion(done.model_id),
    )


@dg.asset(deps=[retrieval_model], group_name=GROUP, check_specs=REPORT_CHECK_SPECS, pool=POOL)
def model_report(
    context: dg.AssetExecutionContext, config: ReportConfig, library: dg.ResourceParam[Library]
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """The model on episodes it has not seen, against the one in use, and its worst mistakes.

    Needs torch: `pip install "whenanime[train]"`.
    """
    require_training_packages()
    from whenanime_pipeline.core.learning.report.model_report import make_report
    from whenanime_pipeline.defs.learning_metadata import report_metadata

    home = library.open().home
    model = resolve_trained_model(context.instance, home, config.model)
    material, places = load_report_data(home, model)
    report = make_report(home, model.folder, material, locations=places)
    return dg.MaterializeResult(
        metadata=report_metadata(home, report, material), check_results=report_check_results(report)
    )


@dg.asset(key=MODEL_IN_USE_KEY, deps=[model_report], group_name=GROUP)
def model_in_use(
    context: dg.AssetExecutionContext, config: AdoptionConfig, library: dg.ResourceParam[Library]
) -> dg.MaterializeResult[None]:
    """The model that features are made with. Materialise it to adopt one, or to go back.

    All frames are embedded again with it; until that is done the old index answers.
    """
    from whenanime_pipeline.core.models.adoption import RefusedError, use_model
    from whenanime_pipeline.core.search.errors import ModelError

    selected = context.run.asset_selection or context.job_def.asset_layer.selected_asset_keys
    if selected & {retrieval_model.key, model_report.key}:
        raise dg.Failure("look at model_report first, then materialise model_in_use alone")
    home = library.open().home
    try:
        model = resolve_reported_model(context.instance, home, config.model)
        change = use_model(home, model.name, anyway=config.anyway)
    except RefusedError as error:
        message = f"{error}. To use it nevertheless, say `anyway: true` in the launchpad"
        raise dg.Failure(message, allow_retries=False) from error
    except ModelError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata=model_metadata(change.model, change.previous, change.notes),
        data_version=dg.DataVersion(change.model.id),
    )
