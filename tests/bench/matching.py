"""How long understanding takes, and how ten thousand made-up questions fare.

Run: python tests/bench/matching.py [cases]. Prints the time from a text to a question of the catalogue or a refusal,
over the development sets (the best of five passes, so that other work on the machine does not count); the worst input
of 2,000 characters; and of each kind of made-up question how many are answered as they should be.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from queries.answering import Answering
from tests.queries.sampling import DRUGS, ILLNESSES, sentences, with_typo
from tests.questions.score_local import SETS, answering, questions

WORST = (
    "what causes back spasms? " * 80,
    "back spasm " * 181,
    "blader num weeek " * 117,
    "a " * 1000,
    "(" * 2000,
    "can stress, anxiety, a fall, or sitting cause it " * 40,
)


def reading_ms(asked: Answering, text: str) -> float:
    """Milliseconds of one reading, the correction of spelling included."""
    reader = asked._readers.plain
    started = time.perf_counter()
    words, corrections = reader.words(text)
    reader.read(text, words, corrections)
    return (time.perf_counter() - started) * 1000


def latency(asked: Answering) -> list[str]:
    """Percentiles over the development sets, and the worst long input."""
    texts = [question["question"] for question in questions(sorted(SETS.glob("*.jsonl")))]
    passes = [[reading_ms(asked, text) for text in texts] for _ in range(5)]
    times = sorted(map(min, zip(*passes, strict=True)))
    worst = max(min(reading_ms(asked, text[:2000]) for _ in range(5)) for text in WORST)
    half, most = times[len(times) // 2], times[int(len(times) * 0.95)]
    return [
        f"reading {len(times)} questions: p50 {half:.3f} ms, p95 {most:.3f} ms",
        f"the worst of {len(WORST)} inputs of 2,000 characters: {worst:.1f} ms",
    ]


def made_up(asked: Answering, cases: int) -> list[str]:
    """What becomes of phrasings, of names that the graph lacks, and of typing mistakes."""
    own: Counter[str] = Counter()
    for made in sentences(asked, seed=11, count=cases):
        answer = asked.ask(made.text)
        known = answer.status in ("answered", "not_stated")
        file = answer.interpretation.question_file
        own["own file" if known and file == made.template.id else "another file" if known else "refused"] += 1
    strange = Counter(
        asked.ask(made.text).status for made in sentences(asked, seed=12, count=cases, strangers=(*DRUGS, *ILLNESSES))
    )
    rng = random.Random(13)
    typos: Counter[str] = Counter()
    for made in sentences(asked, seed=14, count=cases):
        plain, wrong = asked.ask(made.text), with_typo(made.text, asked, rng)
        if wrong is None or plain.status not in ("answered", "not_stated"):
            continue
        answer = asked.ask(wrong)
        same = (answer.answer, answer.items) == (plain.answer, plain.items)
        typos["right" if same else "wrong" if answer.status == "answered" else "refused"] += 1
    return [
        f"phrasings: {dict(own)}",
        f"names that the graph lacks: {dict(strange)}",
        f"one typing mistake: {dict(typos)}",
    ]


def main() -> None:
    """Measure and print."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    asked = answering()
    print("\n".join(latency(asked)), flush=True)
    print("\n".join(made_up(asked, cases)))


if __name__ == "__main__":
    main()
