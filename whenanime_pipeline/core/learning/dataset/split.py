"""Splits the training frames of all episodes into a dataset by episode, without leaks."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import (
    Dataset,
    DatasetEpisode,
    DatasetFrame,
    SplitName,
    dataset_file,
    save_dataset,
)
from whenanime_pipeline.core.learning.dataset.episode_frames import (
    CollectedFrames,
    EpisodeFrames,
    collect_frames,
)
from whenanime_pipeline.core.learning.dataset.hash_matching import find_hash_matches
from whenanime_pipeline.core.learning.dataset.near_duplicates import find_first_occurrences
from whenanime_pipeline.core.learning.dataset.options import SplitOptions
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.search.status import EpisodeStatus

MIN_FRAMES = 20
"""Validation frames below which figures say little: the best and the worst of ten are luck."""
_NAMED = 5  # episodes that a message names

Mask = NDArray[np.bool_]


def make_dataset(home: Home, statuses: Iterable[EpisodeStatus], options: SplitOptions) -> Dataset:
    """Make and store the dataset of all stored training frames.

    Args:
        home: home of the library.
        statuses: its episodes, in any order.
        options: options of the split.

    Raises:
        DatasetError: too few episodes or frames to split, or stored frames are damaged.
        OSError: the home cannot be written to.
    """
    dataset = split_episodes(collect_frames(home, statuses), options)
    with home.lock("dataset"):
        save_dataset(dataset, dataset_file(home))
    return dataset


def split_episodes(collected: CollectedFrames, options: SplitOptions) -> Dataset:
    """Split episodes into training and validation, without frames that leak or repeat.

    The split depends on the seed and the episodes' contents alone, not on the machine, their order
    or their names.

    Args:
        collected: training frames of all episodes.
        options: options of the split.

    Raises:
        DatasetError: fewer than two episodes have a frame that is not flat, or no validation
            frame is left.
    """
    shown = [one for one in collected.episodes if len(one)]
    _check(collected, shown)
    shown.sort(key=lambda one: _rank(one.fingerprint, options.seed))
    validating = count_validation_episodes([len(one) for one in shown], options.share)
    validation, training = shown[:validating], shown[validating:]
    # Of equal frames the first one stays, so those of training come first.
    first = find_first_occurrences(
        np.concatenate([one.thumbnails for one in training + validation])
    )
    firsts = _split_by_episode(first, training + validation)
    leaks = _split_by_episode(_find_leaks(training, validation), training + validation)
    kept = [first & ~leak for first, leak in zip(firsts, leaks, strict=True)]
    summaries = [
        _summarise_episode(one, "training" if number < len(training) else "validation", first, leak)
        for number, (one, first, leak) in enumerate(
            zip(training + validation, firsts, leaks, strict=True)
        )
    ]
    dataset = Dataset(
        options=options,
        training=tuple(_frames(training, kept[: len(training)])),
        validation=tuple(_frames(validation, kept[len(training) :])),
        episodes=tuple(summaries),
        warnings=tuple(_warnings(collected, sum(int(one.sum()) for one in kept[len(training) :]))),
    )
    if not dataset.validation:
        raise DatasetError(
            "no validation frames are left: all of them show pictures that also occur in training"
            " episodes; take more frames a video, or split with another seed"
        )
    return dataset


def count_validation_episodes(frames: Sequence[int], share: float) -> int:
    """Return how many of the first episodes validate, for a share of frames nearest to the wanted.

    Args:
        frames: frames of each episode, two or more of them.
        share: wanted share of all frames.

    Returns:
        At least 1, and never all.
    """
    reached = np.cumsum(frames)[:-1] / sum(frames)
    return int(np.abs(reached - share).argmin()) + 1


def small_sample_warning(count: int) -> str | None:
    """Return a warning about figures from too few validation frames; None when there are enough."""
    if count >= MIN_FRAMES:
        return None
    return (
        f"only {count} validation frames: figures from fewer than {MIN_FRAMES} say little; take "
        "more frames a video, or index more episodes"
    )


def _find_leaks(training: Sequence[EpisodeFrames], validation: Sequence[EpisodeFrames]) -> Mask:
    """Return which frames, training first, are validation frames that a training episode shows."""
    known = np.concatenate([part for one in training for part in (one.sketch, one.hashes)])
    hashes = np.concatenate([one.hashes for one in validation])
    training_leaks = np.zeros(sum(len(one) for one in training), np.bool_)
    return np.concatenate([training_leaks, find_hash_matches(hashes, known)])


def _split_by_episode(rows: Mask, episodes: Sequence[EpisodeFrames]) -> list[Mask]:
    """Return the rows of each episode."""
    return np.split(rows, np.cumsum([len(one) for one in episodes])[:-1])


def _rank(fingerprint: str, seed: int) -> bytes:
    return blake2b(f"{seed} {fingerprint}".encode(), digest_size=16).digest()


def _frames(episodes: Sequence[EpisodeFrames], kept: Sequence[Mask]) -> Iterator[DatasetFrame]:
    for one, mask in zip(episodes, kept, strict=True):
        for row in np.flatnonzero(mask).tolist():
            yield DatasetFrame(one.fingerprint, row, float(one.seconds[row]), one.digests[row])


def _summarise_episode(
    one: EpisodeFrames, part: SplitName, first: Mask, leak: Mask
) -> DatasetEpisode:
    return DatasetEpisode(
        fingerprint=one.fingerprint,
        key=one.key,
        path=one.path,
        part=part,
        frames=len(one),
        kept=int((first & ~leak).sum()),
        flat=one.flat,
        equal=int((~first & ~leak).sum()),
        shared=int(leak.sum()),
    )


def _check(collected: CollectedFrames, shown: Sequence[EpisodeFrames]) -> None:
    """Check that two episodes have frames.

    Raises:
        DatasetError: fewer have.
    """
    if collected.episodes and not shown:
        raise DatasetError(
            "all training frames are flat, so nothing can be learned from them: "
            f"{_format_paths([one.path for one in collected.episodes])}; lower the option flat, "
            "or take more frames a video"
        )
    if len(shown) < 2:
        what = "only one episode has" if shown else "no episode has"
        raise DatasetError(
            f"{what} training frames, and a split needs two: one to learn from and another to be"
            " judged by; materialise training_frames of more episodes"
        )


def _warnings(collected: CollectedFrames, validation: int) -> Iterator[str]:
    if few := small_sample_warning(validation):
        yield few
    if collected.missing:
        missing = _format_paths(collected.missing)
        yield f"{len(collected.missing)} without training frames: {missing}"
    flat = [one.path for one in collected.episodes if not len(one)]
    if flat:
        yield f"{len(flat)} with flat frames only: {_format_paths(flat)}"
    if len({one.options for one in collected.episodes}) > 1:
        yield (
            "training frames were made with different options; materialise training_frames of all"
            " episodes to have them alike"
        )
    outdated = [one.path for one in collected.episodes if one.outdated]
    if outdated:
        yield (
            f"{len(outdated)} indexed in another way since their training frames were made: "
            f"{_format_paths(outdated)}; materialise training_frames again"
        )


def _format_paths(paths: Sequence[str]) -> str:
    """Return the first of some paths, and how many more there are."""
    listed = ", ".join(sorted(paths)[:_NAMED])
    more = len(paths) - _NAMED
    return f"{listed} and {more} more" if more > 0 else listed
