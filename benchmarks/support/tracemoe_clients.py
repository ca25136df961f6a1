"""Public clients of trace.moe's API, each in a virtual environment of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from textwrap import shorten
from typing import Any

from benchmarks.support.context import BenchmarkError

_LONGEST_FAILURE = 300  # characters
_LONGEST = 600.0  # seconds for an installation or a client's questions

_AIOTRACEMOEAPI = """
import asyncio, json, sys
from aiotracemoeapi import TraceMoe

async def main():
    url, picture = sys.argv[1:]
    async with TraceMoe(base_url=url) as client:
        plain = (await client.search(picture, anilist_info=False)).best_result
        named = (await client.search(picture)).best_result
        title = named.anilist_info.title
        found = await client.search(picture, anilist_id=plain.anilist_id)
        print(json.dumps({
            "number": plain.anilist_id, "numberWithTitles": named.anilist_id,
            "titles": [title.native, title.romaji, title.english], "file": named.filename,
            "filtered": sorted({one.anilist_id for one in found.result}),
        }))

asyncio.run(main())
"""
_AIOMOE = """
import asyncio, json, sys
from loguru import logger
logger.remove()
from aiomoe import AioMoe

async def main():
    url, picture = sys.argv[1:]
    AioMoe.API_URL = url
    client = AioMoe()
    data = open(picture, "rb").read()
    plain = (await client.search(data)).result[0]
    named = (await client.search(data, anilist_info=True)).result[0]
    title = named.anilist.title
    found = await client.search(data, anilist_id=plain.anilist)
    print(json.dumps({
        "number": plain.anilist, "numberWithTitles": named.anilist.id,
        "titles": [title.native, title.romaji, title.english], "file": named.filename,
        "filtered": sorted({one.anilist for one in found.result}),
    }))

asyncio.run(main())
"""
_PIC_IMAGE_SEARCH = """
import asyncio, json, sys
from PicImageSearch import Network, TraceMoe

async def main():
    url, picture = sys.argv[1:]
    async with Network() as network:
        client = TraceMoe(base_url=url, base_url_api=url, client=network)
        best = (await client.search(file=picture)).raw[0]
        found = await client.search(file=picture, anilist_id=best.anilist)
        print(json.dumps({
            "number": best.anilist, "numberWithTitles": best.anime_info.get("id"),
            "titles": [best.title_native, best.title_romaji, best.title_english],
            "file": best.filename, "filtered": sorted({one.anilist for one in found.raw}),
        }))

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class TraceMoeClient:
    """A client as it is on PyPI.

    Attributes:
        package: its name and version.
        script: a program that takes a server's address and a picture's path, and prints as JSON
            `number`, `numberWithTitles`, `titles` (native, romaji, English) and `file` of the best
            result, and `filtered`: the numbers that a search of that number alone finds.
    """

    package: str
    script: str


CLIENTS = (
    TraceMoeClient("aiotracemoeapi==4.0.1", _AIOTRACEMOEAPI),
    TraceMoeClient("aiomoe==1.0.4", _AIOMOE),
    TraceMoeClient("PicImageSearch==3.12.11", _PIC_IMAGE_SEARCH),
)


@dataclass(frozen=True, slots=True)
class ClientAnswer:
    """What a client made of a server's answers.

    Attributes:
        package: name and version.
        found: what its script printed; None when it failed.
        failure: why it failed, in one line; empty when it did not.
    """

    package: str
    found: dict[str, Any] | None
    failure: str = ""

    @property
    def has_number(self) -> bool:
        """Whether the number is one, with titles and without, and the filter finds it alone."""
        if self.found is None:
            return False
        number = self.found["number"]
        same = self.found["numberWithTitles"] == number and self.found["filtered"] == [number]
        return isinstance(number, int) and same

    def has_title(self, title: str) -> bool:
        """Whether the native and the romaji title, which bots print, are a title."""
        return self.found is not None and self.found["titles"][:2] == [title, title]


def ask_client(client: TraceMoeClient, folder: Path, url: str, picture: Path) -> ClientAnswer:
    """Install a client and have it search for a picture.

    Args:
        client: which one.
        folder: for its environment; created.
        url: address of the server.
        picture: path of an image file.

    Raises:
        BenchmarkError: it cannot be installed.
    """
    python = folder / "bin/python"
    _run_step([sys.executable, "-m", "venv", str(folder)])
    # -I: what PYTHONPATH names here is none of theirs.
    _run_step([str(python), "-I", "-m", "pip", "install", "--quiet", client.package])
    done = _run([str(python), "-I", "-c", client.script, url, str(picture)])
    if done.returncode:
        return ClientAnswer(client.package, None, _summarize(done.stderr))
    return ClientAnswer(client.package, json.loads(done.stdout))


def _run_step(command: Sequence[str]) -> None:
    done = _run(command)
    if done.returncode:
        raise BenchmarkError(f"`{' '.join(command)}` failed:\n{done.stderr}")


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=_LONGEST
    )


def _summarize(traceback: str) -> str:
    """Return the error's message, which follows the indented lines of code, in one line."""
    _, _, after = traceback.rpartition('\n  File "')
    message = dropwhile(lambda line: not re.match(r"[\w.]+:", line), after.splitlines())
    return shorten(" ".join(message) or traceback, _LONGEST_FAILURE)
