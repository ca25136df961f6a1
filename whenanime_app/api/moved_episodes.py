"""Redirects addresses with the former key of an episode to its address now."""

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse

from whenanime_app.errors import GoneError
from whenanime_app.library.library_json import find_moved_episode
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

EPISODES_PATH = "/api/v1/episodes/"


def redirect_moved_episode(
    request: Request, snapshot: Snapshot, key: str, route: str = ""
) -> RedirectResponse:
    """Return the redirect for a key that an episode had before.

    It is temporary (307): another file may get the old name, and with it the old key. Its address
    is relative, since a proxy may serve the API below a path unknown here.

    Args:
        request: Request with the former key.
        snapshot: Published snapshot.
        key: Key in the request's address.
        route: What follows the key in the address, such as `/frame`.

    Raises:
        GoneError: No episode has or had that key.
    """
    episode = find_moved_episode(snapshot, key)
    if episode is None:
        raise GoneError(f"no episode of this library has the key {key}")
    raw = request.scope.get("raw_path") or request.url.path.encode()
    asked = raw.decode("latin-1").split("?")[0].partition(EPISODES_PATH)[2]
    address = "../" * asked.count("/") + encode_key(episode.key) + route
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(address + query, 307, headers={"Cache-Control": "no-cache"})


def encode_key(key: str) -> str:
    """Return a key as it stands in addresses."""
    return "/".join(quote(part, safe="") for part in key.split("/"))
