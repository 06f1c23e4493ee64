"""The command `backstory`: each command loads what it needs when it runs, so that help comes at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.settings import SETTINGS, Setting, from_environment

if TYPE_CHECKING:
    from kg.dataset import Dataset

_SOURCES = next(row for row in SETTINGS if row.name == "sources")
_STORE = next(row for row in SETTINGS if row.name == "store")


def option(row: Setting) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The flag of a setting, from the same row as its environment variable."""
    text = f"{row.help} [default: {row.default!r}; environment: {row.variable}]"
    if isinstance(row.default, bool):
        return click.option(f"{row.flag}/--no-{row.flag[2:]}", row.name, default=None, help=text)
    return click.option(row.flag, row.name, type=type(row.default), default=None, help=text)


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A flag for each setting."""
    for row in reversed(SETTINGS):
        command = option(row)(command)
    return command


@contextmanager
def one_line() -> Iterator[None]:
    """What can be expected to go wrong ends the command with one line that says so."""
    from kg.backends import EngineError
    from kg.dataset import DatasetError
    from queries.template import QuestionFileError

    try:
        yield
    except DatasetError as error:
        raise click.ClickException("\n".join(str(each) for each in (error, *error.further))) from None
    except (EngineError, OSError, QuestionFileError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def shipped(documents: tuple[Path, ...] = ()) -> Dataset:
    """The graph of the package, with further documents."""
    from kg.dataset import load_dataset

    return load_dataset(extra_documents=documents)


def progress(label: str) -> Callable[[int, int], None]:
    """A line on standard error that says how far the work is, where somebody watches."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{label}: {done} of {total}", nl=done == total, err=True)

    return show


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backstory-kg", message="%(version)s")
def main() -> None:
    """A knowledge graph that answers questions about back spasms and shows where each answer comes from."""


@main.command()
@settings_options
def serve(**flags: Any) -> None:
    """Start the service.

    The administrator's token is read from the environment variable BACKSTORY_TOKEN.
    """
    from server.serve import run

    with one_line():
        settings = from_environment(flags)
    run(settings)


@main.command()
@click.argument("question", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="the answer as the service gives it")
@option(_SOURCES)
@click.option(
    "--explain", is_flag=True, help="and how it came about: layer, phrasing, slots, corrections, SPARQL, times"
)
@option(_STORE)
def ask(question: tuple[str, ...], as_json: bool, explain: bool, sources: str | None, store: str | None) -> None:
    """Answer a QUESTION in words, with its sources."""
    import time

    from kg.backends import open_backend
    from kg.source import Sources
    from queries.answering import Answering
    from server.ask import checked
    from server.explain import explained
    from server.jsontext import json_text
    from server.problems import Problem

    with one_line():
        try:
            asked = checked(" ".join(question))
        except Problem as problem:
            raise click.UsageError(problem.detail) from None
        settings, began = from_environment({"sources": sources, "store": store}), time.perf_counter()
        directory, backend = settings.sources_dir, open_backend(settings.store, shipped())
        answering = Answering.load(backend, sources=Sources(directory) if directory else None)
        ready = time.perf_counter()
        answer = answering.ask(asked)
        done = time.perf_counter()
    click.echo(json_text(answer.as_json()) if as_json else answer.as_text(), nl=False)
    if explain:
        click.echo("\n" + explained(answer.as_json(), ready - began, done - ready), nl=False)


@main.command()
@click.argument("query")
@click.option("--accept", default=None, help="the media type of the result; without one, TSV or Turtle")
@option(next(row for row in SETTINGS if row.name == "deadline_ms"))
def sparql(query: str, accept: str | None, deadline_ms: int | None) -> None:
    """Run a SPARQL QUERY over the graph: its text, the name of a file that holds it, or - for standard input."""
    import time

    from kg.backends.embedded import EmbeddedBackend
    from server.evaluator import Accept, AdHocQuery, IsolatedEngine

    if query == "-":
        query = sys.stdin.read()
    elif query.endswith(".rq") and Path(query).is_file():
        query = Path(query).read_text("utf-8")
    with one_line():
        settings = from_environment({"deadline_ms": deadline_ms})
        engine = IsolatedEngine.in_memory(settings, EmbeddedBackend.in_memory(shipped().quads))
        forms = Accept("text/tab-separated-values", "application/sparql-results+json", "text/turtle")
        try:
            until = time.monotonic() + settings.deadline_ms / 1000
            result = engine.query(AdHocQuery(query, "command line", until, accept or forms))
        finally:
            engine.close()
    sys.stdout.buffer.write(result.body or b"")
    click.echo()


