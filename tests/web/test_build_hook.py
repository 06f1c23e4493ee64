"""The build hook fetches the ready-made files where npm is at hand, and never fails an install where it is not."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

hatch_build = pytest.importorskip("hatch_build", reason="hatchling is not installed")
ROOT = Path(__file__).parents[2]


def copy_of_the_inputs(folder: Path) -> Path:
    for name in hatch_build.INPUTS:
        shutil.copy(ROOT / name, folder)
    return folder


def test_without_npm_the_hook_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(hatch_build, "find_spec", lambda name: None)
    assert "no npm" in hatch_build.fetch(copy_of_the_inputs(tmp_path))


def test_an_npm_that_fails_is_named_and_nothing_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fake = tmp_path / "npm"
    fake.write_text("#!/bin/sh\necho the registry does not answer >&2\nexit 7\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    root = tmp_path / "root"
    root.mkdir()
    problem = hatch_build.fetch(copy_of_the_inputs(root))
    assert "7" in problem
    assert "does not answer" in problem
    assert not (root / hatch_build.VENDOR).exists()


def test_npm_is_told_to_run_no_script_and_to_keep_to_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fake = tmp_path / "npm"
    fake.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\nexit 1\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    hatch_build.fetch(ROOT)
    said = (tmp_path / "said").read_text()
    assert said.startswith("ci ")
    assert "--ignore-scripts" in said


def test_what_npm_brings_is_copied_with_the_licence(tmp_path: Path):
    packages = tmp_path / "node_modules"
    for name in (*hatch_build.FILES, "cytoscape/LICENSE"):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_text(name)
    assert hatch_build._copy(packages, tmp_path / "vendor") is None
    assert {path.name for path in (tmp_path / "vendor").iterdir()} == {
        "yasgui.min.js", "yasgui.min.css", "cytoscape.min.js", "cytoscape.LICENSE.txt",
    }  # fmt: skip


def test_run_by_itself_the_hook_says_what_stood_in_the_way(tmp_path: Path):
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    environment = {"PATH": "/nonexistent", "PYTHONPATH": ""}
    run = subprocess.run(
        [sys.executable, "hatch_build.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "npm" in run.stderr or "package.json" in run.stderr
