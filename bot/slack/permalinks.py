"""Links to Slack's messages: made, and told from others. Pure."""

import re
from urllib.parse import urlencode

_WORKSPACE = re.compile(r"https?://[a-z0-9]([a-z0-9.-]{0,150}[a-z0-9])?(:[0-9]{1,5})?/?")
_TS = r"[0-9]{1,11}\.[0-9]{6}"
_CHANNEL = r"[A-Z][0-9A-Z]{1,30}"
_PATH = re.compile(
    rf"/archives/{_CHANNEL}/p[0-9]{{7,17}}(\?thread_ts={_TS}&cid={_CHANNEL})?", re.ASCII
)


def permalink(
    workspace_url: str, channel: str, ts: str, thread_ts: str | None = None
) -> str | None:
    """The address of a message; `workspace_url` is as `auth.test` gives it.

    `thread_ts` is the thread of a reply. None where the workspace's address can't be one.
    """
    base = _base(workspace_url)
    if base is None:
        return None
    link = f"{base}/archives/{channel}/p{ts.replace('.', '')}"
    if thread_ts and thread_ts != ts:
        link += "?" + urlencode({"thread_ts": thread_ts, "cid": channel})
    return link


def is_permalink(link: str, workspace_url: str) -> bool:
    """Whether it leads to a message of that workspace, and nowhere else."""
    base = _base(workspace_url)
    if base is None or not link.startswith(base + "/"):
        return False
    return _PATH.fullmatch(link.removeprefix(base)) is not None


def _base(workspace_url: str) -> str | None:
    return workspace_url.rstrip("/") if _WORKSPACE.fullmatch(workspace_url) else None
