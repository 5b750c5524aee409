"""The kinds of conversations, and Slack's words for them in scopes, events and fields."""

PUBLIC, PRIVATE, IM, MPIM = "public_channel", "private_channel", "im", "mpim"
KINDS = (PUBLIC, PRIVATE, MPIM, IM)

# The word of each kind in scopes (`groups:history`) and in events (`message.groups`).
WORDS = {PUBLIC: "channels", PRIVATE: "groups", IM: "im", MPIM: "mpim"}
# docs.slack.dev/reference/events/message: `channel_type` of events.
TYPES = {PUBLIC: "channel", PRIVATE: "group", IM: "im", MPIM: "mpim"}
