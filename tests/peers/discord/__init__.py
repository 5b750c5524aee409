"""A loopback stand-in of Discord: HTTP API v10 and gateway v10, for tests. See `server.py`."""
