"""What people see of the bot on Slack; for tests of what it does."""

from tests.services import wait_until

PROGRESS = ("Reading", "messages read", "message read", "Summarising")


def answer(use, count=1):
    """The message that holds the summary, or the line that there is none, once it is there."""
    wait_until(lambda: len(finals(use.messages)) >= count, what=f"an answer to {use}")
    return finals(use.messages)[count - 1]


def finals(messages):
    return [each for each in messages if not each.shown.startswith(PROGRESS)]


def seen(channel, person, count=1):
    """The same of what somebody sees of the bot's in a channel, by whatever way."""

    def theirs():
        return [each for each in finals(channel.visible_to(person)) if each.posted_by is not None]

    wait_until(lambda: len(theirs()) >= count, what="something of the bot's")
    return theirs()[count - 1]


def change(bot, workspace, **changes):
    """Keep a change of a workspace's settings."""
    bot.frontend.context.chat.change_settings(
        "slack", workspace.id, "T1/U1", lambda now: now.model_copy(update=changes)
    )


def texts_of(conversation):
    return [message.text for message in conversation.messages]
