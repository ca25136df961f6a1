"""Options of frames, split and views that the operator chose, here or in the UI."""

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
    """With which options the parts of a dataset are made.

    Attributes:
        training_frames: of the asset of that name.
        dataset: likewise.
        validation_views: likewise.
    """

    training_frames: FrameOptions
    dataset: SplitOptions
    validation_views: ViewOptions

    def format_changes(self) -> Iterator[str]:
        """Name the options that are not the defaults, an asset a line."""
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
    """Return the options that what is stored was made with; the defaults for what is not there.

    Args:
        workspace: of the library.
        frames: of an episode, where that is chosen now.
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
