"""The App Home: settings for admins, what waits for moderators, digests, my privacy, my summaries.

Pure.
"""

from collections.abc import Sequence

from bot.slack.blocks import Block, View, actions, button, header, section
from bot.slack.ids import split_place
from bot.texts import Texts
from precis.store.recent import Recent

OPEN_SETTINGS = "precis:open:settings"
OPEN_PRIVACY = "precis:open:privacy"
SHOW = "precis:home:show"
MOST_RECENT = 10


def home_view(
    texts: Texts,
    privacy: Sequence[Block],
    recent: Sequence[Recent],
    *,
    admin: bool,
    review: Sequence[Block] = (),
    digests: Sequence[Block] = (),
) -> View:
    """`privacy` is as `privacy_view` makes it, `review` as `card_blocks`, `digests` as
    `digest_blocks`.
    """
    blocks = [section(texts.slack.help)]
    if admin:
        blocks += [
            header(texts.slack.settings_title),
            section(texts.slack.home_settings),
            actions([button(OPEN_SETTINGS, texts.slack.settings_title)]),
        ]
    blocks += review
    blocks += digests
    blocks += privacy
    if recent:
        blocks.append(header(texts.slack.home_recent))
        blocks += [_recent(each, texts) for each in recent]
    return {"type": "home", "blocks": blocks}


def home_line(text: str) -> View:
    """Where there is one thing to say, such as that the store is down."""
    return {"type": "home", "blocks": [section(text)]}


def help_blocks(texts: Texts) -> list[Block]:
    """What `/precis` answers."""
    ways = [
        button(OPEN_SETTINGS, texts.slack.settings_title),
        button(OPEN_PRIVACY, texts.privacy_title),
    ]
    return [section(texts.slack.help), actions(ways)]


def _recent(recent: Recent, texts: Texts) -> Block:
    # Slack shows whoever may not see a channel no name of it.
    channel = f"<#{split_place(recent.source)[0]}>"
    when = (
        f"<!date^{int(recent.asked_at.timestamp())}^{{date_short_pretty}} {{time}}"
        f"|{recent.asked_at:%Y-%m-%d %H:%M} UTC>"
    )
    return section(
        texts.slack.home_recent_one.format(channel=channel, when=when),
        accessory=button(SHOW, texts.show, recent.ask_id),
    )
