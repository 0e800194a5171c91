"""Pages link to what exists, and the reference has every public name."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(page for page in ROOT.glob("docs/**/*.md") if "_build" not in page.parts)])
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page):
    """What the headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page, text):
    """Those of the relative links in a text that lead nowhere."""
    for target in LINK.findall(text):
        name, _, anchor = target.partition("#")
        if "://" in target or name.startswith("gallery/") or name.startswith("../gallery/"):
            continue  # elsewhere; or written when the site is built, which checks them
        file = page.parent / name if name else page
        if not file.exists() or (anchor and file.suffix == ".md" and "." not in anchor and anchor not in anchors(file)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert list(broken(page, page.read_text())) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent != ROOT], ids=lambda page: page.stem)
def test_code_is_no_wider_than_a_page(page):
    blocks = re.findall(r"^```.*?^```", page.read_text(), re.MULTILINE | re.DOTALL)
    assert [line for block in blocks for line in block.splitlines() if len(line) > 115] == []


def test_broken_links_are_found():
    page = ROOT / "README.md"
    text = (
        "[a](docs/nothing.md) [b](docs/conventions.md#nothing) [c](docs/conventions.md#shapes) ![d](examples/tape.png)"
    )
    assert list(broken(page, text)) == ["docs/nothing.md", "docs/conventions.md#nothing"]


def listed():
    """Names in the reference, by module."""
    names = {}
    for block in re.findall(r"```{eval-rst}\n(.*?)```", (ROOT / "docs/reference.md").read_text(), re.DOTALL):
        module = re.match(r"\.\. currentmodule:: (\S+)", block)
        if module:
            names.setdefault(module[1], []).extend(re.findall(r"^   (\w+)$", block, re.MULTILINE))
    return names


@pytest.mark.parametrize("module", ["dualnum", "dualnum.complexity", "dualnum.solvers"])
def test_every_public_name_is_in_the_reference(module):
    # The two transforms of SciPy's functions are functions of the package itself as well.
    missing = set(import_module(module).__all__) - set(listed()[module]) - set(listed()["dualnum"])
    assert sorted(missing) == []


def test_no_name_is_in_the_reference_twice_or_gone():
    for module, names in listed().items():
        assert len(names) == len(set(names))
        assert [name for name in names if not hasattr(import_module(module), name)] == []
