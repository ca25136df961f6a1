"""Routes of themes: an episode's segments, a series' seasons, and the operator's word on them."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.etags import is_unchanged, make_etag
from whenanime_app.api.moved_episodes import redirect_moved_episode
from whenanime_app.api.routing import get_and_head
from whenanime_app.api.v1_library import API_PREFIX
from whenanime_app.errors import GoneError
from whenanime_app.library.library_json import find_episode
from whenanime_app.library.scene_json import format_label
from whenanime_app.library.theme_json import build_episode_segments, build_series_segments
from whenanime_app.library.theme_models import (
    EpisodeSegmentsAnswer,
    SeriesSegments,
    ThemeType,
)
from whenanime_app.services import Services
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.themes.labels.edits import (
    label_template,
    remove_segment,
    set_segment,
)
from whenanime_pipeline.core.themes.labels.theme_labels import SegmentLabel, Span
from whenanime_pipeline.core.themes.lookup import ThemesView

Answer = TypeVar("Answer", bound=BaseModel)
_MAX_SECOND = 1_000_000.0  # seconds: longer than any file
Second = Annotated[float, Field(ge=0, le=_MAX_SECOND, description="seconds")]
_WRITE_ERRORS = (400, 403, 404, 408, 409, 413, 503)


class TemplateWord(BaseModel):
    """The operator's word on a template, for the whole season; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    template: str = Field(description="id of a template that the episode shows")
    confirmed: bool | None = Field(None, description="whether it is what it seems to be")
    never_skip: bool | None = Field(None, description="whether it is to be played")
    type: ThemeType | None = Field(None, description="what it is")


class SegmentWord(BaseModel):
    """A segment of an episode, set or corrected by the operator."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    type: ThemeType
    from_: Second = Field(validation_alias="from", serialization_alias="from")
    to: Second
    never_skip: bool = Field(default=False, description="whether it is to be played")

    @model_validator(mode="after")
    def _check_order(self) -> "SegmentWord":
        if self.to <= self.from_:
            raise ValueError("`to` is not after `from`")
        return self


def themes_router(services: Services) -> APIRouter:
    """Return the routes of themes; those that change something are the operator's."""
    router = APIRouter(prefix=API_PREFIX, tags=["themes"])
    _add_reading_routes(router, services)
    _add_writing_routes(router, services)
    return router


def require_operator(services: Services) -> Callable[[Request], None]:
    """Return the dependency of every route that changes something."""

    def check_operator(request: Request) -> None:
        services.operator.check_change(request)

    return check_operator


def _add_reading_routes(router: APIRouter, services: Services) -> None:
    @get_and_head(
        router,
        "/series/{name:path}/themes",
        summary="The themes of a series, season by season",
        responses=tracemoe_openapi.json_responses("its seasons", 400, 404, 503)
        | {304: {"description": "they have not changed"}},
    )
    async def series(
        name: str,
        request: Request,
        number: Annotated[
            int | None,
            Query(
                alias="seriesNumber",
                ge=1,
                lt=2**31,
                description="of one of several series of that name; without it all are one",
            ),
        ] = None,
    ) -> SeriesSegments:
        view = await services.view_themes()
        found = await services.read_executor.run(build_series_segments, view, name, number)
        if found is None:
            raise GoneError(f"no series of this library is called {name}")
        return _answer(request, found)  # type: ignore[return-value]

    @get_and_head(
        router,
        "/episodes/{key:path}/themes",
        summary="An episode's themes, with their evidence",
        responses=tracemoe_openapi.json_responses("its segments", 404, 503)
        | {304: {"description": "they have not changed"}},
    )
    async def episode(key: str, request: Request) -> EpisodeSegmentsAnswer:
        view = await services.view_themes()
        found = find_episode(view.snapshot, key)
        if found is None:
            # FastAPI sends a response as it is.
            return redirect_moved_episode(  # type: ignore[return-value]
                request, view.snapshot, key, "/themes"
            )
        answer = await services.read_executor.run(build_episode_segments, view, found)
        return _answer(request, answer)  # type: ignore[return-value]


def _add_writing_routes(router: APIRouter, services: Services) -> None:
    operator = Depends(require_operator(services))

    @router.post(
        "/episodes/{key:path}/themes",
        summary="Confirm a template, never skip it, or say what it is",
        dependencies=[operator],
        responses=tracemoe_openapi.json_responses("the segments now", *_WRITE_ERRORS),
    )
    async def label(key: str, word: TemplateWord) -> EpisodeSegmentsAnswer:
        view, episode = await _find(services, key)
        if all(one.template != word.template for one in view.list_segments(episode)):
            raise GoneError(f"this episode shows no template {word.template}")
        said = {"confirmed": word.confirmed, "never_skip": word.never_skip}
        changes = {name: value for name, value in said.items() if value is not None}

        def write() -> None:
            label_template(
                services.home,
                word.template,
                name=episode.series,
                kind=word.type,
                changes=changes,
            )

        return await _write(services, key, write)

    @router.put(
        "/episodes/{key:path}/themes",
        summary="Set or correct a segment",
        dependencies=[operator],
        responses=tracemoe_openapi.json_responses("the segments now", *_WRITE_ERRORS),
    )
    async def put(key: str, word: SegmentWord) -> EpisodeSegmentsAnswer:
        _, episode = await _find(services, key)
        label = SegmentLabel(word.type, word.from_, word.to, word.never_skip)

        def write() -> None:
            set_segment(services.home, episode.fingerprint, label, name=_name(episode))

        return await _write(services, key, write)

    @router.delete(
        "/episodes/{key:path}/themes",
        summary="Say that a segment is wrong",
        dependencies=[operator],
        responses=tracemoe_openapi.json_responses("the segments now", *_WRITE_ERRORS),
    )
    async def delete(
        key: str,
        start: Annotated[float, Query(alias="from", ge=0, le=_MAX_SECOND, description="seconds")],
        end: Annotated[float, Query(alias="to", ge=0, le=_MAX_SECOND, description="seconds")],
    ) -> EpisodeSegmentsAnswer:
        view, episode = await _find(services, key)
        if all(one.start >= end or one.end <= start for one in view.list_segments(episode)):
            raise GoneError("this episode has no segment there")

        def write() -> None:
            span = Span(start, end)
            remove_segment(services.home, episode.fingerprint, span, name=_name(episode))

        return await _write(services, key, write)


async def _find(services: Services, key: str) -> tuple[ThemesView, EpisodeRecord]:
    view = await services.view_themes()
    episode = find_episode(view.snapshot, key)
    if episode is None:
        raise GoneError(f"no episode of this library has the key {key}")
    return view, episode


async def _write(services: Services, key: str, write: Callable[[], None]) -> EpisodeSegmentsAnswer:
    """Write the operator's word, and return what is shown from now on."""
    await services.read_executor.run(write)
    view, episode = await _find(services, key)
    return await services.read_executor.run(build_episode_segments, view, episode)


def _name(episode: EpisodeRecord) -> str:
    return f"{episode.series} {format_label(episode)}".rstrip()


def _answer(request: Request, answer: Answer) -> Response:
    """Return an answer with its tag, or that it has not changed: it is asked for often."""
    body = answer.model_dump_json(by_alias=True)
    etag = make_etag("themes", body)
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if is_unchanged(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
