"""Untrusted text for a terminal."""

import unicodedata

JOINERS = "\u200c\u200d"
"""Of emoji and of scripts; they move nothing."""


def harmless(text: str) -> str:
    """What would steer a terminal, or turn the line around, is spelt out."""
    return "".join(map(_harmless, text))


def _harmless(character: str) -> str:
    if character == "\n" or character in JOINERS:
        return character
    steers = unicodedata.category(character) in ("Cc", "Cf", "Cs")
    return f"\\u{ord(character):04x}" if steers else character
