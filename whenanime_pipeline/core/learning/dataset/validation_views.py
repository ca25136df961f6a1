"""The seed's augmented twins of the validation frames: what someone may ask with."""

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

_QUALITY = 95  # of the JPEGs: what a twin loses shall come from the options


@dataclass(frozen=True, slots=True)
class ViewsResult:
    """What became of the validation views.

    Attributes:
        id: names them.
        count: how many there are.
        reused: of those, made before.
        bytes: of the stored file.
        seconds: the work took.
    """

    id: str
    count: int
    reused: int
    bytes: int
    seconds: float


def make_views(
    home: Home, options: ViewOptions, *, progress: Progress | None = None
) -> ViewsResult:
    """Make a twin of every validation frame of a home's dataset, and store them.

    Twins that are stored already are taken over, so that one more episode costs its own.

    Args:
        home: of the library.
        options: how twins differ from their frames.
        progress: told the twins made and the twins there are to make.

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
            twins = _make_views(home, options, dataset.validation, known, new, progress)
            save_views(path, dataset.id, options, twins)
        with StoredViews(path) as stored:
            size, reused = path.stat().st_size, len(stored) - len(new)
            return ViewsResult(stored.id, len(stored), reused, size, monotonic() - began)


def augment_frame(picture: Picture, options: ViewOptions, frame: str) -> Picture:
    """Return the augmented twin of a frame: a crop, perhaps mirrored, in other colours.

    Its chance comes from the seed and the frame alone, whatever other frames there are.

    Args:
        picture: `(h, w, 3)` RGB.
        options: how far it may differ.
        frame: the frame's digest.

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
    twin: NDArray[np.uint8] = changed.permute(1, 2, 0).contiguous().numpy()
    return twin


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
    """Yield each frame's digest and twin: as it is stored, or made of the next of the new ones."""
    pictures, made = read_jpegs(home, new), 0
    for frame in frames:
        if frame.digest in known:
            yield frame.digest, known[frame.digest]()
            continue
        twin = augment_frame(decode_stored_frame(next(pictures)), options, frame.digest)
        yield frame.digest, encode_jpeg(twin, quality=_QUALITY)
        made += 1
        if progress is not None:
            progress(made, len(new))


def _read_stored_views(
    home: Home, options: ViewOptions, opened: ExitStack
) -> dict[str, Callable[[], bytes]]:
    """Return how to read the stored twins, by their frames' digests; none that are damaged.

    Args:
        home: of the library.
        options: that twins must have been made with.
        opened: holds the file that they are read from.
    """
    try:
        stored = opened.enter_context(StoredViews(views_file(home)))
        if stored.options != options:
            return {}
        for row in range(len(stored)):
            stored.picture(row)  # as it will be read, and not kept
        return {frame: partial(stored.picture, row) for row, frame in enumerate(stored.frames)}
    except DatasetError:
        return {}  # missing or damaged: they are made now
