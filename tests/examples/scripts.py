"""How the examples are run: as a user does, and with warnings as errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def run_script(name: str, directory: Path, *options: str) -> tuple[str, bytes]:
    """Run an example in a directory, with options; gives what it prints, and the picture that it saves."""
    picture = directory / "picture.png"
    search_path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)]))
    run = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *options, "--output", str(picture)],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": search_path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout, picture.read_bytes()
