"""The options of `whenanime themes`."""

from pathlib import Path
from typing import Annotated

import typer

from whenanime_pipeline.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    VideosOption,
    exit_with_error,
    home_at,
    workspace_at,
)
from whenanime_pipeline.commands.terminal import print_json, print_line
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.export.episode import ExportedEpisode
from whenanime_pipeline.core.themes.segments import SKIPPABLE


def themes(
    series: Annotated[
        str | None,
        typer.Argument(
            metavar="SERIES|FILE",
            help="Name of the only series to list, all without; or a video, to suggest its themes.",
        ),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    videos: VideosOption = None,
    *,
    as_json: JsonOption = False,
    export: Annotated[
        str | None,
        typer.Option(help="Write files: edl (Kodi), chapters (mkvmerge), jellyfin, labels."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder that the files are written to.")
    ] = None,
    beside_videos: Annotated[
        bool, typer.Option("--beside-videos", help="Write the files next to the videos.")
    ] = False,
    kind: Annotated[
        list[str] | None, typer.Option("--type", help="Only these types are skipped; repeatable.")
    ] = None,
    keep_first: Annotated[
        bool, typer.Option("--keep-first", help="Play each theme once, where it is new.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that were not written here.")
    ] = False,
) -> None:
    """List openings, endings and other themes, or write them for media players."""
    from whenanime_pipeline.commands.themes import (
        describe_episodes,
        format_episode,
        list_episodes,
    )

    if series is not None and Path(series).is_file():
        if export is not None:
            exit_with_error(f"{series}: is a file; --export is for a library")
        _tag_file(Path(series), home, as_json=as_json)
        return
    workspace = workspace_at(home, videos)
    episodes, problem = list_episodes(workspace.home, series)
    if problem is not None:
        print_line(f"warning: {problem}; what it said before is in force", error=True)
    if export is not None:
        folder = _choose_folder(export, output, workspace.videos_folder, in_place=beside_videos)
        exported = [one.exported for one in episodes]
        _write(workspace.home, folder, exported, export, kind, keep_first=keep_first, force=force)
    elif as_json:
        print_json(describe_episodes(episodes))
    else:
        for one in episodes:
            print_line(format_episode(one))


def _tag_file(video: Path, home: Path, *, as_json: bool) -> None:
    """Print what the tagger suggests for a video, in or outside of a library."""
    from whenanime_pipeline.commands.themes_file import describe_tagged, format_tagged, tag_video

    tagged = tag_video(video, home_at(home))
    if as_json:
        print_json(describe_tagged(tagged))
        return
    for line in format_tagged(tagged):
        print_line(line)


def _choose_folder(export: str, output: Path | None, videos: Path, *, in_place: bool) -> Path:
    """Return the folder that stands for the videos folder, or exit with what is missing."""
    from whenanime_pipeline.commands.theme_files import FORMATS

    if export not in FORMATS:
        exit_with_error(f"--export {export}: not one of {', '.join(FORMATS)}")
    if (output is None) != in_place:
        exit_with_error("give either --output DIR or --beside-videos")
    if output is not None:
        return output
    if export == "labels":
        exit_with_error("labels are one file for all videos; give --output DIR")
    return videos


def _write(
    home: Home,
    folder: Path,
    episodes: list[ExportedEpisode],
    export: str,
    kinds: list[str] | None,
    *,
    keep_first: bool,
    force: bool,
) -> None:
    """Write the files and report what became of them; exit 1 while one could not be written."""
    from whenanime_pipeline.commands.theme_files import FORMATS, ExportOptions, write_theme_files

    unknown = sorted(set(kinds or ()) - SKIPPABLE)
    if unknown:
        exit_with_error(f"--type {unknown[0]}: not one of {', '.join(sorted(SKIPPABLE))}")
    chosen = tuple(one for one in sorted(SKIPPABLE) if not kinds or one in kinds)
    options = ExportOptions(FORMATS[FORMATS.index(export)], chosen, keep_first, force)
    done = write_theme_files(home, folder, episodes, options)
    print_line(
        f"{folder}: {done.written} written, {done.unchanged} unchanged, {done.deleted} deleted"
    )
    for path in done.in_parts:
        print_line(f"notice: {path}: left out, as its times are of several files", error=True)
    for path, reason in done.problems.items():
        print_line(f"{path}: {reason}", error=True)
    if done.problems:
        raise typer.Exit(1)
