"""Slack's frontend: what the use cases of `bot` need of Slack, and how people reach them there."""
