import dualnum

project = "dualnum"
author = "the dualnum developers"
release = version = dualnum.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
autodoc_typehints = "none"
html_theme = "alabaster"
