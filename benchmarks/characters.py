"""Faces of characters: how many the detector finds, what it takes for one, and what it costs.

Part `faces`: stills with boxes drawn by hand (`stills/faces.csv` of --data), the middles of the
shots of drawn series, and pictures without an anime face (frames of the films, painted
backgrounds), all stored as the frames of an episode are, at 320 pixels. A box is a face's if their
intersection over union is above 0.3; heads of less than 24 pixels count neither way. The detector's
one threshold was chosen on other pictures. Another detector is compared by `-o detector=FILE`, on
the same pictures. Without --data, the drawn series alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import cv2
from pydantic import Field

from benchmarks.support.characters.detection import DetectionTotals, PictureResult, detect_all
from benchmarks.support.characters.drawn_pictures import draw_pictures
from benchmarks.support.characters.faceless_pictures import load_backgrounds, sample_films
from benchmarks.support.characters.pictures import FacePicture
from benchmarks.support.characters.still_pictures import load_stills
from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.report import Figure, Report, Target, extract_description
from whenanime_pipeline.core.characters.detector import open_detector
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.found_faces import FaceDetector
from whenanime_pipeline.core.home import Home

_STILLS = Target("≥", 0.93), Target("≥", 0.95)
_DRAWN = Target("≥", 0.96), Target("≥", 0.97)
_FALSE, _MILLISECONDS = Target("≤", 0.01), Target("≤", 60)


class Options(BaseOptions):
    """Options of the benchmark."""

    part: Literal["faces"] = Field(default="faces", description="what is measured")
    detector: str = Field(default="animeface", description="as characters.detector in config.toml")
    seed: int = Field(default=31, ge=0, description="first seed of the drawn series")
    seeds: int = Field(default=3, ge=1, description="seeds, of two series each")
    interval: float = Field(default=1.5, gt=0, description="seconds between frames of the films")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    cv2.setNumThreads(1)
    detector = _open(room.make_folder("home"), options.detector)
    figures: list[Figure] = []
    results: list[PictureResult] = []
    if room.data is not None:
        room.log("stills")
        stills = detect_all(detector, load_stills(room.data / "stills"))
        figures += _rate("stills", stills, _STILLS)
        results += stills
    room.log("drawn series")
    drawn = detect_all(detector, draw_pictures(range(options.seed, options.seed + options.seeds)))
    figures += _rate("drawn series", drawn, _DRAWN)
    results += drawn
    if room.data is not None:
        room.log("pictures without an anime face")
        without = detect_all(detector, _faceless(room, options.interval))
        total = DetectionTotals.sum_up(without)
        name = "pictures without an anime face: false boxes a picture"
        unit = f"of {total.pictures}"
        figures.append(Figure(name, total.false_per_picture, unit, target=_FALSE))
        results += without
    cost = DetectionTotals.sum_up(results).milliseconds
    figures.append(Figure("processor time a picture", cost, "ms", target=_MILLISECONDS))
    wrong = [one.to_row() for one in results if one.found < one.faces or one.false]
    return Report("characters", extract_description(__doc__), figures, {"mistakes": wrong})


def _open(home: Path, detector: str) -> FaceDetector:
    name = detector if detector == "animeface" else str(Path(detector).resolve())
    (home / "config.toml").write_text(f"[characters]\ndetector = '{name}'\n", encoding="utf-8")
    try:
        return open_detector(Home(home))
    except DetectorError as error:
        raise BenchmarkError(str(error)) from error


def _faceless(room: BenchmarkContext, interval: float) -> Iterator[FacePicture]:
    assert room.data is not None
    yield from load_backgrounds(room.data / "stills" / "backgrounds_no_face")
    yield from sample_films(room.find_films("library/**/*.mp4"), interval)


def _rate(
    name: str, results: Sequence[PictureResult], targets: tuple[Target, Target]
) -> list[Figure]:
    total = DetectionTotals.sum_up(list(results))
    return [
        Figure(f"{name}: recall", total.recall, f"of {total.faces} faces", target=targets[0]),
        Figure(
            f"{name}: precision",
            total.precision,
            f"of {total.found + total.false} boxes",
            target=targets[1],
        ),
        Figure(f"{name}: processor time a picture", total.milliseconds, "ms"),
    ]
