"""The loopback Discord for tests: the names to import. What it is and how to point a bot at it:
`discord/server.py`.
"""

from tests.peers.discord.guilds import BOT_PERMISSIONS, Guild, Member, Role
from tests.peers.discord.http import Request
from tests.peers.discord.interactions import Interaction, Response
from tests.peers.discord.limits import Hang
from tests.peers.discord.messages import Mentions, Message
from tests.peers.discord.options import UnavailableError
from tests.peers.discord.permissions import ALL, EVERYONE, Permission
from tests.peers.discord.places import Channel, DirectMessages, Place, Thread
from tests.peers.discord.server import DiscordServer, discord_server
from tests.peers.discord.state import User, Violation

__all__ = [
    "ALL",
    "BOT_PERMISSIONS",
    "EVERYONE",
    "Channel",
    "DirectMessages",
    "DiscordServer",
    "Guild",
    "Hang",
    "Interaction",
    "Member",
    "Mentions",
    "Message",
    "Permission",
    "Place",
    "Request",
    "Response",
    "Role",
    "Thread",
    "UnavailableError",
    "User",
    "Violation",
    "discord_server",
]
