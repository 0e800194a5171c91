import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.options.sessions = ["lint", "contracts", "types", "doctests", "docs", "tests"]
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"

PROJECT = nox.project.load_toml("pyproject.toml")["project"]
MADE_BY_SPHINX = ("_build", "gallery", "generated")
OLDEST_PYTHON = PROJECT["requires-python"].removeprefix(">=")
PYTHONS = ("3.14", "3.13", "3.12", OLDEST_PYTHON)


def _show_pyenv_interpreters() -> None:
    """Put the interpreters that pyenv has, active or not, at the end of PATH, where nox looks for them."""
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return
    root = Path(subprocess.run([pyenv, "root"], capture_output=True, text=True, check=True).stdout.strip())
    found = [str(python.parent) for version in PYTHONS for python in root.glob(f"versions/{version}.*/bin/python3")]
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *found])


def _runs(version: str) -> bool:
    """Tell whether one of the commands of that name starts (pyenv also leaves some that do not)."""
    directories = os.environ["PATH"].split(os.pathsep)
    commands = filter(None, (shutil.which(f"python{version}", path=directory) for directory in directories))
    return any(subprocess.run([command, "--version"], capture_output=True).returncode == 0 for command in commands)


_show_pyenv_interpreters()
# Those newer than the newest that is here; the oldest is left to nox, which says by itself when it is missing.
MISSING = []
for NEWEST_PYTHON in PYTHONS:
    if NEWEST_PYTHON == OLDEST_PYTHON or _runs(NEWEST_PYTHON):
        break
    MISSING.append(NEWEST_PYTHON)


@nox.session
@nox.parametrize(
    "python,pins",
    [
        nox.param(OLDEST_PYTHON, [bound.replace(">=", "==") for bound in PROJECT["dependencies"]], id="oldest"),
        nox.param(NEWEST_PYTHON, [], id="newest"),
    ],
)
def tests(session: nox.Session, pins: list[str]) -> None:
    """Run the tests on the oldest supported set and on the newest, each in an environment of its own."""
    if not pins and MISSING:
        session.warn(f"skipped, for they are not on this machine: Python {', '.join(MISSING)}")
    session.install(".[test]", *pins)
    session.run("python", "-m", "pip", "list", "--disable-pip-version-check")
    session.run("pytest", "-n", "auto", *session.posargs)


# The sessions below use the environment that nox itself is in: that of the extra `dev`.


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.run(sys.executable, "-m", "ruff", "check", ".")
    session.run(sys.executable, "-m", "ruff", "format", "--check", ".")


@nox.session(python=False)
def contracts(session: nox.Session) -> None:
    """Check which module imports which."""
    session.run(str(Path(sys.executable).with_name("lint-imports")), external=True)


@nox.session(python=False)
def types(session: nox.Session) -> None:
    """Check the type hints."""
    session.run(sys.executable, "-m", "mypy")


@nox.session(python=False)
def doctests(session: nox.Session) -> None:
    """Run every example in docstrings, the README and the documentation."""
    ignored = [f"--ignore=docs/{name}" for name in ("conf.py", *MADE_BY_SPHINX)]  # the first needs what Sphinx brings
    options = ["--doctest-modules", "--doctest-glob=*.md", *ignored]
    session.run(sys.executable, "-m", "pytest", *options, "dualnum", "README.md", "docs")


@nox.session(python=False)
def fuzz(session: nox.Session) -> None:
    """Run the long fuzzing, which no other session does."""
    session.run(sys.executable, "-m", "pytest", "-m", "fuzz", "-n", "auto", "-rP", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into docs/_build/html, from nothing; a warning or a link that leads nowhere is an error."""
    for made in MADE_BY_SPHINX:
        shutil.rmtree(Path("docs", made), ignore_errors=True)
    session.install(".[docs]")
    session.run("sphinx-build", "-q", "-W", "--keep-going", "docs", "docs/_build/html")
