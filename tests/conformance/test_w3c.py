"""The W3C's suites against the running service: SPARQL 1.0, 1.1 and 1.2, Protocol, Graph Store, Service Description.

`BACKSTORY_CONFORMANCE` names the harness' directory (it holds `run.py`, or `harness/run.py`). The harness compares
with every expected result; what fails and is not in the lists beside this file fails the test, and what is listed and
passes does too, so that the lists stay true.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live import TOKEN, Live

HERE = Path(__file__).parent
PLAIN, PUBLISHED = HERE / "known-failures.txt", HERE / "known-failures-published.txt"
#: Suites that judge this service rather than its engine: none of their tests may be listed.
OURS = ("protocol", "gsp", "service-description", "formats", "clients")


def harness() -> Path:
    """The harness' script, or a skip that says what is missing."""
    directory = os.environ.get("BACKSTORY_CONFORMANCE")
    if not directory:
        pytest.skip("BACKSTORY_CONFORMANCE does not name the directory of the W3C harness")
    for path in (Path(directory) / "run.py", Path(directory) / "harness" / "run.py"):
        if path.is_file():
            return path
    raise AssertionError(f"BACKSTORY_CONFORMANCE is {directory}, where there is no run.py")


def listed(*files: Path) -> dict[str, str]:
    """The tests of the lists with their reasons."""
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    pairs = [
        line.partition("#")[0] and line.split(None, 1) for line in lines if line.strip() and not line.startswith("#")
    ]
    return {pair[0]: pair[1].lstrip("# ") if len(pair) > 1 else "" for pair in pairs if pair}


def run(live: Live, tmp_path: Path, *flags: str) -> list[dict[str, object]]:
    """All results of the harness on a service."""
    output = tmp_path / "results.json"
    command = [sys.executable, str(harness()), "--query-url", f"{live.url}/sparql", "--gsp-url", f"{live.url}/store"]
    command += ["--token", TOKEN, "--suite", "all", "--json", str(output), *flags]
    told = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=harness().parent)
    assert output.exists(), told.stdout[-2000:] + told.stderr[-2000:]
    results: list[dict[str, object]] = json.loads(output.read_text("utf-8"))["results"]
    return results


def judge(results: list[dict[str, object]], known: set[str]) -> None:
    """Hold the results to the list, both ways."""
    ran = {str(one["id"]) for one in results if one["status"] in ("pass", "fail")}
    failed = {str(one["id"]): one["detail"] for one in results if one["status"] == "fail" and not one["optional"]}
    assert not {test: why for test, why in failed.items() if test not in known}
    assert not (known & ran) - set(failed), "these are listed as failing and pass"
    assert not [test for one in results if one["suite"] in OURS and (test := str(one["id"])) in failed]


@pytest.mark.slow
def test_a_plain_store_fails_nothing_but_what_its_engine_fails(serve: Callable[..., Live], tmp_path: Path) -> None:
    harness()
    live = serve("--empty", "--writable", "--no-log-requests")
    results = run(live, tmp_path, "--update-url", f"{live.url}/update")
    assert len(results) > 1400
    judge(results, set(listed(PLAIN)))


@pytest.mark.slow
def test_the_published_dataset_conforms_read_only(serve: Callable[..., Live], tmp_path: Path) -> None:
    harness()
    results = run(serve("--no-log-requests"), tmp_path, "--read-only")
    judge(results, set(listed(PLAIN, PUBLISHED)))


def test_every_listed_failure_has_its_reason() -> None:
    for file in (PLAIN, PUBLISHED):
        assert all(len(reason) > 10 for reason in listed(file).values())
