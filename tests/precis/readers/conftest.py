"""Files to read: written by each test, small, and never real people's talk."""

import json
from pathlib import Path

import pytest

GUILD, CHANNEL = "100", "200"


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file, and give its path."""

    def to_file(content, name="conversation.txt"):
        path: Path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return to_file


@pytest.fixture
def discord(write):
    """Write an export of the given messages; each is what differs from an ordinary one."""

    def export(*messages, **header):
        whole = {
            "guild": {"id": GUILD, "name": "Study"},
            "channel": {"id": CHANNEL, "type": "GuildTextChat", "name": "exam"} | header,
            "dateRange": {"after": None, "before": None},
            "messages": [ordinary(number, **m) for number, m in enumerate(messages, 1)],
            "messageCount": len(messages),
        }
        return write(json.dumps(whole), "export.json")

    return export


def ordinary(number=1, /, **different):
    author = {"id": "7", "name": "ana.d", "nickname": "Ana", "isBot": False}
    return {
        "id": str(1000 + number),
        "type": "Default",
        "timestamp": f"2026-01-31T14:{number:02}:00.123+00:00",
        "timestampEdited": None,
        "content": f"message {number}",
        "author": author | different.pop("author", {}),
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
    } | different


@pytest.fixture
def slack(tmp_path):
    """Write a Slack export as a folder: users, channels, and day files by channel."""

    def export(days, users=(), channels=None):
        root = tmp_path / "slack"
        root.mkdir(exist_ok=True)
        (root / "users.json").write_text(json.dumps(list(users)))
        names = channels or [
            {"id": f"C{at}", "name": name}
            for at, name in enumerate(sorted({day.partition("/")[0] for day in days}))
        ]
        (root / "channels.json").write_text(json.dumps(names))
        for name, messages in days.items():
            path = root / f"{name}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(messages if isinstance(messages, str) else json.dumps(messages))
        return root

    return export
