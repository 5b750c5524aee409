"""Chat frontends: use cases that know no platform, and a thin adapter for each platform.

Knows neither models nor the queue's library: `cli` hands in what sends jobs and what tells of
their end.
"""
