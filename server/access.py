"""Who may write: the administrator, by a token from the environment, compared in constant time (RFC 6750).

Asked at the gate, before the body of a write is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, Final

from server.problems import Problem
from server.settings import Settings

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: Whatever is sent to these with another method is a write.
GUARDED: Final = ("/update", "/store", "/documents")
HOW_DATA_CHANGES: Final = (
    "this dataset changes by whole documents only: PUT or DELETE /documents/<name> with the administrator's token"
)


def admit(settings: Settings, environ: Mapping[str, Any]) -> None:
    """Let a request pass that reads, or that carries the administrator's token.

    Raises: Problem 403 where nothing can be written, 401 where the token is missing or another.
    """
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    first = "/" + path.lstrip("/").split("/", 1)[0]
    if first not in GUARDED or method in READS:
        return
    if first != "/documents" and not (settings.empty and settings.writable):
        raise Problem(
            "not-writable", HOW_DATA_CHANGES if not settings.empty else "this store was started without --writable"
        )
    require_token(settings.token, environ.get("HTTP_AUTHORIZATION", ""))


def require_token(token: str | None, authorization: str) -> None:
    """Compare what was sent with the administrator's token.

    Raises: Problem 403 where no token is set, 401 where none or another was sent.
    """
    if not token:
        raise Problem(
            "not-writable", "no administrator's token is set (BACKSTORY_TOKEN), so nothing can be written here"
        )
    scheme, _, sent = authorization.partition(" ")
    challenge = 'Bearer realm="backstory"'
    if scheme.lower() != "bearer" or not sent.strip():
        raise Problem(
            "token-missing", "a write needs the administrator's token", headers={"WWW-Authenticate": challenge}
        )
    if not compare_digest(sent.strip().encode(), token.encode()):
        refused = {"WWW-Authenticate": f'{challenge}, error="invalid_token"'}
        raise Problem("token-missing", "this is not the administrator's token", headers=refused)
