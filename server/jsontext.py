"""JSON as this service writes it."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    """Readable characters, and a line's end at the end."""
    return json.dumps(value, ensure_ascii=False) + "\n"
