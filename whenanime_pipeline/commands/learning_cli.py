"""Options and output of `whenanime train` and `whenanime models`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from whenanime_pipeline.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    VideosOption,
    exit_with_error,
    home_at,
    require_package,
    workspace_at,
)
from whenanime_pipeline.commands.terminal import TolerantConsole, print_json, print_line
from whenanime_pipeline.core.home import Home

models = typer.Typer(help="List and compare models; switch the one in use.")


def train(
    home: HomeOption = DEFAULT_HOME,
    videos: VideosOption = None,
    *,
    recipe: Annotated[
        str, typer.Option(help="`ours`, or `seed`: the seed project's recipe.")
    ] = "ours",
    backbone: Annotated[
        str | None, typer.Option(help="A torchvision network, such as resnet18.")
    ] = None,
    init: Annotated[
        str | None,
        typer.Option(help="Initial weights: random, base, torchvision, or a path."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Number of epochs.")] = None,
    frames: Annotated[
        int | None,
        typer.Option(
            min=1, help="Training frames per episode; default: the present number, at first 10."
        ),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(min=2, help="Frames per batch.")] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    size: Annotated[
        int | None, typer.Option(help="Side of the network's input, in pixels.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of weights and batches.")] = None,
    what: Annotated[
        str, typer.Option(help="What to train: `retrieval`, or `themes`: a tagger.")
    ] = "retrieval",
    labels: Annotated[
        Path | None,
        typer.Option(help="With --what themes: labels; else what seasons say for certain."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model on the library and evaluate it; adopting it is a separate command."""
    require_package("dagster", "pipeline")
    require_package("torch", "train")
    require_package("torchvision", "train")
    if what not in ("retrieval", "themes"):
        exit_with_error(f"--what {what}: not one of retrieval, themes")
    if what == "themes":
        _train_tagger(home, videos, labels, seed=seed, as_json=as_json)
        return
    if labels is not None:
        exit_with_error("--labels: is for --what themes")
    from whenanime_pipeline.commands.train import train_model
    from whenanime_pipeline.commands.train_outcome import outcome_json, outcome_lines

    try:
        outcome = train_model(
            workspace_at(home, videos),
            TolerantConsole(stderr=as_json),
            name=recipe,
            frames=frames,
            backbone=backbone,
            init=init,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=lr,
            size=size,
            seed=seed,
        )
    except KeyboardInterrupt as interrupt:
        print_line("Stopped. What is done is kept: the same command continues.", error=True)
        raise typer.Exit(130) from interrupt
    if as_json:
        print_json(outcome_json(outcome))
        return
    for text in outcome_lines(outcome):
        print_line(text)
    for path, reason in sorted(outcome.problems.items()):
        print_line(f"{path}: {' '.join(reason.split())}", error=True)


def _train_tagger(
    home: Path, videos: Path | None, labels: Path | None, *, seed: int | None, as_json: bool
) -> None:
    from whenanime_pipeline.commands.train_tagger import (
        tagger_outcome_json,
        tagger_outcome_lines,
        train_tagger,
    )
    from whenanime_pipeline.defs.theme_learning import TaggerConfig

    config = TaggerConfig(labels=str(labels.absolute()) if labels else None, seed=seed or 0)
    try:
        outcome = train_tagger(workspace_at(home, videos), TolerantConsole(stderr=as_json), config)
    except KeyboardInterrupt as interrupt:
        print_line("Stopped. What is done is kept: the same command continues.", error=True)
        raise typer.Exit(130) from interrupt
    _print_result(tagger_outcome_json(outcome), tagger_outcome_lines(outcome), as_json=as_json)


@models.callback(invoke_without_command=True)
def list_by_default(
    context: typer.Context, home: HomeOption = DEFAULT_HOME, *, as_json: JsonOption = False
) -> None:
    """List and compare models; switch the one in use."""
    if context.invoked_subcommand is None:
        _print_models(home_at(home), as_json=as_json)


@models.command("list")
def list_all(
    context: typer.Context, home: HomeOption = DEFAULT_HOME, *, as_json: JsonOption = False
) -> None:
    """List the models; `*` marks the one in use."""
    _print_models(_resolve_home(context, home), as_json=_as_json(context, here=as_json))


@models.command()
def compare(
    context: typer.Context,
    model: Annotated[
        list[str] | None, typer.Argument(help="Ids or their prefixes; default: all.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare models on the present validation frames."""
    from whenanime_pipeline.commands.models import (
        compare_selected,
        comparison_json,
        comparison_lines,
    )

    done = compare_selected(_resolve_home(context, home), model or ())
    _print_result(
        comparison_json(done), comparison_lines(done), as_json=_as_json(context, here=as_json)
    )


@models.command()
def use(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="An id or its prefix, `base`, or `latest`.")],
    home: HomeOption = DEFAULT_HOME,
    *,
    anyway: Annotated[
        bool,
        typer.Option(help="Adopt it even if checks of its report failed, or it has no report."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Adopt a model; the next index embeds all frames with it."""
    from whenanime_pipeline.commands.models import change_json, change_lines, switch_model

    done = switch_model(_resolve_home(context, home), model, anyway=anyway)
    _print_result(change_json(done), change_lines(done), as_json=_as_json(context, here=as_json))


@models.command("use-tagger")
def use_tagger(
    context: typer.Context,
    tagger: Annotated[str, typer.Argument(help="The id of a trained tagger of themes, or `base`.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Adopt a tagger of themes, for what is tagged from now on."""
    from whenanime_pipeline.core.themes.tagger.registry import adopt_tagger

    adopt_tagger(_resolve_home(context, home), tagger)
    print_line(f"tagger {tagger} is in use")


@models.command()
def back(
    context: typer.Context, home: HomeOption = DEFAULT_HOME, *, as_json: JsonOption = False
) -> None:
    """Revert to the previous model."""
    from whenanime_pipeline.commands.models import change_json, change_lines, switch_back

    done = switch_back(_resolve_home(context, home))
    _print_result(change_json(done), change_lines(done), as_json=_as_json(context, here=as_json))


def _print_models(home: Home, *, as_json: bool) -> None:
    from whenanime_pipeline.commands.models import home_models, model_lines, models_json

    found = home_models(home)
    _print_result(models_json(found), model_lines(found), as_json=as_json)


def _print_result(document: Mapping[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    for text in lines:
        print_line(text)


def _resolve_home(context: typer.Context, home: Path) -> Home:
    """Return the home, which may be given before the subcommand as well."""
    source = context.get_parameter_source("home")
    if context.parent and source and source.name != "COMMANDLINE":
        home = context.parent.params["home"]
    return home_at(home)


def _as_json(context: typer.Context, *, here: bool) -> bool:
    """Return whether `--json` is given, here or before the subcommand."""
    return here or bool(context.parent and context.parent.params["as_json"])
