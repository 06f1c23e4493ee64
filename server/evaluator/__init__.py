"""Ad-hoc SPARQL in disposable processes (DESIGN §5, "Isolation").

engine.py        what the HTTP layer talks to
asking.py        a query as a value, and one that has been begun
runner.py        one request: lane, evaluator, deadline, deaths
lanes.py         who is next
pool.py          the evaluators that are ready; generations
writes.py        where writes go
process.py       the front's hands on its child processes
wire.py          the messages between them
zygote.py        the process that holds the graph and forks           (in the child)
evaluation.py    what an evaluator does                               (in the child)
writing.py       what a successor or the writer does                  (in the child)
tokenizer.py dataset.py limits.py                                     (in the child)
errors.py deaths.py configuration.py
"""

from server.evaluator.asking import Accept, AdHocQuery, Pending
from server.evaluator.engine import IsolatedEngine
from server.evaluator.errors import (
    DatasetInText,
    DataSyntaxError,
    KindNotAcceptable,
    QueryTooLong,
    ServiceRefused,
    TooManyTokens,
)
from server.evaluator.limits import missing as missing_limits

__all__ = [
    "Accept",
    "AdHocQuery",
    "DataSyntaxError",
    "DatasetInText",
    "IsolatedEngine",
    "KindNotAcceptable",
    "Pending",
    "QueryTooLong",
    "ServiceRefused",
    "TooManyTokens",
    "missing_limits",
]
