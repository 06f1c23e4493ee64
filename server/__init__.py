"""Who may ask: the Flask application over the questions and the graph."""

from __future__ import annotations

from functools import partial

from flask import Flask

from server.settings import Settings


def create_app(settings: Settings) -> Flask:
    """The service as a WSGI application; it runs under any WSGI server.

    Raises: DatasetError, QuestionFileError for broken files; EngineError for a remote engine that cannot be used.
    """
    from server import describe, failures, graphstore, health, openapi, sparql
    from server.front import Front
    from server.gate import Gate
    from server.reply import keep_page
    from server.service import Service

    service = Service.start(settings)
    app = Flask(__name__, static_folder=None)
    app.extensions["backstory"] = service
    app.url_map.strict_slashes = False

    app.register_blueprint(sparql.blueprint)
    app.register_blueprint(graphstore.blueprint)
    app.register_blueprint(describe.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(openapi.blueprint)
    if not settings.empty:
        from server import ask, documents, explore, pages, query, resource

        pages.use_site(app, service.site)
        for part in (pages, explore, query, ask, documents, resource):
            app.register_blueprint(part.blueprint)
        app.after_request(keep_page)
    failures.register(app)

    app.wsgi_app = Front(Gate(app.wsgi_app, settings), service, partial(failures.page_of, app))  # type: ignore[method-assign]
    return app
