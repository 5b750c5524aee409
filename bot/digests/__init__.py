"""Digests on any chat platform: subscribing, gathering what is new, posting it once."""
