"""The command `backstory`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from server.settings import SETTINGS, from_environment


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A flag for each setting, from the same rows as the environment's variables."""
    for row in reversed(SETTINGS):
        text = f"{row.help} [{row.default!r}; {row.variable}]"
        if isinstance(row.default, bool):
            option = click.option(f"{row.flag}/--no-{row.flag[2:]}", row.name, default=None, help=text)
        else:
            option = click.option(row.flag, row.name, type=type(row.default), default=None, help=text)
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A knowledge graph that answers questions about back spasms and shows where each answer comes from."""


@main.command()
@settings_options
def serve(**flags: Any) -> None:
    """Start the service."""
    from server.serve import run

    try:
        settings = from_environment(flags)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    run(settings)


if __name__ == "__main__":
    main()
