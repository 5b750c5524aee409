"""From what people typed to plain readable text: pure functions, for readers and live bots alike.

Mentions become names, links their host, code and quotes and files short marks; what can't be
seen or deceives the eye goes. Knows nothing of files, windows and summaries.
"""

from precis.normalisation.discord_markup import discord_text
from precis.normalisation.marks import attachment, attachment_mark, is_command, with_marks
from precis.normalisation.plain_text import NAMELESS, clean_name, clean_text, link_mark
from precis.normalisation.slack_markup import slack_text
from precis.normalisation.slack_rich_text import rich_text

__all__ = [
    "NAMELESS",
    "attachment",
    "attachment_mark",
    "clean_name",
    "clean_text",
    "discord_text",
    "is_command",
    "link_mark",
    "rich_text",
    "slack_text",
    "with_marks",
]
