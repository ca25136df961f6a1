"""Local features by the million, from drawn pictures."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.support.cost import measure_cost
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.search.frames.deduplication import (
    DistinctFrame,
    perceptual_hash,
    signature,
)
from whenanime_pipeline.core.search.frames.extraction import extract_frames
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.frames.stored_frames import (
    FramesFile,
    FramesReport,
    FramesWriter,
)
from whenanime_pipeline.core.search.local.detector import QUERY_SETTINGS, detect
from whenanime_pipeline.core.search.local.extract import extract_local_features
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.local.postings import Postings
from whenanime_pipeline.core.search.local.stored import (
    VideoFeatures,
    read_local_features,
    write_local_features,
)
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.query.cascade import MAX_QUERY_FEATURES
from whenanime_pipeline.core.settings import SamplingOptions

_STORED = (320, 180)
_SHOT = (640, 360)


@dataclass(frozen=True, slots=True)
class DescriptionCost:
    """What describing key frames came to.

    Attributes:
        file: their local features.
        key_frames: how many key frames.
        features: of all of them.
        wall, cpu: seconds on the clock, and of all processors.
        bytes: a feature in the file.
    """

    file: Path
    key_frames: int
    features: int
    wall: float
    cpu: float
    bytes: float


@dataclass(frozen=True, slots=True)
class FilmDescriptionCost:
    """What describing a film's key frames came to.

    Attributes:
        seconds: that the film lasts.
        key_frames: how many key frames it has.
        wall, cpu: seconds on the clock, and of all processors.
    """

    seconds: float
    key_frames: int
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class LocalSearchCost:
    """What searching an inverted file came to.

    Attributes:
        features: in it.
        bytes: a feature.
        write: seconds to write it.
        detecting, quantising, searching: milliseconds of each search's parts, of both mirrorings
            the last two.
        matches: of each search.
    """

    features: int
    bytes: float
    write: float
    detecting: list[float]
    quantising: list[float]
    searching: list[float]
    matches: list[float]


def describe_drawn_frames(folder: Path, count: int) -> DescriptionCost:
    """Store drawn pictures a second apart, so that each is a key frame, and describe them."""
    frames, target = folder / "drawn.arrow", folder / "drawn.npz"
    with FramesWriter(frames) as writer:
        for number in range(count):
            picture = draw_random_picture(number, _STORED)
            own = perceptual_hash(signature(picture))
            second = float(number)
            writer.add(DistinctFrame(encode_stored_frame(picture), own, [second], [second]))
        writer.finish(FramesReport(float(count), count, count, 0.0, ()))
    vocabulary = Vocabulary.load()
    vocabulary.quantise(np.zeros((1, 128), np.float32))  # its graph is made once a process
    with FramesFile(frames) as stored, measure_cost() as cost:
        features = extract_local_features(stored, vocabulary)
    write_local_features(target, features)
    size = target.stat().st_size / len(features)
    return DescriptionCost(target, len(features.frames), len(features), cost.wall, cost.cpu, size)


def describe_film(folder: Path, film: Path) -> FilmDescriptionCost:
    """Store a film's frames as the index has them, and describe its key frames."""
    options = SamplingOptions()
    sampling = Sampling(options.fps, 0.0, 0.0, options.similarity_threshold)
    stored = folder / "film.arrow"
    report = extract_frames(film, stored, sampling)
    vocabulary = Vocabulary.load()
    vocabulary.quantise(np.zeros((1, 128), np.float32))
    with FramesFile(stored) as frames, measure_cost() as cost:
        features = extract_local_features(frames, vocabulary)
    return FilmDescriptionCost(report.duration, len(features.frames), cost.wall, cost.cpu)


def search_inverted_file(
    folder: Path, described: DescriptionCost, count: int, searches: int
) -> LocalSearchCost:
    """Write an inverted file of about so many features, and search for drawn screenshots."""
    own = read_local_features(described.file, described.key_frames)
    contents = max(1, count // len(own))
    vocabulary = Vocabulary.load()
    vocabulary.quantise(np.zeros((1, 128), np.float32))
    parts = [(number, partial(_vary_features, own, number)) for number in range(contents)]
    began = perf_counter()
    Postings.write(folder / "segment", parts, vocabulary.size)
    write = perf_counter() - began
    total = contents * len(own)
    size = sum(path.stat().st_size for path in (folder / "segment").iterdir()) / total
    index = LocalIndex(vocabulary, [Postings.open(folder / "segment")], range(contents))
    rows: list[tuple[float, ...]] = []
    for number in range(searches):
        picture = draw_random_picture(number, _SHOT)
        times = [perf_counter()]
        features = detect(picture, QUERY_SETTINGS).take_first(MAX_QUERY_FEATURES)
        both = (features, features.mirror())
        times.append(perf_counter())
        for one in both:
            vocabulary.quantise(one.descriptors, 4)
        times.append(perf_counter())
        found = [len(index.search(one)) for one in both]
        times.append(perf_counter())
        rows.append((*(1000 * np.diff(times)), float(sum(found))))
    columns = [list(column) for column in zip(*rows, strict=True)]
    return LocalSearchCost(total, size, write, *columns)


def _vary_features(own: VideoFeatures, number: int) -> VideoFeatures:
    """Return a video with the same words as often, at other places and with other codes."""
    if number == 0:
        return own
    rng = np.random.default_rng(number)
    order = rng.permutation(len(own))
    # Four random words of bits, all set in one bit of 16: no code is another video's.
    flips = np.bitwise_and.reduce(rng.integers(0, 1 << 64, (4, len(own)), np.uint64))
    return VideoFeatures(
        own.frames, own.counts, own.words[order], own.codes[order] ^ flips, own.geometry
    )
