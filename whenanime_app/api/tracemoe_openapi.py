"""What `/docs` says of trace.moe's routes; answers are made elsewhere and tested against this."""

from collections.abc import Iterable
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field


class StrictModel(BaseModel):
    """A part of an answer: these fields, and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Title(StrictModel):
    """Titles of a series; null where its NFO is silent."""

    native: str | None
    romaji: str | None
    english: str | None


class AniListInfo(StrictModel):
    """A series, when `anilistInfo` asks for it."""

    id: int | None
    id_mal: int | None = Field(alias="idMal")
    title: Title
    synonyms: list[str]
    is_adult: bool = Field(alias="isAdult")


EpisodeNumber = int | float | str | list[int] | None


class Also(StrictModel):
    """Another moment that shows the same."""

    filename: str
    episode: EpisodeNumber
    label: str
    from_: float = Field(alias="from", description="seconds")
    to: float = Field(description="seconds")


class Result(StrictModel):
    """A scene."""

    anilist: int | AniListInfo | None
    filename: str
    episode: EpisodeNumber = Field(
        description='number, [first, last], a mark such as "NCOP", or null'
    )
    from_: float = Field(alias="from", description="seconds where the scene begins")
    at: float = Field(description="seconds of the best hit")
    to: float = Field(description="seconds where the scene ends")
    duration: float = Field(description="seconds of the file")
    similarity: float = Field(ge=0, le=1)
    video: str = Field(description="a short clip; empty when the video is not on this server")
    image: str = Field(description="a still")
    match: Literal["certain", "likely", "similar"]
    mirrored: bool
    corners: list[tuple[float, float]] = Field(
        description="where the picture's corners lie on the frame, as shares of its size"
    )
    key: str
    series: str
    season: int | None
    title: str | None
    label: str = Field(description="such as S01E02")
    also: list[Also]


class SearchAnswer(StrictModel):
    """Scenes, best first."""

    frame_count: int = Field(alias="frameCount", description="frames that were searched")
    error: str
    quota: int
    quota_used: int = Field(alias="quotaUsed")
    result: list[Result] = Field(max_length=10)


class ErrorAnswer(StrictModel):
    """What went wrong, in words."""

    error: str


def json_responses(model: object, description: str, *codes: int) -> dict[int | str, dict[str, Any]]:
    """Return the descriptions of an answer in JSON, and of the codes that may come instead.

    Args:
        model: of the answer.
        description: it is, in words.
        codes: of errors.
    """
    good: dict[int | str, dict[str, Any]] = {200: {"model": model, "description": description}}
    return good | _error_responses(codes)


def file_responses(
    *media_types: str, errors: Iterable[int] = (400, 403, 404, 410, 503)
) -> dict[int | str, dict[str, Any]]:
    """Return the descriptions of what a link of a result answers."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
    sent: dict[int | str, dict[str, Any]] = {
        200: {"content": content, "description": "the file"},
        304: {"description": "it has not changed"},
    }
    return sent | _error_responses(errors)


def remove_validation_responses(app: FastAPI) -> None:
    """Take out of the description what FastAPI says of every route, and no route here answers.

    A parameter that is none is answered with 400, as trace.moe does.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            for operation in (one for path in schema["paths"].values() for one in path.values()):
                operation["responses"].pop("422", None)
            for name in ("HTTPValidationError", "ValidationError"):
                schema["components"]["schemas"].pop(name, None)
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]


def _error_responses(codes: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    # Who asks too much is told so by every route.
    told = sorted({*codes, 429})
    return {code: {"model": ErrorAnswer, "description": _ERROR_DESCRIPTIONS[code]} for code in told}


def _query_parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "name": name,
        "in": "query",
        "description": description,
        "allowEmptyValue": True,
        "schema": {"type": "string"} | schema,
    }


_ERROR_DESCRIPTIONS = {
    400: "the picture cannot be read or fetched, or a parameter is not one",
    402: "this client has too many searches under way",
    403: "this server did not make the link",
    404: "it is not here, or not any more",
    405: "the request has no picture",
    408: "the request came too slowly",
    410: "the link is too old",
    413: "the picture is larger than 25 MiB",
    429: "this client asked too much; RateLimit-* and Retry-After tell when it may again",
    503: "too many are waiting, or nothing is indexed yet",
}
SEARCH_ERROR_CODES = 400, 402, 405, 408, 413, 503
"""What may come instead of scenes."""
_URL_PARAMETER = _query_parameter("url", "address of a picture; wins over a picture in the body")
_SEARCH_PARAMETERS = [
    _URL_PARAMETER,
    _query_parameter("anilistID", "search this series alone", pattern="^[0-9]*$"),
    _query_parameter("anilistInfo", "titles of each series; by presence"),
    _query_parameter("cutBorders", "taken and ignored: black borders never matter"),
    _query_parameter("key", "taken and ignored, as is the header x-trace-key"),
]
_PICTURE_BODY = {"schema": {"type": "string", "format": "binary"}}
_FORM_BODY = {
    "schema": {
        "type": "object",
        "properties": {"image": {"type": "string", "format": "binary"}},
        "description": "the first file, whatever its field is called",
    }
}

SEARCH_GET_OPENAPI: dict[str, Any] = {"parameters": _SEARCH_PARAMETERS}
SEARCH_POST_OPENAPI: dict[str, Any] = SEARCH_GET_OPENAPI | {
    "requestBody": {
        "content": {
            "multipart/form-data": _FORM_BODY,
            "image/*": _PICTURE_BODY,
            "video/*": _PICTURE_BODY,
            "application/octet-stream": _PICTURE_BODY,
            "application/x-www-form-urlencoded": _PICTURE_BODY,
        }
    }
}
V1_SEARCH_OPENAPI: dict[str, Any] = {
    "parameters": [_URL_PARAMETER],
    "requestBody": SEARCH_POST_OPENAPI["requestBody"],
}
V1_BATCH_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "image": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                            "maxItems": 16,
                        }
                    },
                    "required": ["image"],
                    "description": "every file, whatever its field is called; together at most "
                    "25 MiB",
                }
            }
        },
        "required": True,
    }
}
_SIZE_PARAMETER = _query_parameter(
    "size", "160, 320 or 640 pixels wide", enum=["s", "m", "l"], default="m"
)
IMAGE_OPENAPI: dict[str, Any] = {"parameters": [_SIZE_PARAMETER]}
VIDEO_OPENAPI: dict[str, Any] = {
    "parameters": [
        _SIZE_PARAMETER,
        _query_parameter("mute", "without sound; by presence"),
        _query_parameter("format", "a GIF rather than MP4", enum=["mp4", "gif"], default="mp4"),
    ]
}