@main.command()
@click.argument("documents", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shapes/--no-shapes", default=True, help="leave out the SHACL shapes, which take some seconds")
def check(documents: tuple[Path, ...], shapes: bool) -> None:
    """Check the graph, with further DOCUMENTS in TriG, against its shapes and rules; exit 1 when one is broken."""
    from kg.check import broken, report, run_checks

    with one_line():
        dataset = shipped(documents)
        violations = run_checks(dataset, progress("checking"), shapes=shapes)
    click.echo(report(violations, dataset))
    sys.exit(1 if broken(violations) else 0)


@main.command()
@option(_SOURCES)
def verify(sources: str | None) -> None:
    """Prove every locator of the graph against a copy of the documents; exit 1 when one is wrong."""
    from kg.source import verify as verified

    with one_line():
        directory = from_environment({"sources": sources}).sources_dir
        if directory is None:
            raise click.UsageError("name the directory of the copies with --sources or BACKSTORY_SOURCES")
        reports = verified(shipped(), directory, progress("verifying"))
    for report in reports:
        click.echo(report.as_text())
    sys.exit(0 if all(report.ok for report in reports) else 1)


@main.command()
@click.option(
    "--format", "form", default=None, help="trig, nquads, jsonld, turtle, ntriples or rdfxml, to standard output"
)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), help="a directory: every format as a file in it"
)
def export(form: str | None, output: Path | None) -> None:
    """Write the graph in any RDF format."""
    from kg.export import FORMATS, export_to
    from kg.export import export as exported

    if form is not None and form not in FORMATS:
        raise click.UsageError(f"there is no format {form!r}; there are {', '.join(FORMATS)}")
    with one_line():
        dataset = shipped()
        if output is not None:
            for path in export_to(output, dataset, progress("writing")):
                click.echo(path)
            return
        sys.stdout.buffer.write(exported(dataset, form or "trig"))


@main.command()
@click.argument("endpoint")
@click.option("--graph-store", help="the Graph Store Protocol's address, where it is not the usual one")
def load(endpoint: str, graph_store: str | None) -> None:
    """Put the graph into an engine: ENDPOINT is its query address; its credentials come from the environment."""
    from kg.backends.remote import RemoteBackend
    from kg.loading import LoadError, graph_store_of
    from kg.loading import load as loaded

    target = graph_store or graph_store_of(endpoint)
    if target is None:
        raise click.UsageError("name the engine's graph store with --graph-store")
    with one_line():
        try:
            done = loaded(shipped(), RemoteBackend(endpoint), target, lambda phase, n, of: progress(phase)(n, of))
        except LoadError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{done.graphs} graphs, {done.quads} statements, {done.sent} graphs sent; digest {done.digest}")


@main.command()
@click.argument("page", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--topic", default=None, help="what the page is about; by default the file's name")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="where to write; else standard output"
)
def draft(page: Path, topic: str | None, target: Path | None) -> None:
    """Draft a document file from the structure of a PAGE of patient education (UTF-8 text), to be curated."""
    from kg.backends import open_backend
    from kg.source import normalised
    from queries.drafting.document import draft as make
    from queries.lexicon import LoadedLexicon, read_ontology, read_things
    from queries.words import Writing

    with one_line():
        backend, writing = open_backend("memory:", shipped()), Writing.load()
        ontology = read_ontology(backend)
        lexicon = LoadedLexicon(read_things(backend, ontology), ontology, writing)
        made = make(normalised(page.read_bytes()), page.stem, lexicon, writing, topic)
        if target:
            target.write_text(made.trig, "utf-8")
        else:
            click.echo(made.trig, nl=False)
    click.echo(
        f"{made.headings} headings, {made.passages} passages, {made.stated} of them with a drafted fact; "
        f"{made.new_things} new things; look at {made.doubtful} marked DOUBT",
        err=True,
    )


@main.command()
@click.option("--seconds", default=2.0, show_default=True, help="how long each thing is measured")
def bench(seconds: float) -> None:
    """Measure how fast this machine answers questions and queries; tests/bench/ compares with other engines."""
    from kg.backends.embedded import EmbeddedBackend
    from queries.answering import Answering
    from server.bench import run as measured
    from server.evaluator import IsolatedEngine

    with one_line():
        backend = EmbeddedBackend.in_memory(shipped().quads)
        engine = IsolatedEngine.in_memory(from_environment(), backend)
        try:
            for result in measured(Answering.load(backend), engine, seconds):
                click.echo(result.as_text())
        finally:
            engine.close()


if __name__ == "__main__":
    main()
