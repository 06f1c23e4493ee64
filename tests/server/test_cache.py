"""Finished answers: bounded, dropped with the state of the data, the unused ones first."""

from __future__ import annotations

from server.cache import AnswerCache, Kept


def answer(tag: str, size: int = 10) -> Kept:
    return Kept([], b"x" * size, tag, "ask")


def test_an_answer_is_found_by_its_key_in_its_state_only() -> None:
    cache = AnswerCache(1 << 20)
    cache.put(("key",), "state", answer("tag"))
    assert cache.get(("key",), "state") is not None
    assert cache.get(("key",), "another state") is None
    assert cache.get(("another key",), "state") is None


def test_keys_that_lead_to_the_same_answer_share_it() -> None:
    cache = AnswerCache(1 << 20)
    cache.put(("one",), "state", answer("tag"))
    cache.put(("two",), "state", answer("tag"))
    assert cache.get(("one",), "state") is cache.get(("two",), "state")
    assert len(cache) == 1


def test_a_new_state_of_the_data_drops_the_old_answers() -> None:
    cache = AnswerCache(1 << 20)
    cache.put(("key",), "before", answer("tag"))
    cache.put(("other",), "after", answer("other tag"))
    assert cache.get(("key",), "before") is None
    assert len(cache) == 1


def test_it_stays_within_its_memory_and_keeps_what_is_used() -> None:
    cache = AnswerCache(1 << 20)
    cache.put(("wanted",), "state", answer("wanted", 50_000))
    for number in range(200):
        assert cache.get(("wanted",), "state") is not None
        cache.put((number,), "state", answer(str(number), 50_000))
        assert cache.bytes <= 1 << 20
    assert cache.get((0,), "state") is None


def test_one_answer_never_takes_most_of_the_memory() -> None:
    cache = AnswerCache(1 << 20)
    cache.put(("key",), "state", answer("tag", 1 << 19))
    assert cache.get(("key",), "state") is None


def test_many_spellings_of_one_answer_do_not_grow_without_end() -> None:
    cache = AnswerCache(1 << 20)
    for number in range(1000):
        cache.put((number,), "state", answer("tag"))
    assert cache.get((999,), "state") is not None
    assert cache.get((0,), "state") is None
    assert sum(cache.get((number,), "state") is not None for number in range(1000)) <= 16


def test_what_its_keys_take_is_counted_and_very_long_ones_are_not_kept() -> None:
    cache = AnswerCache(1 << 20)
    for number in range(2000):
        cache.put((f"{number} " + "x" * 3000,), "state", answer(str(number)))
        assert cache.bytes <= 1 << 20
    assert len(cache) < 300
    cache.put(("x" * 5000,), "state", answer("long"))
    assert cache.get(("x" * 5000,), "state") is None
