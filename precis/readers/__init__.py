"""Read conversations from files: exports of Discord and Slack, IRC logs, transcripts.

Formats are recognised by content. Everything is streamed: a file of any size takes the memory of
the window that is asked for. Damaged records are skipped and counted; an unusable file raises
`InputError`, one line that holds no message text.
"""

from precis.readers.jsonl import write_jsonl
from precis.readers.loading import (
    DEFAULT_MAX_MESSAGES,
    FORMATS,
    LoadedConversation,
    exported_channels,
    load_conversation,
    open_reading,
)
from precis.readers.reading import Reading

__all__ = [
    "DEFAULT_MAX_MESSAGES",
    "FORMATS",
    "LoadedConversation",
    "Reading",
    "exported_channels",
    "load_conversation",
    "open_reading",
    "write_jsonl",
]
