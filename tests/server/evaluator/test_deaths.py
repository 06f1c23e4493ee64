"""How evaluators end, told apart; and that nobody else notices."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.backends import Busy, DeadlineExceeded, EngineError, EngineFailed, OutOfMemory, QueryTooDeep
from server.evaluator import IsolatedEngine
from server.evaluator.deaths import Death, error_of
from server.settings import Settings
from tests.server.evaluator.conftest import ENDLESS, Ask, asker, published

linux_only = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")


@pytest.fixture
def lifted() -> Iterator[IsolatedEngine]:
    """An engine without the first look's limits, so that the evaluator's own are met."""
    settings = Settings({"query_max_bytes": 1 << 30, "query_max_depth": 1 << 30, "query_max_tokens": 1 << 30})
    made = IsolatedEngine.in_memory(settings, published())
    yield made
    made.close()


def children(engine: IsolatedEngine, name: str) -> list[int]:
    """The living processes of this engine that have a name."""
    zygotes = set(engine.pids().values())
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)
            except OSError:
                continue
            state, parent = fields[1].split()[:2]
            if fields[0].endswith(f"({name}") and state != "Z" and int(parent) in zygotes:
                found.append(int(entry.name))
    return found


def test_a_query_without_end_is_stopped_at_its_deadline(ask: Ask) -> None:
    for seconds in (0.02, 0.3):
        begun = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            ask(ENDLESS, seconds=seconds, client=f"endless {seconds}")
        assert seconds <= time.monotonic() - begun < seconds + 0.25


def test_a_deadline_that_has_passed_is_told_at_once(ask: Ask) -> None:
    with pytest.raises((DeadlineExceeded, Busy)):
        ask("ASK {}", seconds=-1)


def test_too_much_memory_is_told_as_such_and_the_next_query_is_served(ask: Ask) -> None:
    with pytest.raises(OutOfMemory):
        ask("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g", client="memory")
    assert ask("ASK {}", client="memory").kind == "ask"


def test_a_stack_that_overflows_is_told_as_too_deep(lifted: IsolatedEngine) -> None:
    ask = asker(lifted)
    for text in (
        "SELECT * " + "{" * 100_000 + "}" * 100_000,
        "SELECT * { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }",
    ):
        with pytest.raises(QueryTooDeep):
            ask(text, client="deep")
    assert ask("ASK {}", client="deep").kind == "ask"


@linux_only
def test_a_crash_that_is_no_overflow_is_not_told_as_one(engine: IsolatedEngine) -> None:
    outcome: list[object] = []

    def work() -> None:
        try:
            outcome.append(asker(engine)(ENDLESS, client="crash", seconds=20).kind)
        except EngineError as error:
            outcome.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    for evaluator in children(engine, "evaluator"):
        os.kill(evaluator, signal.SIGSEGV)
    thread.join(30)
    assert outcome == [EngineFailed]


@linux_only
def test_an_evaluator_killed_by_somebody_else_costs_no_query(engine: IsolatedEngine, ask: Ask) -> None:
    for evaluator in children(engine, "evaluator"):
        os.kill(evaluator, signal.SIGKILL)
    assert ask("ASK {}", client="other").kind == "ask"


@linux_only
def test_a_query_whose_evaluator_is_killed_while_it_works_is_run_again(engine: IsolatedEngine) -> None:
    ask = asker(engine)
    outcome: list[object] = []
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?d) } "

    def work() -> None:
        try:
            outcome.append(ask(slow, client="victim", seconds=30).kind)
        except EngineError as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.15)
    for evaluator in children(engine, "evaluator"):
        os.kill(evaluator, signal.SIGKILL)
    thread.join(40)
    assert outcome == ["select"]
    assert engine.statistics()["killed"] >= 1


@linux_only
@pytest.mark.parametrize("whom", ["zygote", "standby", "both"])
def test_a_zygote_that_is_killed_under_load_costs_no_query(engine: IsolatedEngine, whom: str) -> None:
    ask = asker(engine)
    failures: list[BaseException] = []
    served = [0]
    end = time.monotonic() + 1.0

    def work(name: str) -> None:
        while time.monotonic() < end:
            try:
                ask("SELECT * { ?s ?p ?o } LIMIT 5", client=name)
                served[0] += 1
            except EngineError as error:
                failures.append(error)

    threads = [threading.Thread(target=work, args=(f"reader {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(0.25)
        pids = engine.pids()
        for name, pid in pids.items():
            if whom in (name, "both"):
                os.kill(pid, signal.SIGKILL)
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert served[0] > 50


@linux_only
def test_memory_is_back_after_queries_that_took_a_lot(engine: IsolatedEngine, ask: Ask) -> None:
    def resident() -> int:
        pids = [*children(engine, "evaluator"), *engine.pids().values()]
        return sum(int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * 4096 for pid in pids)

    before = resident()
    for _ in range(3):
        with pytest.raises(OutOfMemory):
            ask("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g", client="memory")
    ask("SELECT * { ?a ?p ?o . ?b ?q ?r }", accept="text/csv", client="large")
    time.sleep(0.3)
    assert resident() < before + 100 * 1024 * 1024


@linux_only
def test_no_process_is_left_after_closing_and_none_lingers_as_a_zombie() -> None:
    made = IsolatedEngine.in_memory(Settings(), published())
    asker(made)("ASK {}")
    pids = [*made.pids().values(), *children(made, "evaluator")]
    made.close()
    gone = time.monotonic() + 2
    while time.monotonic() < gone and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.01)
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.parametrize(
    ("death", "error"),
    [
        (Death.seen(signal.SIGSEGV, 64 * 1024, 64 << 20), QueryTooDeep),
        (Death.seen(signal.SIGSEGV, 3 * 1024, 64 << 20), EngineFailed),
        (Death.seen(signal.SIGSEGV, None, 64 << 20), QueryTooDeep),
        (Death(signal.SIGBUS), QueryTooDeep),
        (Death(signal.SIGFPE, False), EngineFailed),
        (Death(signal.SIGABRT, False), OutOfMemory),
        (Death(1 << 8), EngineFailed),
        (Death(signal.SIGKILL), None),
        (Death(signal.SIGTERM), None),
        (Death(None), None),
    ],
)
def test_a_death_is_read_as_a_cause(death: Death, error: type[EngineError] | None) -> None:
    found = error_of(death)
    assert found is None if error is None else isinstance(found, error)
