"""The heart of Précis: conversation, job contract, store, settings.

Knows nothing of chat platforms, queues or models; every other package builds on it.
"""

__version__ = "0.2.0"
