"""Makes the augmented views of the validation frames, with the seed's augmentation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from time import monotonic

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.transforms import v2

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import DatasetFrame, load_dataset
from whenanime_pipeline.core.learning.dataset.frame_reading import read_jpegs
from whenanime_pipeline.core.learning.dataset.options import ViewOptions
from whenanime_pipeline.core.learning.dataset.stored_views import (
    StoredViews,
    save_views,
    views_file,
)
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import Picture
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame, encode_jpeg
from whenanime_pipeline.core.search.frames.extraction import Progress

_QUALITY = 95  # of the JPEGs: high, so that the options alone degrade a view


@dataclass(frozen=True, slots=True)
class ViewsResult:
    """Result of making the validation views.

    Attributes:
        id: id of the views.
        count: number of views.
        reused: number of views that were stored before.
        bytes: size of the stored file.
        seconds: time it took.
    """

    id: str
    count: int
    reused: int
    bytes: int
    seconds: float


def make_views(
    home: Home, options: ViewOptions, *, progress: Progress | None = None
) -> ViewsResult:
    """Make and store a view of every validation frame of a home's dataset.

    Stored views are reused, so that a new episode costs its own views only.

    Args:
        home: home of the library.
        options: options of the augmentation.
        progress: called with the views made and the views to make.

    Raises:
        DatasetError: there is no dataset, or it does not fit its frames.
        OSError: the home cannot be written to.
    """
    began = monotonic()
    dataset, path = load_dataset(home), views_file(home)
    with home.lock("dataset"):
        with ExitStack() as opened:
            known = _read_stored_views(home, options, opened)
            new = [frame for frame in dataset.validation if frame.digest not in known]
            views = _make_views(home, options, dataset.validation, known, new, progress)
            save_views(path, dataset.id, options, views)
        with StoredViews(path) as stored:
            size, reused = path.stat().st_size, len(stored) - len(new)
            return ViewsResult(stored.id, len(stored), reused, size, monotonic() - began)


def augment_frame(picture: Picture, options: ViewOptions, frame: str) -> Picture:
    """Return an augmented view of a frame: a crop, perhaps mirrored, with colour jitter.

    It depends on the seed and the frame alone, not on other frames.

    Args:
        picture: `(h, w, 3)` RGB.
        options: options of the augmentation.
        frame: digest of the frame.

    Returns:
        `(size, size, 3)` RGB.
    """
    change = v2.Compose(
        [
            v2.RandomResizedCrop(options.size, scale=(options.scale, 1.0), antialias=True),
            v2.RandomHorizontalFlip(options.flip),
            v2.ColorJitter(options.color, options.color, options.color, options.color),
        ]
    )
    with torch.random.fork_rng(devices=[]):  # transforms draw from the one global generator
        torch.manual_seed(_derive_seed(options.seed, frame))
        changed = change(torch.from_numpy(picture).permute(2, 0, 1))
    view: NDArray[np.uint8] = changed.permute(1, 2, 0).contiguous().numpy()
    return view


def _derive_seed(seed: int, frame: str) -> int:
    named = blake2b(f"{seed} {frame}".encode(), digest_size=8).digest()
    return int.from_bytes(named, "big") >> 1  # torch takes signed numbers


def _make_views(
    home: Home,
    options: ViewOptions,
    frames: Sequence[DatasetFrame],
    known: Mapping[str, Callable[[], bytes]],
    new: Sequence[DatasetFrame],
    progress: Progress | None,
) -> Iterator[tuple[str, bytes]]:
    """Yield each frame's digest and view, stored or new."""
    pictures, made = read_jpegs(home, new), 0
    for frame in frames:
        if frame.digest in known:
            yield frame.digest, known[frame.digest]()
            continue
        view = augment_frame(decode_stored_frame(next(pictures)), options, frame.digest)
        yield frame.digest, encode_jpeg(view, quality=_QUALITY)
        made += 1
        if progress is not None:
            progress(made, len(new))


def _read_stored_views(
    home: Home, options: ViewOptions, opened: ExitStack
) -> dict[str, Callable[[], bytes]]:
    """Return readers of the stored views by their frames' digests; none if they are damaged.

    Args:
        home: home of the library.
        options: options that the views must have been made with.
        opened: stack that keeps the file open.
    """
    try:
        stored = opened.enter_context(StoredViews(views_file(home)))
        if stored.options != options:
            return {}
        for row in range(len(stored)):
            stored.picture(row)  # verify the digest
        return {frame: partial(stored.picture, row) for row, frame in enumerate(stored.frames)}
    except DatasetError:
        return {}  # missing or damaged: they are made now
