"""Keeps workspaces' tokens encrypted in the store.

Knows nothing of what they are tokens of.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr
from sqlalchemy import Dialect, Text, TypeDecorator

from bot.slack.setup import NEW_KEY
from precis.errors import DamagedError, SettingsError


def make_cipher(keys: SecretStr) -> MultiFernet:
    """What encrypts by the first of the keys, and decrypts by each. Raises SettingsError."""
    each = [key.strip() for key in keys.get_secret_value().split(",")]
    try:
        return MultiFernet([Fernet(key) for key in each if key])
    except ValueError:
        raise SettingsError(
            f"PRECIS_SLACK_ENCRYPTION_KEY holds no Fernet key, or a wrong one; make one: {NEW_KEY}"
        ) from None


class Encrypted(TypeDecorator[str]):
    """A text that only who has the key can read."""

    impl = Text
    cache_ok = True

    def __init__(self, cipher: MultiFernet) -> None:
        super().__init__()
        self.cipher = cipher

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.cipher.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Raises DamagedError for what was encrypted by another key."""
        if value is None:
            return None
        try:
            return self.cipher.decrypt(value).decode()
        except (InvalidToken, ValueError):
            raise DamagedError(
                "a Slack workspace's token was stored under another key; add that one to "
                "PRECIS_SLACK_ENCRYPTION_KEY, or install the bot there again"
            ) from None
