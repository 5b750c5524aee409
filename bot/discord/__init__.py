"""Discord: commands, buttons and messages, on the use cases of `bot`."""
