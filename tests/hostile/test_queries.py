"""Every attack of the corpus ends in time, in one of its ways, with the others served and nothing left behind."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.backends import EngineError
from kg.backends.embedded import EmbeddedBackend
from kg.terms import Iri, Literal, Quad
from server.evaluator import AdHocQuery, IsolatedEngine
from server.settings import Settings
from tests.hostile.corpus import ATTACKS, CANARY, Attack
from tests.hostile.corpus_within import ATTACKS_WITHIN

EX = "http://example.org/"
DEADLINE_S = 1.0
GRACE_S = 0.25
JSON = "application/sparql-results+json"
LIFTED = {"query_max_bytes": 1 << 30, "query_max_depth": 1 << 30, "query_max_tokens": 1 << 30}


def dataset() -> EmbeddedBackend:
    """About as many statements as are published, with a chain to walk along."""

    def quads() -> Iterator[Quad]:
        for n in range(1500):
            graph = Iri(f"{EX}graph/{n % 50}")
            yield Quad(Iri(f"{EX}{n}"), Iri(f"{EX}p{n % 10}"), Literal(f"value {n}"), graph)
            yield Quad(Iri(f"{EX}{n}"), Iri(f"{EX}next"), Iri(f"{EX}{n + 1}"), graph)

    return EmbeddedBackend.in_memory(quads())


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[bool, IsolatedEngine]]:
    """One engine as it is shipped, one with the limits before the parser lifted."""
    made = {lifted: IsolatedEngine.in_memory(Settings(LIFTED if lifted else {}), dataset()) for lifted in (False, True)}
    yield made
    for engine in made.values():
        engine.close()


@pytest.fixture(scope="module")
def canary() -> Iterator[socket.socket]:
    """A listening socket that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def run(engine: IsolatedEngine, text: str, client: str, seconds: float = DEADLINE_S) -> tuple[str, float]:
    """How a query ended, and how many seconds it took."""
    begun = time.monotonic()
    try:
        engine.query(AdHocQuery(text, client, begun + seconds))
        outcome = "answered"
    except EngineError as error:
        outcome = type(error).__name__
    return outcome, time.monotonic() - begun


def right(engine: IsolatedEngine, n: int) -> bool:
    """Whether somebody else gets the right answer."""
    text = f"SELECT ?o {{ <{EX}{n}> <{EX}p{n % 10}> ?o }}"
    body = engine.query(AdHocQuery(text, "reader", time.monotonic() + 10, "text/csv")).body
    return body == f"o\r\nvalue {n}\r\n".encode()


def test_the_corpus_is_as_large_and_as_varied_as_it_claims() -> None:
    attacks = [*ATTACKS, *ATTACKS_WITHIN]
    assert len(attacks) >= 140
    assert len({str(attack) for attack in attacks}) == len(attacks)


@pytest.mark.parametrize("attack", [*ATTACKS, *ATTACKS_WITHIN], ids=str)
def test_an_attack_ends_in_time_and_in_its_way(
    engines: dict[bool, IsolatedEngine], canary: socket.socket, attack: Attack
) -> None:
    engine = engines[attack.lifted]
    text = attack.text.replace("{port}", str(canary.getsockname()[1])) if CANARY in attack.text else attack.text
    outcome, seconds = run(engine, text, client=str(attack))
    if seconds >= DEADLINE_S + GRACE_S:  # the machine may have been busy with something else: once more
        outcome, seconds = run(engine, text, client=f"{attack} again")
    assert outcome in attack.ends
    assert seconds < DEADLINE_S + GRACE_S
    assert right(engine, hash(attack.name) % 1500)
    with pytest.raises(BlockingIOError):
        canary.accept()


@pytest.mark.parametrize(("attackers", "address"), [(4, "another"), (16, "another"), (4, "the same")])
def test_others_are_served_while_there_are_more_attackers_than_evaluators(
    engines: dict[bool, IsolatedEngine], attackers: int, address: str
) -> None:
    engine = engines[False]
    texts = [attack.text for attack in ATTACKS if attack.family == "cross-product"]
    end = time.monotonic() + 6
    outcomes: list[tuple[str, float]] = []

    def attack(number: int) -> None:
        while time.monotonic() < end:
            outcomes.append(
                run(
                    engine,
                    texts[number % len(texts)],
                    "reader" if address == "the same" else f"attacker {attackers} {number}",
                )
            )

    threads = [threading.Thread(target=attack, args=(number,)) for number in range(attackers)]
    for thread in threads:
        thread.start()
    took: list[tuple[float, float]] = []
    while (begun := time.monotonic()) < end:
        assert right(engine, len(took) % 1500)
        took.append((begun, time.monotonic() - begun))
        time.sleep(0.005)
    for thread in threads:
        thread.join(5)
    settled = sorted(seconds for begun, seconds in took if begun > end - 4)  # from the third second on
    assert settled[int(len(settled) * 0.99)] < 0.5  # 0.1 is the aim; the rest is for a machine that does other things
    late = [seconds for _, seconds in outcomes if seconds >= DEADLINE_S + GRACE_S]
    assert len(late) <= len(outcomes) // 10  # 0 on a machine that does nothing else
    assert max(late, default=0) < DEADLINE_S + 1
    allowed = {"DeadlineExceeded", "OutOfMemory", "QueryTooLarge", "Busy", "TooManyForClient", "answered"}
    assert {outcome for outcome, _ in outcomes} <= allowed


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_memory_is_back_when_the_attacks_are_over(engines: dict[bool, IsolatedEngine]) -> None:
    engine = engines[False]
    zygotes = set(engine.pids().values())

    def resident_mib() -> float:
        total = 0
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if int(entry.name) in zygotes or parent in zygotes:
                    total += int((entry / "statm").read_text().split()[1]) * 4096
            except OSError:
                continue
        return total / 1024 / 1024

    before = resident_mib()
    for attack in ATTACKS:
        if attack.family in ("string", "cross-product") and attack.ends != frozenset({"DeadlineExceeded"}):
            run(engine, attack.text, client=f"memory {attack}", seconds=0.3)
    time.sleep(1.5)
    assert resident_mib() < before + 150
