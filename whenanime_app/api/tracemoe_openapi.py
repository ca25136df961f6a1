"""OpenAPI parts that the routes share: responses, errors, parameters and bodies."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI

from whenanime_app.library.scene_models import StrictModel


class ErrorAnswer(StrictModel):
    """An error, in words."""

    error: str


def json_responses(description: str, *codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe an answer in JSON, and the errors that may be returned instead.

    The answer's schema is that of the route's return annotation.

    Args:
        description: description of the answer.
        *codes: status codes of errors.
    """
    good: dict[int | str, dict[str, Any]] = {200: {"description": description}}
    return good | _error_responses(codes)


def file_responses(
    *media_types: str, errors: Iterable[int] = (400, 403, 404, 410, 503)
) -> dict[int | str, dict[str, Any]]:
    """Describe the file that a result's link leads to, and the errors that may be returned.

    Args:
        *media_types: media types of the file.
        errors: status codes of errors.
    """
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
    sent: dict[int | str, dict[str, Any]] = {
        200: {"content": content, "description": "the file"},
        304: {"description": "it has not changed"},
    }
    return sent | _error_responses(errors)


def remove_validation_responses(app: FastAPI) -> None:
    """Remove the 422 responses that FastAPI describes for every route from `/openapi.json`.

    Invalid parameters are answered with 400, as by trace.moe.
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
    # Every route limits its clients.
    return {
        code: {"model": ErrorAnswer, "description": _ERROR_DESCRIPTIONS[code]}
        for code in sorted({*codes, 429})
    }


def _answer_schema(**schema: Any) -> dict[str, Any]:  # noqa: ANN401
    """Add members to the schema of a route's answer.

    Earlier builds described the answers of a search as objects of any fields too. It says nothing
    more, but client generators may have been run on it, so the description stays the same.
    """
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}


def _query_parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "name": name,
        "in": "query",
        "description": description,
        "allowEmptyValue": True,
        "schema": {"type": "string"} | schema,
    }


_ERROR_DESCRIPTIONS = {
    400: "the picture cannot be read or fetched, or a parameter is invalid",
    402: "this client has too many searches under way",
    403: "this server did not make the link, or only the operator may do this",
    404: "it is not here, or not any more",
    405: "the request has no picture",
    408: "the request came too slowly",
    409: "the operator's file has a mistake, or says something that excludes this",
    410: "the link is too old",
    413: "the picture is larger than 25 MiB",
    429: "this client asked too much; RateLimit-* and Retry-After say when it may ask again",
    503: "too many are waiting, or nothing is indexed yet",
}
SEARCH_ERROR_CODES = 400, 402, 405, 408, 413, 503
"""Status codes of errors that a search may return."""
_URL_PARAMETER = _query_parameter("url", "address of a picture; wins over a picture in the body")
_SEARCH_PARAMETERS = [
    _URL_PARAMETER,
    _query_parameter("anilistID", "search this series alone", pattern="^[0-9]*$"),
    _query_parameter("anilistInfo", "titles of each series; by presence"),
    _query_parameter("tag", "search series of this genre or tag alone; may be repeated"),
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

_ANY_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": True}
_PICTURE_BODIES: dict[str, Any] = {
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

SEARCH_GET_OPENAPI: dict[str, Any] = {
    "parameters": _SEARCH_PARAMETERS,
    **_answer_schema(title="Response Search Url", **_ANY_OBJECT),
}
SEARCH_POST_OPENAPI: dict[str, Any] = {
    "parameters": _SEARCH_PARAMETERS,
    **_PICTURE_BODIES,
    **_answer_schema(title="Response Search", **_ANY_OBJECT),
}
V1_SEARCH_OPENAPI: dict[str, Any] = {
    "parameters": [_URL_PARAMETER],
    **_PICTURE_BODIES,
    **_answer_schema(title="Response Search Api V1 Search Post", **_ANY_OBJECT),
}
V1_BATCH_OPENAPI: dict[str, Any] = {
    **_answer_schema(title="Response 200 Batch Api V1 Search Batch Post", items=_ANY_OBJECT),
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
    },
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
