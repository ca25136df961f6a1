"""Measures the cost of local features on drawn pictures and on a film."""

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
from whenanime_pipeline.core.search.query.query_features import MAX_QUERY_FEATURES
from whenanime_pipeline.core.settings import SamplingOptions

_STORED = (320, 180)
"""Size of keyframes."""
_QUERY_SIZE = (640, 360)
"""Size of queries."""


@dataclass(frozen=True, slots=True)
class DescriptionCost:
    """Cost of extracting local features of keyframes.

    Attributes:
        file: file of the local features.
        keyframes: number of keyframes.
        features: number of features.
        wall, cpu: seconds of wall and CPU time.
        bytes: bytes per feature in the file.
    """

    file: Path
    keyframes: int
    features: int
    wall: float
    cpu: float
    bytes: float


@dataclass(frozen=True, slots=True)
class FilmDescriptionCost:
    """Cost of extracting local features of a film's keyframes.

    Attributes:
        seconds: length of the film.
        keyframes: number of keyframes.
        wall, cpu: seconds of wall and CPU time.
    """

    seconds: float
    keyframes: int
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class LocalSearchCost:
    """Cost of searching an inverted file.

    Attributes:
        features: number of features in it.
        bytes: bytes per feature.
        write: seconds to write it.
        detecting: milliseconds of each search to detect and describe features.
        quantising, searching: milliseconds of each search for the query and its mirror image.
        matches: number of matches of each search.
    """

    features: int
    bytes: float
    write: float
    detecting: list[float]
    quantising: list[float]
    searching: list[float]
    matches: list[float]


def describe_drawn_frames(folder: Path, count: int) -> DescriptionCost:
    """Store drawn pictures one second apart, so that each is a keyframe, and extract features."""
    frames, target = folder / "drawn.arrow", folder / "drawn.npz"
    with FramesWriter(frames) as writer:
        for number in range(count):
            picture = draw_random_picture(number, _STORED)
            own = perceptual_hash(signature(picture))
            second = float(number)
            writer.add(DistinctFrame(encode_stored_frame(picture), own, [second], [second]))
        writer.finish(FramesReport(float(count), count, count, 0.0, ()))
    vocabulary = Vocabulary.load()
    vocabulary.quantise(
        np.zeros((1, 128), np.float32)
    )  # the graph over words is built once per process
    with FramesFile(frames) as stored, measure_cost() as cost:
        features = extract_local_features(stored, vocabulary)
    write_local_features(target, features)
    size = target.stat().st_size / len(features)
    return DescriptionCost(target, len(features.frames), len(features), cost.wall, cost.cpu, size)


def describe_film(folder: Path, film: Path) -> FilmDescriptionCost:
    """Store a film's distinct frames, and extract local features of its keyframes."""
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
    """Write an inverted file and search it for drawn pictures.

    Args:
        folder: folder of the inverted file.
        described: local features to repeat, with varied positions and codes.
        count: approximate number of features.
        searches: number of searches.
    """
    own = read_local_features(described.file, described.keyframes)
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
        picture = draw_random_picture(number, _QUERY_SIZE)
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
    """Return features with the same words, but other positions and codes."""
    if number == 0:
        return own
    rng = np.random.default_rng(number)
    order = rng.permutation(len(own))
    # The AND of four random words sets one bit of 16, so that codes differ between videos.
    flips = np.bitwise_and.reduce(rng.integers(0, 1 << 64, (4, len(own)), np.uint64))
    return VideoFeatures(
        own.frames, own.counts, own.words[order], own.codes[order] ^ flips, own.geometry
    )
