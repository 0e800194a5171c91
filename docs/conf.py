import re
from pathlib import Path
from typing import Any

from docutils.nodes import Text, literal_block

import dualnum

project = "dualnum"
author = copyright = "the dualnum developers"
release = version = dualnum.__version__
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
html_theme = "furo"
html_title = f"dualnum {version}"
html_static_path = ["_static"]
html_css_files = ["wide.css"]

# Pages in Markdown: every heading can be linked to, and a link that leads nowhere is a warning.
myst_heading_anchors = 3

# The reference. What stands in single backticks becomes a link where there is such a thing.
default_role = "autolink"
autodoc_typehints = "none"
autosummary_generate = True
# Else one of two pages would overwrite the other where the names of files do not tell capitals from small letters.
autosummary_filename_map = {"dualnum.Taylor": "dualnum.Taylor-class"}
numpydoc_show_class_members = False
nitpicky = True
# Other projects' names are not looked up, so that building needs no network.
nitpick_ignore_regex = [(r"py:.*", r"(?!dualnum\.).*")]

# The gallery. The tests run the examples, so the pages show the pictures that are kept beside them, and run nothing.
ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "docs/_build/examples"
sphinx_gallery_conf = {
    "examples_dirs": "_build/examples",
    "gallery_dirs": "gallery",
    "plot_gallery": "False",
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_signature": False,
    "within_subsection_order": "FileNameSortKey",
    "write_computation_times": False,
}
HEADER = """\
Examples
========

Each is a script of at most 200 lines in the directory ``examples``, to be run in a checkout, for some share modules and
data. It takes less than two minutes, prints what it finds, and saves the picture that is shown here. The tests run all of
them.
"""


def write_scripts(app: Any) -> None:
    """Copy each example that has a picture, with its first sentence for a title and its pictures below the docstring."""
    SCRIPTS.mkdir(parents=True, exist_ok=True)
    (SCRIPTS / "GALLERY_HEADER.rst").write_text(HEADER)
    for script in sorted((ROOT / "examples").glob("*.py")):
        pictures = sorted(script.parent.glob(f"{script.stem}.png")) + sorted(script.parent.glob(f"{script.stem}_*.png"))
        if not pictures:  # a module that examples share
            continue
        title, text, code = re.match(r'"""(.*?)[:.]\s+(.*?)"""(.*)', script.read_text(), re.DOTALL).groups()
        text = re.sub(r"^=+\n\s*", "", text, flags=re.MULTILINE)  # the line below a title that is one already
        title, text = " ".join(title.split()), text[:1].upper() + text[1:].rstrip()
        images = "".join(f"\n\n.. image:: /../examples/{picture.name}\n   :alt: {title}" for picture in pictures)
        thumbnail = f"# sphinx_gallery_thumbnail_path = '../examples/{pictures[0].name}'"
        (SCRIPTS / script.name).write_text(
            f'"""\n{title}\n{"=" * len(title)}\n\n{text}{images}\n"""{code}\n{thumbnail}\n'
        )


def strip_code(app: Any, document: Any) -> None:
    """Leave away the empty line that ends the doctests in Markdown, where their output would not end else."""
    for block in document.findall(literal_block):
        block.rawsource = block.astext().rstrip()
        block[:] = [Text(block.rawsource)]


def setup(app: Any) -> None:
    """Have the scripts written before the gallery reads them, and pages looked through when they have been read."""
    app.connect("builder-inited", write_scripts, priority=100)
    app.connect("doctree-read", strip_code)
