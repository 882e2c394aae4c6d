"""`crampdx serve`: CDS Hooks, a JSON API and a page, on HTTP."""

import gc
from pathlib import Path
from typing import Annotated, Any

import typer

from crampdx.cli.extras import service_extra
from crampdx.cli.terminal import DONE, REFUSED, Evaluator, UsageError, finish

__all__ = ["command"]


def command(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on. Default: 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port; 0 for any free one. Default: 8000.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="How many processes serve. Default: 1.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML or YAML file with settings.")] = None,
    evaluator: Evaluator = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error. Default: info.")
    ] = None,
) -> None:
    """Serve CDS Hooks, a JSON API and a page, on localhost by default.

    Settings are read from a file, then from variables that begin with CRAMPDX_, then from the
    options; the later ones win. Exit status: 0 stopped; 1 it could not start; 2 usage.
    """
    options = {
        "host": host,
        "port": port,
        "workers": workers,
        "evaluator": evaluator,
        "log_level": log_level,
    }
    finish(_serve, config, options)


def _serve(config: Path | None, options: dict[str, Any]) -> int:
    gc.disable()  # all that is imported stays; the server enables it once it is ready
    try:
        return _served(config, options)
    finally:
        gc.enable()


def _served(config: Path | None, options: dict[str, Any]) -> int:
    with service_extra():
        from crampdx.service.server import serve
        from crampdx.service.settings import SettingsError, load_settings
    try:
        return DONE if serve(load_settings(config, **options)) else REFUSED
    except SettingsError as error:
        raise UsageError(str(error)) from None
