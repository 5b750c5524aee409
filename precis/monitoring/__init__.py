"""How operators see what a process does: metrics, logs and traces. None of them holds chat text."""
