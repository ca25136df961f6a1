"""Adds the routes under `/api/v1`; unknown paths below `/api` are answered in JSON too."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from whenanime_app.api.v1_library import library_router
from whenanime_app.api.v1_operator import operator_router
from whenanime_app.api.v1_search import search_router
from whenanime_app.api.v1_themes import themes_router
from whenanime_app.services import Services

_HTTP_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def add_v1_routes(app: FastAPI, services: Services) -> None:
    """Add everything under `/api`."""
    # A series' and an episode's themes first: their own routes take any path below them.
    routers = [
        themes_router(services),
        library_router(services),
        search_router(services),
        operator_router(services),
    ]
    for router in routers:
        app.include_router(router)

    # The page, which is mounted at `/`, would answer in its own way.
    @app.api_route("/api/{rest:path}", methods=_HTTP_METHODS, include_in_schema=False)
    async def elsewhere(rest: str, request: Request) -> Response:
        path = f"/api/{rest}"
        allowed = ", ".join(sorted(_find_allowed_methods(routers, path)))
        if allowed:
            message = f"{path} takes {allowed} and not {request.method}; see /docs"
            return JSONResponse({"error": message}, 405, headers={"Allow": allowed})
        return JSONResponse({"error": f"there is nothing at {path}; see /docs"}, 404)


def _find_allowed_methods(routers: list[APIRouter], path: str) -> set[str]:
    """Return the methods that some route takes at a path."""
    return {
        method
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.path_regex.match(path)
        for method in route.methods or ()
    }
