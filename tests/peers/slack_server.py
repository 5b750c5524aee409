"""The loopback Slack for tests: the names to import. What it is and how to point a bot at it:
`slack/server.py`.
"""

from tests.peers.slack.delivery import Envelope, Event
from tests.peers.slack.errors import UnavailableError
from tests.peers.slack.http import Request
from tests.peers.slack.limits import Hang
from tests.peers.slack.messages import Message
from tests.peers.slack.outgoing import Posted
from tests.peers.slack.people import Group, User
from tests.peers.slack.places import Channel
from tests.peers.slack.server import SlackServer, slack_server
from tests.peers.slack.uses import Use
from tests.peers.slack.views import View
from tests.peers.slack.workspaces import Installation, Workspace
from tests.peers.slack.world import BOT_SCOPES, EVENTS, App, Violation

__all__ = [
    "BOT_SCOPES",
    "EVENTS",
    "App",
    "Channel",
    "Envelope",
    "Event",
    "Group",
    "Hang",
    "Installation",
    "Message",
    "Posted",
    "Request",
    "SlackServer",
    "UnavailableError",
    "Use",
    "User",
    "View",
    "Violation",
    "Workspace",
    "slack_server",
]
