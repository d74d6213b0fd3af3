"""How Sphinx builds the documentation: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from yesman import __version__

project = "yesman"
author = "The yesman project"
project_copyright = author
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "outside", "offline"]
exclude_patterns = ["_build", "_ext"]

myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"  # brings its scripts and styles: a page asks no other host for anything
html_title = f"yesman {release}"
html_copy_source = False
html_show_sphinx = False
# Code in the two looks that furo has.
pygments_style = "tango"
pygments_dark_style = "monokai"
