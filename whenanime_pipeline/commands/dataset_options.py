"""Options of training frames, split and views, as chosen before or by the command."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import find_prevailing_options
from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.dataset.stored_views import StoredViews, views_file
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.episode_processing import statuses_for_learning


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    """Options of the assets that make up a dataset.

    Attributes:
        training_frames: options of the asset `training_frames`.
        dataset: options of the asset `dataset`.
        validation_views: options of the asset `validation_views`.
    """

    training_frames: FrameOptions
    dataset: SplitOptions
    validation_views: ViewOptions

    def format_changes(self) -> Iterator[str]:
        """Describe the options that differ from the defaults, one line per asset."""
        defaults = asdict(DatasetOptions(FrameOptions(), SplitOptions(), ViewOptions()))
        for asset, options in asdict(self).items():
            others = [
                f"{name} {_format_value(value)} instead of {_format_value(defaults[asset][name])}"
                for name, value in options.items()
                if value != defaults[asset][name]
            ]
            if others:
                yield f"{asset} as chosen: {', '.join(others)}"


def load_dataset_options(workspace: Workspace, *, frames: int | None = None) -> DatasetOptions:
    """Return the options of the stored frames, dataset and views, or the defaults without any.

    Args:
        workspace: the library.
        frames: training frames per episode; None for the stored number.
    """
    home = workspace.home
    taken = find_prevailing_options(home, statuses_for_learning(workspace))
    return DatasetOptions(
        training_frames=taken if frames is None else replace(taken, count=frames),
        dataset=_split(home),
        validation_views=_views(home),
    )


def _split(home: Home) -> SplitOptions:
    with suppress(DatasetError):  # a damaged dataset is made again
        return load_dataset(home).options
    return SplitOptions()


def _views(home: Home) -> ViewOptions:
    with suppress(DatasetError), StoredViews(views_file(home)) as views:
        return views.options
    return ViewOptions()


def _format_value(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"
