"""A workspace with moderators, their channel, and one that is watched; for tests of moderation."""

import json

from precis.store import ChatStore, ModerationStore
from tests.services import wait_until

RUDE = "you are an idiot"
KIND = "thank you for that"


class Moderated:
    """Ana administers it, and Ben is named in its settings; Chen and the others only write."""

    def __init__(self, server, workspace, store, people):
        self.server, self.workspace, self.store = server, workspace, store
        self.people = people
        self.ana, self.ben, self.chen, self.dina, _ = people
        self.watched = workspace.add_channel("general", members=people)
        self.desk = workspace.add_channel("moderators", members=people[:2], private=True)
        self.cases_store = ModerationStore(store)
        self.change(
            moderators_channel=self.desk.id,
            moderators=(self.ben.person,),
            watched=(self.watched.id,),
        )
        self.cases_store.start_watching("slack", workspace.id, self.watched.id, None)

    def change(self, **changes):
        ChatStore(self.store).change_settings(
            "slack", self.workspace.id, "T1/U1", lambda now: now.model_copy(update=changes)
        )

    @property
    def cards(self):
        """What the moderators' channel shows, beside the line of the day."""
        return [each for each in self.desk.messages_by_bot if each.blocks[0]["type"] == "header"]

    def card(self, count=1):
        wait_until(lambda: len(self.cards) >= count, what=f"card {count}")
        return self.cards[count - 1]

    @property
    def cases(self):
        return self.cases_store.list_cases(open_only=False)

    def rude(self, author=None, text=RUDE, **more):
        """Somebody writes something that the gate flags; the card."""
        before = len(self.cards)
        message = self.watched.post(author or self.chen, text, **more)
        self.card(before + 1)
        return message

    def closed(self, card):
        """Wait until a card shows that nothing is left to decide."""
        wait_until(lambda: not card.buttons, what="the card to close")
        return card

    def said(self, use):
        """What whoever clicked is told."""
        return use.wait_for_answer().shown

    def click(self, person, card, action, value=None, **forged):
        """Press a button, maybe another than there is."""
        if value is None and not forged:
            return self.server.click(person, card, action)
        return self.server.click(person, card, action, value, forged=forged)

    def modal(self, person, card, label):
        """What a button opens, once there is something in it."""
        return filled(self.server.click(person, card, label))


def filled(use):
    view = use.wait_for_view()
    wait_until(lambda: "One moment" not in view.text, what="the modal")
    return view


def value_of(card):
    return card.buttons[0]["value"]


def shown(message):
    """All that is in a message, also what nobody reads."""
    return json.dumps([message.text, message.blocks, message.metadata])
