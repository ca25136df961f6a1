"""The page: three Gradio components whose drawing is done by the scripts in `page/`.

Names of files and titles come from strangers, so no template ever holds them: the templates below
are fixed, and the scripts put every name in place as text.
"""

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from whenanime_app.api import links_of
from whenanime_app.fetch import MAX_BYTES
from whenanime_app.finder import Answer, NothingIndexedError
from whenanime_app.parts import Parts
from whenanime_app.results import is_found, scene_json
from whenanime_app.texts import TEXTS
from whenanime_app.workers import BusyError
from whenanime_pipeline.core.media.errors import PictureError

# Seconds between sweeps of uploads, and their age then: each is removed when it has been read, so
# these are what a browser left behind when it went away.
_SWEEP = (600, 600)
_PAGE = Path(__file__).parent / "page"
_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans CJK SC", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def mount_page(app: FastAPI, parts: Parts) -> None:
    """Mount the page at `/`, behind the routes the application already has.

    Args:
        app: the application.
        parts: what the page searches with.

    Raises:
        OSError: the home cannot be written to.
    """
    _swept_folder(parts.uploads)
    # Gradio takes the folder of uploads from nowhere else.
    os.environ["GRADIO_TEMP_DIR"] = str(parts.uploads)
    gr.mount_gradio_app(
        app,
        _page(parts),
        path="/",
        theme=gr.themes.Base(font=_FONTS, font_mono=_MONO),
        css=_page_file("page.css"),
        favicon_path=str(_PAGE / "icon.png"),
        allowed_paths=[],
        max_file_size=MAX_BYTES,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
    )


def _part(name: str) -> gr.HTML:
    """Return a component that `page/<name>.js` draws into an empty element.

    A plain one: of a class of our own, Gradio would write a `.pyi` beside this file.
    """
    return gr.HTML(
        html_template=f'<div class="wa-{name}"></div>',
        js_on_load=_page_file("shared.js") + _page_file(f"{name}.js"),
        apply_default_css=False,
        elem_id=f"wa-{name}",
        texts=TEXTS,
    )


def _page(parts: Parts) -> gr.Blocks:
    async def load() -> dict[str, Any]:
        return await _library(parts)

    async def search(event: gr.EventData) -> dict[str, Any]:
        return {**await _search(parts, Path(str(event.path))), "id": event.id}

    with gr.Blocks(title="WhenAnime", analytics_enabled=False, delete_cache=_SWEEP) as page:
        _part("header")
        with gr.Row(elem_id="wa-columns"):
            picker = _part("picker")
            results = _part("results")
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        page.load(load, outputs=results, **quiet)
        # How many work at once is the thread pool's business, for the page and the API together.
        found = picker.search(search, outputs=results, concurrency_limit=None, **quiet)
        found.failure(js="() => document.dispatchEvent(new Event('whenanime:failed'))", **quiet)
    page.queue(max_size=parts.settings.waiting, api_open=False)
    return page


async def _search(parts: Parts, upload: Path) -> dict[str, Any]:
    """Search for an uploaded picture, which is removed; errors become a state of the page."""
    if not upload.resolve().is_relative_to(parts.uploads) or not upload.is_file():
        return _error("errorServer")
    try:
        answer = await parts.finder.find(await asyncio.to_thread(_taken, upload))
        found = await asyncio.to_thread(_found, parts, answer)
        return found | {"library": await parts.finder.status()}
    except PictureError as error:
        return _error("errorPicture", str(error))
    except BusyError:
        return _error("errorBusy")
    except NothingIndexedError:
        return await _library(parts)


async def _library(parts: Parts) -> dict[str, Any]:
    return {"state": "library", "library": await parts.finder.status()}


def _found(parts: Parts, answer: Answer) -> dict[str, Any]:
    items = []
    for scene in answer.scenes:
        episode = scene.episode
        titles = {
            "native": episode.native,
            "romaji": episode.romaji,
            "english": episode.english,
            "seasonName": episode.season_name,
            "kind": episode.kind,
        }
        # Relative links: the page may stand under a prefix that only a proxy knows.
        image, video = links_of(parts, scene, ".")
        items.append({**scene_json(scene, image=image, video=video), **titles})
    return {
        "state": "results",
        "weak": not is_found(answer.scenes),
        "milliseconds": answer.milliseconds,
        "items": items,
    }


def _error(code: str, detail: str = "") -> dict[str, Any]:
    return {"state": "error", "code": code, "detail": detail}


def _taken(upload: Path) -> bytes:
    try:
        return upload.read_bytes()
    finally:
        upload.unlink(missing_ok=True)


def _page_file(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _swept_folder(folder: Path) -> None:
    """Forget the uploads of a server that was killed, but not those of one beside this one."""
    folder.mkdir(parents=True, exist_ok=True)
    for upload in folder.iterdir():
        if upload.stat().st_mtime < time.time() - _SWEEP[1]:
            shutil.rmtree(upload, ignore_errors=True)
