"""Makes a small home with the build that is installed, and records what it answers.

Run by hand at the end of a stage: `python tests/homes/make_home.py NAME`, where NAME is the commit.
It knows the build only by its command and its HTTP routes, so that one script serves every stage.
It writes `NAME.tar.xz`: `home/`, `videos/`, `queries/` and `answers.json`.
"""

import json
import os
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import httpx
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from conftest import make_model  # noqa: E402  (after the path)

from homes.recording import record_answers  # noqa: E402

Picture = NDArray[np.uint8]
FPS = 12
SIZE = (256, 144)
NFO = """<tvshow><title>Lantern</title><originaltitle>灯</originaltitle>
<uniqueid type="anilist">77</uniqueid>
<actor><name>A. Voice</name><role>Mio (voice)</role></actor></tvshow>"""


def draw_scene(seed: int) -> Picture:
    """Return a drawn picture with corners to match, `(height, width, 3)`."""
    rng = np.random.default_rng(seed)
    width, height = SIZE
    low = rng.integers(40, 215, (3, 4, 3), dtype=np.uint8)
    picture: Picture = cv2.resize(low, SIZE, interpolation=cv2.INTER_CUBIC)
    for _ in range(14):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        if rng.random() < 0.5:
            cv2.circle(picture, centre, int(rng.integers(6, 26)), colour, -1, cv2.LINE_AA)
        else:
            corner = (centre[0] + int(rng.integers(10, 60)), centre[1] + int(rng.integers(8, 40)))
            cv2.rectangle(picture, centre, corner, colour, -1, cv2.LINE_AA)
    return picture


def write_video(
    path: Path, scenes: list[Picture], chapters: list[tuple[float, float, str]]
) -> None:
    """Write a video that shows each scene for a second, with chapters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        unit = Fraction(1, 1000)
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "30"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        container.set_chapters(
            [
                {
                    "id": number,
                    "start": round(start / unit),
                    "end": round(end / unit),
                    "time_base": unit,
                    "metadata": {"title": title},
                }
                for number, (start, end, title) in enumerate(chapters)
            ]
        )
        for scene in scenes:
            for _ in range(FPS):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(scene, format="rgb24")))
        container.mux(stream.encode())


def write_videos(videos: Path) -> None:
    """Write a season of two episodes that share their opening, and a file that is no video."""
    opening = draw_scene(1)
    folder = videos / "Lantern" / "Season 01"
    for number in (1, 2):
        scenes = [opening, draw_scene(10 + number), draw_scene(20 + number)]
        chapters = [(0.0, 1.0, "Opening"), (1.0, 3.0, "Part A")]
        write_video(folder / f"Lantern - S01E{number:02d}.mkv", scenes, chapters)
    (videos / "Lantern" / "tvshow.nfo").write_text(NFO, encoding="utf-8")
    (folder / "Lantern - S01E03.mkv").write_bytes(b"not a video" * 99)


def write_queries(folder: Path) -> None:
    """Write the queries: a frame, a crop, a mirrored frame, a negative, and no picture at all."""
    folder.mkdir()
    frame = draw_scene(11)
    pictures = {
        "frame": frame,
        "crop": frame[20:110, 40:200],
        "mirrored": draw_scene(22)[:, ::-1],
        "negative": draw_scene(99),
    }
    for name, picture in pictures.items():
        bgr = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
        (folder / f"{name}.png").write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
    (folder / "text.png").write_bytes(b"no picture")


def run_command(*words: object, codes: tuple[int, ...] = (0,)) -> str:
    """Run `whenanime` and return its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "whenanime_pipeline", *map(str, words)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode not in codes:
        raise SystemExit(f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def serve_and_record(place: Path) -> dict[str, Any]:
    """Serve the home and return what it answers."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "whenanime_app", "--home", place / "home", "--videos",
         place / "videos", "--port", str(port)], cwd=ROOT,
        env={**os.environ, "WHENANIME_PROCESSES": "0"},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{url}/status").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        with httpx.Client(base_url=url, timeout=60) as client:
            return record_answers(client, place / "queries")
    finally:
        server.terminate()
        server.wait()


def main(name: str) -> None:
    """Make the home, ask it, and pack all of it."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        write_videos(place / "videos")
        write_queries(place / "queries")
        make_model(place / "home/models/small")
        (place / "home/models/IN_USE").write_text("small\n")
        options = ("--home", place / "home", "--videos", place / "videos")
        run_command("index", *options, codes=(1,))
        answers = serve_and_record(place)
        answers["cli"] = {
            query.stem: json.loads(run_command("search", query, "--json", *options))
            for query in sorted((place / "queries").glob("*.png"))
            if query.stem != "text"
        }
        (place / "answers.json").write_text(
            json.dumps(answers, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8"
        )
        for temporary in ("home/locks", "home/app/previews", "home/app/uploads", "home/dagster"):
            subprocess.run(["rm", "-rf", place / temporary], check=True)
        target = Path(__file__).parent / f"{name}.tar.xz"
        with tarfile.open(target, "w:xz") as archive:
            for part in ("home", "videos", "queries", "answers.json"):
                archive.add(place / part, part)
        print(f"{target}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
