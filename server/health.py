"""`/healthz`, `/readyz` and `/metrics`: for those who run the service."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from server.reply import reply, service

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return reply(json.dumps({"status": "ok"}) + "\n", "application/json", cacheable=False, vary=False)
