"""The loopback Slack, in parts; import from `tests.peers.slack_server`."""
