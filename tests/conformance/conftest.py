"""The service under Granian, for the W3C harness."""

from __future__ import annotations

from tests.live import serve

__all__ = ["serve"]
