"""What the bot asks a workspace for: as `docs/slack-manifest.yaml` has it, where each is explained.

A test holds both equal.
"""

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "mpim:history",
    "mpim:read",
    "usergroups:read",
    "users:read",
)
