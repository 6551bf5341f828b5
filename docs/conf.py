"""Sphinx's settings for the site: `make docs`. The theme is Furo: plain, light or dark, and it asks no other server.

The pages are gathered by `docs/build/site.py`. Signatures name types of other libraries, which have no pages here;
every other reference has to lead somewhere.
"""

from typing import Any

from docs.build import ROOT
from docs.build.site import FRONTS

project = "scalar-autograd"
html_title = project
author = "The scalar-autograd authors"
extensions = ["myst_parser"]
myst_heading_anchors = 4
nitpick_ignore_regex = [("py:class", ".*")]
suppress_warnings = ["myst.header"]  # a notebook's headings begin at the third level
html_theme = "furo"
html_static_path = [str(ROOT / "docs" / "static")]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1F6FB2", "color-brand-content": "#1F6FB2"},
    "dark_css_variables": {"color-brand-primary": "#7db8ea", "color-brand-content": "#7db8ea"},
}
python_maximum_signature_line_length = 90
pygments_style, pygments_dark_style = "friendly", "monokai"


_KINDS = {**dict.fromkeys(FRONTS.values(), "front"), "operations/index": "curves"}


def _page(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Japanese pages say that they are, and the style sheet can tell some pages from others."""
    if name.endswith(".ja") or name.startswith("notebooks/ja"):
        context["language"] = "ja"
    if name in _KINDS:
        context["body"] = f'<div class="{_KINDS[name]}">{context["body"]}</div>'
    if name.startswith("source/"):
        context["toctree"] = lambda **options: ""  # the sidebar costs more than the page


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("html-page-context", _page, priority=100)  # before the theme reads it
