"""The `whenanime` command: what it takes and what it prints; the work is done elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenanime_pipeline.commands.errors import CommandError, format_error
from whenanime_pipeline.commands.learning_cli import models, train
from whenanime_pipeline.commands.options import (
    DEFAULT_HOME,
    DEFAULT_VIDEOS,
    HomeOption,
    JsonOption,
    VideosOption,
    check_port,
    exit_with_error,
    home_at,
    require_package,
    workspace_at,
)
from whenanime_pipeline.commands.terminal import (
    TolerantConsole,
    escape_unencodable,
    print_json,
    print_line,
)
from whenanime_pipeline.commands.themes_cli import themes
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import LearningError
from whenanime_pipeline.core.library.errors import LibraryError
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.settings import SettingsError

if TYPE_CHECKING:
    from whenanime_pipeline.core.workspace import Workspace

app = typer.Typer(
    help="Which anime, which episode, which second is this screenshot from?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
HostOption = Annotated[str, typer.Option(help="Address the page listens on.")]
PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port the page listens on.")]
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860


@app.command()
def index(home: HomeOption = DEFAULT_HOME, videos: VideosOption = None) -> None:
    """Update the index from the folder; exit 1 while a file could not be indexed."""
    require_package("dagster", "pipeline")
    from whenanime_pipeline.commands.index import update_index

    workspace = workspace_at(home, videos)
    outcome = update_index(workspace, TolerantConsole())
    for path, warning in sorted(outcome.warnings.items()):
        print_line(f"warning: {path}: {' '.join(warning.split())}")
    if not outcome.episodes and not outcome.problems:
        print_line(f"{workspace.videos_folder}: holds no video yet; put some there and index again")
    news = "published" if outcome.published else "nothing new"
    print_line(
        f"{outcome.episodes} episodes, {outcome.indexed} indexed now, "
        f"{len(outcome.problems)} not indexed; snapshot {outcome.snapshot or 'none'} ({news})"
    )
    if outcome.left_out:
        print_line(f"{outcome.left_out} videos left out by .ignore files or [library] ignore")
    for path, text in sorted(outcome.notices.items()):
        print_line(f"notice: {path}: {' '.join(text.split())}", error=True)
    for path, reason in sorted(outcome.problems.items()):
        print_line(f"{path}: {' '.join(reason.split())}", error=True)
    if outcome.problems:
        raise typer.Exit(1)


app.command()(train)
app.command()(themes)
app.add_typer(models, name="models")


@app.command()
def search(
    images: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Pictures, short videos or their URLs.")
    ],
    home: HomeOption = DEFAULT_HOME,
    videos: VideosOption = None,
    *,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1, help="Scenes at most, of each.")] = 10,
) -> None:
    """Say which series, episode and second pictures are from; exit 1 if one cannot be read."""
    from whenanime_pipeline.commands.search import open_engine, search_images
    from whenanime_pipeline.commands.search_output import build_json, format_answer

    engine = open_engine(workspace_at(home, videos).home)
    answers = []
    for answer in search_images(engine, images, limit=limit):
        answers.append(answer)
        if answer.problem is not None and (not as_json or len(images) == 1):
            print_line(f"error: {answer.problem}", error=True)
        elif not as_json:
            for line in format_answer(answer, named=len(images) > 1):
                print_line(line)
    if as_json and (len(images) > 1 or answers[0].problem is None):
        print_json(build_json(answers))
    if any(answer.problem is not None for answer in answers):
        raise typer.Exit(1)


@app.command()
def serve(
    home: HomeOption = DEFAULT_HOME,
    videos: VideosOption = None,
    host: HostOption = DEFAULT_HOST,
    port: PortOption = DEFAULT_PORT,
) -> None:
    """Serve the page and the API, without the pipeline."""
    _serve(workspace_at(home, videos), host, port)


@app.command()
def up(
    home: HomeOption = DEFAULT_HOME,
    videos: VideosOption = None,
    host: HostOption = DEFAULT_HOST,
    port: PortOption = DEFAULT_PORT,
    dagster_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of Dagster's UI.")
    ] = 3000,
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print what Dagster's processes print, too.")
    ] = False,
) -> None:
    """Watch the folder in Dagster, and serve the page."""
    require_package("dagster_webserver", "pipeline")
    require_package("gradio", "app")
    from whenanime_pipeline.commands.up import run_up

    workspace = workspace_at(home, videos)
    raise typer.Exit(
        run_up(workspace, host=host, port=port, dagster_port=dagster_port, verbose=verbose)
    )


@app.command()
def demo(
    home: HomeOption = DEFAULT_HOME / "demo",
    videos: VideosOption = None,
    host: HostOption = DEFAULT_HOST,
    port: PortOption = DEFAULT_PORT,
    *,
    serve: Annotated[bool, typer.Option(help="Open the page when done.")] = True,
) -> None:
    """Draw a small anime, index it, and show the page; or, with --no-serve, a search."""
    require_package("dagster", "pipeline")
    from whenanime_app.library.scene_json import format_label
    from whenanime_pipeline.commands.demo import prepare_demo
    from whenanime_pipeline.commands.search import format_timecode
    from whenanime_pipeline.core.workspace import Workspace

    workspace = Workspace(home_at(home), videos or home / "videos")
    answer = prepare_demo(workspace, TolerantConsole())
    episode = answer.scene.episode
    print_line(f"A frame of {answer.path} at {format_timecode(answer.second)} was asked for.")
    print_line(
        f"The answer: {episode.series} {format_label(episode)} {episode.title or ''} at "
        f"{format_timecode(answer.scene.at)}, similarity {answer.scene.similarity:.1%}"
    )
    if serve:
        print_line(f"More of its pictures to try: {workspace.videos_folder}")
        _serve(workspace, host, port)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where to; empty, or of an earlier export.")],
    home: HomeOption = DEFAULT_HOME,
    videos: VideosOption = None,
) -> None:
    """Write a folder that a free host runs as it is: the page alone, with the snapshot."""
    from whenanime_pipeline.commands.export import export_snapshot as write
    from whenanime_pipeline.commands.export import format_size

    done = write(workspace_at(home, videos).home, folder, print_line)
    room = ", most of it shared with the home" if done.is_linked else ""
    print_line(
        f"written: {done.folder}, {format_size(done.bytes)}{room}; its README.md says how to run it"
    )


@app.command()
def doctor(home: HomeOption = DEFAULT_HOME, videos: VideosOption = None) -> None:
    """Say what is missing on this machine, and how to get it."""
    from whenanime_pipeline.commands.doctor import diagnose

    healthy = True
    for finding in diagnose(Home(home), videos, default=DEFAULT_VIDEOS):
        print_line(f"{finding.state:6}  {finding.subject}: {finding.message}")
        healthy = healthy and finding.state != "broken"
    if not healthy:
        raise typer.Exit(1)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="A module of benchmarks/, or `all`.")],
    data: Annotated[Path | None, typer.Option(help="The folder of films; only read.")] = None,
    *,
    as_json: JsonOption = False,
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="name=value, of that benchmark.")
    ] = None,
) -> None:
    """Run a benchmark of the checkout; exit 1 when a figure misses its target."""
    from whenanime_pipeline.commands.bench import run_bench

    if run_bench(name, data=data, as_json=as_json, options=option or ()):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; errors that a person can mend are printed without a traceback."""
    escape_unencodable()
    try:
        app()
    except (
        *(CommandError, LibraryError, MediaError, SearchError, LearningError, SettingsError),
        OSError,
    ) as error:
        exit_with_error(format_error(error))


def _serve(workspace: "Workspace", host: str, port: int) -> None:
    require_package("gradio", "app")
    from whenanime_app.server import run
    from whenanime_app.settings import AppSettingsError, load_settings

    check_port(host, port, "--port")
    videos = workspace.videos_folder if workspace.videos_folder.is_dir() else None
    try:
        settings = load_settings(home=workspace.home.root, videos=videos, host=host, port=port)
    except AppSettingsError as error:
        exit_with_error(str(error))
    run(settings, on_listening=lambda: print_line(f"The page: http://{host}:{port}"))
