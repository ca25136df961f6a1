"""`python -m whenanime_app`: serves the app alone, without the pipeline installed."""

from pathlib import Path
from typing import Annotated

import typer

from whenanime_app.settings import AppSettingsError, load_settings


def main(
    home: Annotated[Path | None, typer.Option(help="where the snapshots are")] = None,
    videos: Annotated[Path | None, typer.Option(help="the videos, for previews")] = None,
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on")] = None,
) -> None:
    """Serve the search page and the API."""
    try:
        settings = load_settings(home=home, videos=videos, host=host, port=port)
    except AppSettingsError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error
    from whenanime_app.server import run

    address = f"WhenAnime: http://{settings.host}:{settings.port}"
    run(settings, on_listening=lambda: typer.echo(address))


if __name__ == "__main__":
    typer.run(main)
