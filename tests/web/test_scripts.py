"""Our own scripts: types checked by TypeScript, nothing that makes markup out of text."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from server.web.site import FILES, STATIC

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((STATIC / "js").glob("*.js"))


def test_the_types_of_every_script_hold(node_modules: Path):
    command = [str(node_modules / ".bin" / "tsc"), "-p", str(FILES / "tsconfig.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_makes_no_markup_out_of_text(path: Path):
    text = path.read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_names_no_other_host_but_the_graphs_own_names(path: Path):
    hosts = re.findall(r"https?://[^/\"'`\s]+", path.read_text("utf-8"))
    assert set(hosts) <= {"https://w3id.org", "http://www.w3.org"}


def test_the_lock_file_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert not any("resolved" in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_the_style_sheet_has_every_hue_of_the_ontology(site):
    sheet = (STATIC / "css" / "base.css").read_text("utf-8")
    hues = {kind.hue for kind in site.vocabulary.kinds.values()}
    assert all(f".hue-{hue} " in sheet for hue in hues)
