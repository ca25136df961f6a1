"""Signs links to stills and previews: they carry a content and seconds, never a path."""

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from whenanime_app.links.signing import Clock, TokenSigner

PREVIEW_LINK_LIFETIME = 24 * 3600
"""Seconds for which a link is valid at least: chats are read the same day, scraped lists later."""
_EXPIRY_STEP = 3600
"""Expiry is rounded up to this many seconds, so that a moment keeps one URL, and caches hit."""


@dataclass(frozen=True, slots=True)
class FrameRef:
    """Frame of a content, with its scene: the target of a link.

    Attributes:
        content: ordinal of the content in the index, given once and never again.
        frame: ordinal of the stored frame.
        start: seconds where the scene begins.
        at: seconds of the frame itself.
        end: seconds where the scene ends.
    """

    content: int
    frame: int
    start: float
    at: float
    end: float


class PreviewLinkSigner:
    """Makes and reads links with one key."""

    def __init__(self, secret: str, *, now: Clock = time.time) -> None:
        """Keep the key.

        Args:
            secret: key of the signatures; its holder can make links.
            now: the clock, seconds since 1970.
        """
        self._signer = TokenSigner(
            secret, "place.1", lifetime=PREVIEW_LINK_LIFETIME, expiry_step=_EXPIRY_STEP, now=now
        )

    def sign(self, frame_ref: FrameRef) -> str:
        """Return a token for a frame; times are kept to the millisecond."""
        times = [round(second * 1000) for second in (frame_ref.start, frame_ref.at, frame_ref.end)]
        return self._signer.sign([frame_ref.content, frame_ref.frame, *times])

    def read(self, token: str) -> FrameRef:
        """Return the frame of a token.

        Raises:
            TokenError: the token was not made by this server.
            TokenExpiredError: the token has expired.
        """
        content, frame, start, at, end = self._signer.read(token)
        return FrameRef(content, frame, start / 1000, at / 1000, end / 1000)


def load_or_create_secret(path: Path) -> str:
    """Return the key kept in a file, which is made (mode 600) when it is missing.

    Two servers that start at once end up with the same key.

    Raises:
        OSError: the file can neither be read nor written.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
            # Unlike a rename, a hard link never replaces the key another server has just made.
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text(encoding="ascii").strip()
