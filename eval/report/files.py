"""Puts a page into a folder: HTML, Markdown, and the plots that Markdown shows."""

from pathlib import Path

from eval.report.content import Page
from eval.report.html import html
from eval.report.markdown import markdown
from precis.errors import InputError

HTML = "report.html"
MARKDOWN = "report.md"


def write_page(page: Page, folder: Path) -> list[Path]:
    """The files written, the pages first. Raises InputError if the folder can't be written."""
    texts = {HTML: html(page), MARKDOWN: markdown(page)}
    contents = {name: text.encode() for name, text in texts.items()}
    contents |= {f"{plot.name}.png": plot.png for plot in page.plots}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{folder} can't be written ({error.strerror}); give --output another folder"
        ) from None
    return [folder / name for name in contents]
