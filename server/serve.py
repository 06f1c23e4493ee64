"""`backstory serve`: the service under Granian, with one clear line when it cannot start."""

from __future__ import annotations

import errno
import os
import socket
import sys
from typing import Any, Final

from server.settings import SETTINGS, Settings, from_environment

#: Set for the worker process: that it was started by `backstory serve`, with these settings.
_STARTED: Final = "BACKSTORY_STARTED_BY"
_STOP_WITHIN_S: Final = 10


def application() -> Any:
    """The application of the worker process, from the environment that the main process has prepared."""
    from kg.dataset import DatasetError
    from queries.template import QuestionFileError
    from server import create_app

    try:
        return create_app(from_environment())
    except (DatasetError, QuestionFileError, OSError, ValueError) as error:
        sys.exit(f"backstory: {error}")


def export(settings: Settings, environ: Any = os.environ) -> None:
    """Put the settings into the environment, for the worker process to read."""
    for row in SETTINGS:
        value = getattr(settings, row.name)
        environ[row.variable] = ("1" if value else "0") if isinstance(value, bool) else str(value)


def occupied(host: str, port: int) -> str | None:
    """Why the address cannot be listened on, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"port {port} is in use; choose another with --port"
            return f"cannot listen on {host} port {port}: {error.strerror}"
        except (OverflowError, UnicodeError):
            return f"cannot listen on {host} port {port}: no such address"
    return None


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; what is being answered then is finished first.

    Raises: SystemExit with one line when the address is not to be had.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    problem = occupied(settings.host, settings.port)
    if problem:
        sys.exit(f"backstory: {problem}")
    export(settings)
    server = Server(
        "server.serve:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=settings.threads,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=_STOP_WITHIN_S,
    )
    server.serve()
