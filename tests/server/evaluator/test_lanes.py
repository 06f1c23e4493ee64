"""Who is next: the lanes without any process behind them."""

from __future__ import annotations

import threading
import time

import pytest

from kg.backends import Busy, TooManyForClient
from server.evaluator.lanes import Lanes, Ticket


def lanes(*, fast: int = 2, slow: int = 1, queue: int = 8, each: int = 4) -> Lanes:
    return Lanes(fast=fast, slow=slow, queue_length=queue, queue_per_client=each)


def soon() -> float:
    return time.monotonic() + 5


def in_background(made: Lanes, client: str, order: list[str], text: int = 0) -> threading.Thread:
    def enter() -> None:
        ticket = made.enter(client, soon(), text)
        order.append(client)
        made.leave(ticket)

    before = sum(made.waiting())
    thread = threading.Thread(target=enter)
    thread.start()
    while sum(made.waiting()) == before and thread.is_alive():
        time.sleep(0.001)
    return thread


def overrun_one(made: Lanes, client: str) -> Ticket:
    ticket = made.enter(client, soon())
    assert made.overrun(ticket)
    return ticket


def test_a_free_place_is_given_at_once() -> None:
    made = lanes()
    assert made.enter("a", soon()).granted
    assert made.waiting() == (0, 0)


def test_an_overrunning_query_goes_on_in_the_slow_lane_and_frees_its_fast_place() -> None:
    made = lanes(fast=1)
    overrun_one(made, "a")
    assert made.enter("b", soon()).granted


def test_with_the_slow_lane_full_an_overrunning_query_waits_for_it() -> None:
    made = lanes(fast=2)
    first = overrun_one(made, "a")
    second = made.enter("b", soon())
    assert not made.overrun(second)
    threading.Timer(0.05, made.leave, (first,)).start()
    made.wait_again(second, soon())
    assert second.granted
    assert second.is_slow


def test_a_text_that_overran_goes_straight_to_the_slow_lane_whoever_sends_it() -> None:
    made = lanes(slow=2)
    ticket = made.enter("a", soon(), text=17)
    assert made.overrun(ticket)
    made.leave(ticket)
    assert made.enter("b", soon(), text=17).is_slow
    assert not made.enter("b", soon(), text=18).is_slow


def test_a_client_on_probation_has_a_quarter_of_the_fast_lane_and_others_have_the_rest() -> None:
    made = lanes(fast=8)
    made.leave(overrun_one(made, "a"))
    probation = [made.enter("a", soon()) for _ in range(2)]
    assert not any(ticket.is_slow for ticket in probation)
    with pytest.raises(Busy):
        made.enter("a", time.monotonic() + 0.02)
    assert [made.enter("b", soon()).granted for _ in range(5)] == [True] * 5
    made.leave(probation[0])
    assert made.enter("a", time.monotonic() + 0.02).granted is True


def test_who_waits_on_probation_does_not_hold_up_who_is_not() -> None:
    made = lanes(fast=4)
    made.leave(overrun_one(made, "a"))
    running = made.enter("a", soon())
    order: list[str] = []
    thread = in_background(made, "a", order)
    assert made.waiting() == (1, 0)
    assert made.enter("b", soon()).granted
    made.leave(running)
    thread.join(5)
    assert order == ["a"]


def test_one_fast_place_is_kept_for_clients_that_never_overran() -> None:
    made = lanes(fast=2)
    ticket = overrun_one(made, "a")
    made.leave(ticket)
    ticket.client.overran = time.monotonic() - 61  # more than a minute ago
    assert not made.enter("a", soon()).is_slow
    with pytest.raises(Busy):
        made.enter("a", time.monotonic() + 0.02)
    assert made.enter("b", soon()).granted


def test_the_client_that_has_used_least_is_next() -> None:
    made = lanes(fast=1)
    made.enter("heavy", soon()).client.charge(5.0, time.monotonic())
    order: list[str] = []
    running = overrun_one(lanes(), "somebody")  # a ticket of other lanes, to be sure that lanes share nothing
    assert running.granted
    threads = [in_background(made, client, order) for client in ("heavy", "light")]
    made.leave(next(iter(made._clients["heavy"].running)))
    for thread in threads:
        thread.join(5)
    assert order == ["light", "heavy"]


def test_a_client_with_too_much_waiting_is_told_so_and_others_are_not() -> None:
    made = lanes(slow=1, each=2, queue=32)
    running = overrun_one(made, "a")
    made._slow_texts[17] = time.monotonic()
    order: list[str] = []
    threads = [in_background(made, "a", order, text=17) for _ in range(2)]
    with pytest.raises(TooManyForClient):
        made.enter("a", soon(), text=17)
    assert made.enter("a", soon(), text=18).granted
    threads.append(in_background(made, "b", order, text=17))
    made.leave(running)
    for thread in threads:
        thread.join(5)
    assert sorted(order) == ["a", "a", "b"]


def test_a_full_queue_is_busy() -> None:
    made = lanes(fast=1, queue=1)
    running = made.enter("a", soon())
    thread = in_background(made, "b", [])
    with pytest.raises(Busy):
        made.enter("c", soon())
    made.leave(running)
    thread.join(5)


def test_in_a_full_queue_who_has_used_most_makes_room_for_who_has_used_less() -> None:
    made = lanes(fast=1, queue=1)
    running = made.enter("a", soon())
    made.leave(running)
    running.client.charge(5.0, time.monotonic())
    running = made.enter("b", soon())
    refused: list[str] = []

    def enter() -> None:
        try:
            made.enter("a", soon())
        except Busy as error:
            refused.append(str(error))

    heavy = threading.Thread(target=enter)
    heavy.start()
    while made.waiting() == (0, 0):
        time.sleep(0.001)
    order: list[str] = []
    light = threading.Thread(target=lambda: order.append("c") if made.enter("c", soon()).granted else None)
    light.start()
    heavy.join(5)
    assert len(refused) == 1
    made.leave(running)
    light.join(5)
    assert order == ["c"]


def test_a_deadline_that_comes_while_waiting_leaves_no_trace() -> None:
    made = lanes(fast=1)
    running = made.enter("a", soon())
    with pytest.raises(Busy, match="deadline"):
        made.enter("b", time.monotonic() + 0.02)
    made.leave(running)
    assert made.waiting() == (0, 0)
    assert made.enter("b", soon()).granted


def test_who_waits_in_the_fast_queue_is_diverted_when_the_same_text_overruns() -> None:
    made = lanes(fast=1, slow=1)
    running = made.enter("a", soon(), text=17)
    order: list[str] = []
    thread = in_background(made, "a", order, text=17)
    assert made.overrun(running)
    assert made.waiting() == (0, 1)
    made.leave(running)
    thread.join(5)
    assert order == ["a"]


def test_thousands_of_clients_are_not_remembered_for_ever() -> None:
    made = lanes()
    for number in range(10_050):
        made.leave(made.enter(f"client {number}", soon()))
    assert len(made._clients) <= 10_001
