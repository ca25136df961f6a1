"""Whether bots of trace.moe get a number and a title for series that have no NFO.

Indexes a small drawn library without NFO files by `whenanime index`, serves it on a free port of
the loopback, and has public clients search for a frame of it: aiotracemoeapi and aiomoe, whose
typed answers fail on null, and PicImageSearch, which looks the number up at `/anilist`. Installs
each of them from PyPI into an environment of its own, and compares what they return with the
library's series.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.support.app_process import start_app
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.index_process import run_index
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.tracemoe_clients import CLIENTS, ClientAnswer, ask_client
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.sample.sample_library import make_sample_library

SECOND = 4.0
"""Of the episode, where its first scene is on screen."""


class Options(BaseOptions):
    """Nothing can be set."""


def measure(room: BenchmarkContext, _: Options) -> Report:
    """Measure it all."""
    videos, home = room.make_folder("videos"), room.scratch / "home"
    truth = make_sample_library(videos, size=(640, 360), episodes=1)
    for nfo in videos.rglob("*.nfo"):
        nfo.unlink()
    room.log("indexing the library")
    # Its exit code is about files that cannot be indexed; the drawn library has none.
    done = run_index(Home(home), videos)
    room.log(done.output.strip().rpartition("\n")[2])
    file = truth.files[0]
    picture = _write_frame(videos / file.path, room.scratch / "frame.png")
    with start_app(home, videos) as app:
        answers = []
        for client in CLIENTS:
            room.log(f"installing and asking {client.package}")
            folder = room.scratch / client.package.partition("==")[0]
            answers.append(ask_client(client, folder, app.url, picture))
    return build_report(answers, file.series)


def build_report(answers: Sequence[ClientAnswer], series: str) -> Report:
    """Count what the clients got.

    Args:
        answers: of each client.
        series: the series' name in the library.
    """
    every = Target("=", len(answers))
    counts = {
        "clients that get an answer": [answer.found is not None for answer in answers],
        "clients that get one number, and search by it": [a.has_number for a in answers],
        "clients that get the series' name": [answer.has_title(series) for answer in answers],
    }
    return Report(
        "clients",
        extract_description(__doc__),
        [Figure(name, sum(which), target=every) for name, which in counts.items()],
        {"answers": [_describe(answer) for answer in answers]},
    )


def _describe(answer: ClientAnswer) -> dict[str, Any]:
    found = answer.found or {}
    names = ("number", "titles", "file", "filtered")
    return (
        {"client": answer.package}
        | {name: found.get(name) for name in names}
        | {"failure": answer.failure}
    )


def _write_frame(video: Path, picture: Path) -> Path:
    Image.fromarray(decode_frame_at(video, SECOND)).save(picture)
    return picture
