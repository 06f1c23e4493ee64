"""`backstory serve`: the service under Granian, with one clear line when it cannot start.

The main process holds the listening socket and one worker, which it starts again should it die. The worker answers.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import sys
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

from server.settings import SETTINGS, Settings, from_environment

#: Where the worker writes why it cannot start; the main process says it and ends.
_REASON: Final = "BACKSTORY_REASON_FILE"
#: What is being answered at SIGTERM has so long.
_STOP_WITHIN_S: Final = 9


def application() -> Any:
    """The application of the worker process, from the environment that the main process has prepared."""
    from kg.backends import EngineError
    from kg.dataset import DatasetError
    from queries.template import QuestionFileError
    from server import create_app
    from server.evaluator import limits
    from server.gateway import Gateway

    limits.die_with_parent(os.getppid())
    gc.disable()  # everything that is loaded stays
    try:
        settings = from_environment()
        app = create_app(settings)
    except (DatasetError, QuestionFileError, EngineError, OSError, ValueError) as error:
        Path(os.environ[_REASON]).write_text(str(error), "utf-8")
        os.kill(os.getppid(), signal.SIGTERM)  # else it would start another worker
        sys.exit(1)
    gc.freeze()
    gc.enable()
    for line in _greeting(settings):
        print(line, flush=True)
    return Gateway(app.wsgi_app)  # type: ignore[arg-type] # create_app has put the front there


def _greeting(settings: Settings) -> list[str]:
    """What is said at the start: the address to open, and the limits that this system does not have."""
    from server.evaluator import limits

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{settings.port}"
    here = f"{url}/sparql" if settings.empty else url
    what = "a plain SPARQL store" if settings.empty else "ask, explore and query"
    return [
        f"Backstory is running: open {here} ({what}). Stop it with Ctrl-C.",
        *(f"note: {m}" for m in limits.missing()),
    ]


def export(settings: Settings, environ: MutableMapping[str, str]) -> None:
    """Put the settings into the environment, for the worker process to read."""
    for row in SETTINGS:
        value = getattr(settings, row.name)
        environ[row.variable] = str(int(value)) if isinstance(value, bool) else str(value)


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
            return f"cannot listen on {host} port {port}: {error.strerror or error}"
        except (OverflowError, UnicodeError):
            return f"cannot listen on {host} port {port}: there is no such address"
    return None


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; what is being answered then is finished first.

    Raises: SystemExit with one line when the service cannot start.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    problem = occupied(settings.host, settings.port)
    if problem:
        sys.exit(f"backstory: {problem}")
    export(settings, os.environ)
    with tempfile.TemporaryDirectory(prefix="backstory-") as directory:
        reason = Path(directory) / "reason"
        os.environ[_REASON] = str(reason)
        server = Server(
            "server.serve:application",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.RSGI,
            factory=True,
            http=HTTPModes.http1,
            websockets=False,
            log_level=LogLevels.critical,
            respawn_failed_workers=True,
            workers_kill_timeout=_STOP_WITHIN_S,
        )
        server.serve()
        if reason.exists():
            sys.exit(f"backstory: {reason.read_text('utf-8')}")
