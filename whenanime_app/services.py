"""What the API and the page share, put together once for one server."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from whenanime_app.links.preview_links import Place, Tokens, load_secret
from whenanime_app.links.share_links import Shares
from whenanime_app.machine import usable_cores, usable_memory
from whenanime_app.previews.clip_cache import ClipStore
from whenanime_app.previews.http_video import RemoteRoot
from whenanime_app.previews.previews import Previews
from whenanime_app.previews.video_sources import Videos
from whenanime_app.search.bounded_pool import Workers
from whenanime_app.search.memory_budget import Budget
from whenanime_app.search.pool import LARGE_INDEX, Searchers, processes_beside
from whenanime_app.search.searcher import Searcher
from whenanime_app.search.service import Finder
from whenanime_app.security.rate_limits import Limits
from whenanime_app.security.safe_fetch import Fetcher, Resolve
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.query.scenes import Scene

_REMOTE_THREADS = 4
_LOOKERS = 2  # while one loads a new snapshot, the other tells of the old one
_LOOKING = 400  # stills and the like that wait: a page asks for a dozen, each takes 2 ms


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
    lookers: Workers
    limits: Limits
    videos: Videos
    uploads: Path

    def close(self) -> None:
        """Let what is at work end, and close what is open."""
        self.finder.stop()
        for workers in (self.workers, self.cutting, self.lookers):
            workers.close()
        self.finder.close()
        self.videos.close()

    def base_url(self, request: Request) -> str:
        """Return how the caller reaches this server, without a slash at the end."""
        return self.settings.public_url or str(request.base_url).rstrip("/")


def make_parts(settings: AppSettings, resolve: Resolve | None = None) -> Parts:
    """Put the parts together; nothing heavy is loaded yet.

    Args:
        settings: of the server.
        resolve: finds the addresses of the pictures' hosts; None asks the system.

    Raises:
        OSError: the home cannot be written to.
    """
    own = settings.home.resolve() / "app"
    workers = Workers(settings.threads, settings.waiting)
    lookers = Workers(_LOOKERS, _LOOKING)
    secret = settings.secret or load_secret(own / "secret")
    budget = Budget(settings.body_bytes)
    live = LiveEngine(settings.home, ef=settings.ef)
    searchers = _searchers(Searcher(live), settings)
    finder = Finder(live, searchers, workers, lookers, budget)
    remote = RemoteRoot(settings.video_root) if settings.video_root else None
    videos = Videos(settings.videos, remote)
    # Whoever waits for a network must not keep searches waiting.
    cutting = Workers(_REMOTE_THREADS, settings.waiting) if remote else workers
    store = ClipStore(own / "previews", settings.preview_cache_bytes)
    return Parts(
        settings=settings,
        finder=finder,
        previews=Previews(finder, cutting, lookers, store, videos),
        tokens=Tokens(secret),
        shares=Shares(secret),
        fetcher=Fetcher(
            settings.fetch_networks, resolve=resolve, budget=Budget(settings.body_bytes)
        ),
        workers=workers,
        cutting=cutting,
        lookers=lookers,
        limits=Limits(
            searches_a_minute=settings.searches_a_minute,
            requests_a_minute=settings.requests_a_minute,
            searches_at_once=settings.searches_at_once,
        ),
        videos=videos,
        uploads=own / "uploads",
    )


def links_of(parts: Parts, scene: Scene, base: str) -> tuple[str, str]:
    """Return the still's and the preview's URL; the preview's is empty without its video."""
    token = parts.tokens.sign(
        Place(scene.episode.content, scene.frame, scene.start, scene.at, scene.end)
    )
    video = f"{base}/video/{token}" if parts.previews.has_video(scene.episode) else ""
    return f"{base}/image/{token}", video


def _searchers(own: Searcher, settings: AppSettings) -> Searchers:
    """Return them, with as many processes as are asked for, else as many as seem best."""
    if settings.processes is not None:
        return Searchers(own, settings.home, processes=settings.processes, ef=settings.ef)
    processes = processes_beside(usable_cores(), usable_memory())
    return Searchers(own, settings.home, processes=processes, largest=LARGE_INDEX, ef=settings.ef)
