"""What the API and the page share, put together once for one server."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from whenanime_app.clips import ClipStore
from whenanime_app.fetch import Fetcher
from whenanime_app.finder import Finder
from whenanime_app.previews import Previews
from whenanime_app.remote import RemoteRoot
from whenanime_app.settings import AppSettings
from whenanime_app.shares import Shares
from whenanime_app.tokens import Tokens, load_secret
from whenanime_app.videos import Videos
from whenanime_app.workers import Workers
from whenanime_pipeline.core.search.live import LiveEngine

_REMOTE_THREADS = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """One server's parts."""

    settings: AppSettings
    finder: Finder
    previews: Previews
    tokens: Tokens
    shares: Shares
    fetcher: Fetcher
    workers: Workers
    cutting: Workers
    videos: Videos
    uploads: Path

    def close(self) -> None:
        """Let what is at work end, and close what is open."""
        self.workers.close()
        self.cutting.close()
        self.videos.close()

    def base_url(self, request: Request) -> str:
        """Return how the caller reaches this server, without a slash at the end."""
        return self.settings.public_url or str(request.base_url).rstrip("/")


def make_parts(settings: AppSettings) -> Parts:
    """Put the parts together; nothing heavy is loaded yet.

    Raises:
        OSError: the home cannot be written to.
    """
    own = settings.home.resolve() / "app"
    workers = Workers(settings.threads, settings.waiting)
    secret = settings.secret or load_secret(own / "secret")
    finder = Finder(LiveEngine(settings.home, ef=settings.ef), workers)
    remote = RemoteRoot(settings.video_root) if settings.video_root else None
    videos = Videos(settings.videos, remote)
    # Whoever waits for a network must not keep searches waiting.
    cutting = Workers(_REMOTE_THREADS, settings.waiting) if remote else workers
    store = ClipStore(own / "previews", settings.preview_cache_bytes)
    return Parts(
        settings=settings,
        finder=finder,
        previews=Previews(finder, cutting, store, videos),
        tokens=Tokens(secret),
        shares=Shares(secret),
        fetcher=Fetcher(settings.fetch_networks),
        workers=workers,
        cutting=cutting,
        videos=videos,
        uploads=own / "uploads",
    )
