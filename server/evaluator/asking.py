"""What is asked of an engine for other people's queries: the query as a value, and one that is being evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from kg.backends import Result
from server.evaluator import wire
from server.evaluator.runner import Begun, Runner, Work

#: A longer reply is taken in by a thread: an event loop has others to serve.
_SHORT_BYTES: Final = 16 * 1024
_ERROR: Final = b'"error":'


class Accept(NamedTuple):
    """The media type for each kind of result; None for a kind that the client accepts in no form."""

    select: str | None
    ask: str | None
    graph: str | None


@dataclass(frozen=True, slots=True)
class AdHocQuery:
    """A query that nobody has looked at, whose it is, and when it must have ended.

    `deadline` is in monotonic seconds and counts from the query's arrival. `accept` is one media type, or one for each
    kind; None is JSON and Turtle. The graphs are the protocol's dataset parameters; where there are none, the query's
    own dataset counts. `base` is what relative IRIs resolve against.
    """

    text: str
    client: str
    deadline: float
    accept: str | Accept | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base: str | None = None


class Pending(Protocol):
    """A query that is being evaluated while nobody waits for it. Close it, whether or not its result was taken."""

    def fileno(self) -> int:
        """The descriptor that becomes readable when the reply comes."""
        ...

    def arrived(self) -> bool:
        """Take in what has come. Whether `result` then returns at once: the reply is whole, short and no error."""
        ...

    def result(self) -> Result:
        """The result, waited for as long as its deadline allows.

        Raises: EngineError.
        """
        ...

    def close(self) -> None:
        """Stop the evaluation, if nobody has asked for its result."""
        ...


class BegunQuery:
    """A query that an evaluator works on; it satisfies `Pending`."""

    def __init__(self, runner: Runner, work: Work, begun: Begun) -> None:
        self._runner = runner
        self._work = work
        self._begun = [begun]  # taken out by whoever ends it: `pop` is atomic, and two threads may try
        self._reply = begun

    def fileno(self) -> int:
        """See `Pending.fileno`."""
        return self._reply.evaluator.sock.fileno()

    def arrived(self) -> bool:
        """See `Pending.arrived`."""
        came = self._reply.came = wire.beginning(self._reply.evaluator.sock)
        head = wire.head_of_whole(came, _SHORT_BYTES) if came else None
        return head is not None and _ERROR not in head

    def result(self) -> Result:
        """See `Pending.result`."""
        return result_of(self._runner.run(self._work, self._taken()))

    def close(self) -> None:
        """See `Pending.close`."""
        begun = self._taken()
        if begun is not None:
            self._runner.abandon(begun)

    def _taken(self) -> Begun | None:
        try:
            return self._begun.pop()
        except IndexError:
            return None


def result_of(reply: tuple[wire.Header, bytes]) -> Result:
    """The result that an evaluator's reply is."""
    header, data = reply
    return Result(header["kind"], body=data, media_type=header["media_type"])
