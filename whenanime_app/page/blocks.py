"""The page: Gradio components that the scripts in `static/` draw.

File names and titles are untrusted, so the templates below are fixed, and the scripts insert every
name as text.
"""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from whenanime_app.page.states import PageController, PageState, SearchRequest
from whenanime_app.page.texts import TEXTS
from whenanime_app.security.clients import client_of
from whenanime_app.security.safe_fetch import MAX_PICTURE_BYTES
from whenanime_app.services import Services

# Seconds between sweeps of uploads, and the age of removed ones. An upload is deleted once it is
# read; a sweep removes those of browsers that left before their search.
_UPLOAD_SWEEP = (600, 600)
_STATIC_FOLDER = Path(__file__).parent / "static"
_COMMON_SCRIPTS = ("shared", "address", "format", "announce")
_STYLESHEETS = (
    *("base", "header", "picker", "crop", "filters"),
    *("results", "card", "play", "browse", "themes", "status"),
)
_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans CJK SC", "sans-serif")
_MONOSPACE_FONTS = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def mount_page(app: FastAPI, services: Services) -> None:
    """Mount the page at `/`, after the routes of the application.

    Args:
        app: application to mount the page in.
        services: services that answer the page's events.

    Raises:
        OSError: the home cannot be written to.
    """
    _sweep_uploads(services.uploads_folder)
    # Gradio reads the folder of uploads only from the environment.
    os.environ["GRADIO_TEMP_DIR"] = str(services.uploads_folder)
    gr.mount_gradio_app(
        app,
        _build_page(services),
        path="/",
        theme=gr.themes.Base(font=_FONTS, font_mono=_MONOSPACE_FONTS),
        css="".join(_read_static_file(f"{one}.css") for one in _STYLESHEETS),
        favicon_path=str(_STATIC_FOLDER / "icon.png"),
        allowed_paths=[],
        max_file_size=MAX_PICTURE_BYTES,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
    )


def _make_component(name: str, *scripts: str) -> gr.HTML:
    """Return a component whose scripts draw into an empty element.

    For a subclass, Gradio would write a `.pyi` next to this file.

    Args:
        name: name of the component and of its main script, which comes last.
        *scripts: names of its other scripts, in order; all share one scope.
    """
    return gr.HTML(
        html_template=f'<div class="wa-{name}"></div>',
        js_on_load="".join(
            _read_static_file(f"{one}.js") for one in (*_COMMON_SCRIPTS, *scripts, name)
        ),
        apply_default_css=False,
        elem_id=f"wa-{name}",
        texts=TEXTS,
    )


def _build_page(services: Services) -> gr.Blocks:
    states = PageController(services)

    async def start(request: gr.Request) -> PageState:
        return await states.load_start(request.query_params)

    async def library() -> PageState:
        return await states.load_library()

    async def search(event: gr.EventData, request: gr.Request) -> PageState:
        fields = {name: getattr(event, name) for name in _list_search_fields(event)}
        return await states.search(fields, client_of(request.request.scope))

    async def status() -> PageState:
        return await states.load_status()

    with gr.Blocks(title="WhenAnime", analytics_enabled=False, delete_cache=_UPLOAD_SWEEP) as page:
        _make_component("header")
        with gr.Row(elem_id="wa-columns"):
            picker = _make_component("picker", "picture", "crop", "filters")
            results = _make_component("results", "play", "moment", "card", "keys")
        _make_component("browse", "play", "moment", "themes", "episode", "viewer")
        about = _make_component("status", "operator")
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # The thread pool limits how many searches run at once, for the page and the API together.
        free: dict[str, Any] = {"concurrency_limit": None, **quiet}
        page.load(start, outputs=results, **free)
        results.filled(library, outputs=results, **free)
        # A second picture can be searched before the answer to the first.
        found = picker.search(search, outputs=results, trigger_mode="multiple", **free)
        found.failure(js="() => document.dispatchEvent(new Event('whenanime:failed'))", **quiet)
        about.refresh(status, outputs=about, trigger_mode="multiple", **free)
    page.queue(max_size=services.settings.max_waiting, api_open=False)
    return page


def _list_search_fields(event: gr.EventData) -> list[str]:
    """Return the fields of a search request that an event has."""
    return [name for name in SearchRequest.model_fields if hasattr(event, name)]


def _read_static_file(name: str) -> str:
    return (_STATIC_FOLDER / name).read_text(encoding="utf-8")


def _sweep_uploads(folder: Path) -> None:
    """Delete old uploads of a killed server, but not those of one that runs on the same home."""
    folder.mkdir(parents=True, exist_ok=True)
    for upload in folder.iterdir():
        if upload.stat().st_mtime < time.time() - _UPLOAD_SWEEP[1]:
            shutil.rmtree(upload, ignore_errors=True)
