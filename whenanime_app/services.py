"""Builds the services that one server's API and page share."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from whenanime_app.links.preview_links import FrameRef, PreviewLinkSigner, load_or_create_secret
from whenanime_app.links.share_links import ShareLinkSigner
from whenanime_app.machine import count_usable_cores, measure_usable_memory
from whenanime_app.previews.clip_cache import ClipCache
from whenanime_app.previews.http_video import HttpVideoRoot
from whenanime_app.previews.previews import PreviewService
from whenanime_app.previews.video_sources import VideoSources
from whenanime_app.search.bounded_pool import BoundedExecutor
from whenanime_app.search.faces import FaceService
from whenanime_app.search.memory_budget import MemoryBudget
from whenanime_app.search.pool import LARGE_INDEX_BYTES, SearcherPool, choose_process_count
from whenanime_app.search.searcher import Searcher
from whenanime_app.search.service import SearchService
from whenanime_app.security.operator import OperatorAccess
from whenanime_app.security.rate_limits import ClientLimits
from whenanime_app.security.safe_fetch import Fetcher, Resolve
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.themes.lookup import ThemesReader, ThemesView

_REMOTE_PREVIEW_THREADS = 4
_READ_THREADS = 2  # while one loads a new snapshot, the other reads the old one
_MAX_WAITING_READS = 400  # stills and the like: a page requests a dozen, each takes 2 ms


@dataclass(frozen=True, slots=True)
class Services:
    """Services of one server.

    Attributes:
        settings: settings of the server.
        search: search in the newest snapshot.
        faces: faces of pictures.
        previews: stills and clips.
        preview_links: signer of links to previews.
        share_links: signer of links to shared results.
        fetcher: download of pictures given by URL.
        search_executor: threads for searches.
        preview_executor: threads that decode videos; the search's own unless videos are remote.
        read_executor: threads that read the snapshot.
        limits: request limits of each client.
        video_sources: videos of the library.
        uploads_folder: folder of uploaded pictures.
        operator: decides which requests may change something.
        themes: themes of the snapshot's episodes, with the operator's word.
    """

    settings: AppSettings
    search: SearchService
    faces: FaceService
    previews: PreviewService
    preview_links: PreviewLinkSigner
    share_links: ShareLinkSigner
    fetcher: Fetcher
    search_executor: BoundedExecutor
    preview_executor: BoundedExecutor
    read_executor: BoundedExecutor
    limits: ClientLimits
    video_sources: VideoSources
    uploads_folder: Path
    operator: OperatorAccess
    themes: ThemesReader

    @property
    def home(self) -> Home:
        """The home of the library."""
        return Home(self.settings.home)

    def close(self) -> None:
        """Wait for running jobs, then close worker processes and connections."""
        self.search.stop()
        for executor in (self.search_executor, self.preview_executor, self.read_executor):
            executor.close()
        self.faces.close()
        self.search.close()
        self.video_sources.close()

    async def view_themes(self) -> ThemesView:
        """Return the themes of the snapshot in use, with what `themes.yaml` says now.

        Raises:
            NothingIndexedError: nothing is published yet.
            BusyError: too many are waiting.
        """
        snapshot = await self.search.get_snapshot()
        return await self.read_executor.run(self.themes.view, snapshot)

    def get_base_url(self, request: Request) -> str:
        """Return the URL at which the caller reaches this server, without a slash at the end."""
        return self.settings.public_url or str(request.base_url).rstrip("/")


def make_services(settings: AppSettings, resolve: Resolve | None = None) -> Services:
    """Build the services; model and index are loaded later.

    Args:
        settings: settings of the server.
        resolve: host and port to addresses, for pictures given by URL; None asks the system.

    Raises:
        OSError: the home cannot be written to.
    """
    app_folder = settings.home.resolve() / "app"
    search_executor = BoundedExecutor(settings.threads, settings.max_waiting)
    read_executor = BoundedExecutor(_READ_THREADS, _MAX_WAITING_READS)
    secret = settings.secret or load_or_create_secret(app_folder / "secret")
    budget = MemoryBudget(settings.max_body_bytes)
    live = LiveEngine(settings.home, ef=settings.ef)
    searcher = Searcher(live)
    searcher_pool = _make_searcher_pool(searcher, settings)
    search = SearchService(live, searcher_pool, search_executor, read_executor, budget)
    remote = HttpVideoRoot(settings.video_root) if settings.video_root else None
    videos = VideoSources(settings.videos, remote)
    # Reads over the network must not keep searches waiting.
    preview_executor = (
        BoundedExecutor(_REMOTE_PREVIEW_THREADS, settings.max_waiting)
        if remote
        else search_executor
    )
    clip_cache = ClipCache(app_folder / "previews", settings.max_preview_cache_bytes)
    return Services(
        settings=settings,
        search=search,
        faces=FaceService(
            searcher, settings.home, search_executor, budget, max_waiting=settings.max_waiting
        ),
        previews=PreviewService(search, preview_executor, read_executor, clip_cache, videos),
        preview_links=PreviewLinkSigner(secret),
        share_links=ShareLinkSigner(secret),
        fetcher=Fetcher(
            settings.fetch_networks, resolve=resolve, budget=MemoryBudget(settings.max_body_bytes)
        ),
        search_executor=search_executor,
        preview_executor=preview_executor,
        read_executor=read_executor,
        limits=ClientLimits(
            searches_per_minute=settings.searches_per_minute,
            requests_per_minute=settings.requests_per_minute,
            searches_at_once=settings.searches_at_once,
        ),
        video_sources=videos,
        uploads_folder=app_folder / "uploads",
        operator=_make_operator_access(settings),
        themes=ThemesReader(Home(settings.home)),
    )


def _make_operator_access(settings: AppSettings) -> OperatorAccess:
    key = settings.operator_key
    if key is None and not settings.is_exported:
        key = load_or_create_secret(Home(settings.home.resolve()).operator_key_file)
    trusts_machine = not settings.is_exported and not settings.is_behind_proxy
    return OperatorAccess(key, trusts_machine=trusts_machine, public_url=settings.public_url)


def make_scene_links(services: Services, scene: Scene, base_url: str) -> tuple[str, str]:
    """Return the URLs of a scene's still and clip; the clip's is empty without its video."""
    token = services.preview_links.sign(
        FrameRef(scene.episode.content, scene.frame, scene.start, scene.at, scene.end)
    )
    video = f"{base_url}/video/{token}" if services.previews.has_video(scene.episode) else ""
    return f"{base_url}/image/{token}", video


def _make_searcher_pool(in_process_searcher: Searcher, settings: AppSettings) -> SearcherPool:
    """Return the pool with the configured number of processes, else one that fits the machine."""
    if settings.processes is not None:
        return SearcherPool(
            in_process_searcher, settings.home, processes=settings.processes, ef=settings.ef
        )
    processes = choose_process_count(count_usable_cores(), measure_usable_memory())
    return SearcherPool(
        in_process_searcher,
        settings.home,
        processes=processes,
        max_index_bytes=LARGE_INDEX_BYTES,
        ef=settings.ef,
    )
