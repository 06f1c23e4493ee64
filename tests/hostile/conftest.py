"""The service under Granian, for hostile requests."""

from __future__ import annotations

from tests.live import serve

__all__ = ["serve"]
