"""A page as one HTML file, its plots inside it. Knows nothing of what the page is about.

The template escapes every text (`autoescape`), and the file loads nothing from elsewhere.
"""

from base64 import b64encode
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from eval.report.content import Page

TEMPLATE = "page.html.j2"


def html(page: Page) -> str:
    """The page, whole in itself."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["base64"] = lambda png: b64encode(png).decode()
    environment.filters["printable"] = _printable
    return environment.get_template(TEMPLATE).render(page=page)


def _printable(text: str) -> str:
    """Without characters that turn text around or can't be written in UTF-8."""
    return "".join(each if each.isprintable() else " " for each in text)
