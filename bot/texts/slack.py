"""What is said on Slack alone, in each language.

Commands and menus are named as Slack shows them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SlackTexts:
    """One language's texts; `{…}` is filled in. Titles of modals have room for 24 characters."""

    # Commands.
    usage: str
    catchup_usage: str
    other_workspace: str
    help: str
    digest_usage: str
    ask_again: str
    cannot_post: str
    # Modals.
    wait: str
    saving: str
    save: str
    close: str
    cancel: str
    summary: str
    # Settings.
    settings_title: str
    only_admins: str
    people_hint: str
    follows: str
    follows_hint: str
    follows_never_read: str
    watched_hint: str
    watched_never_read: str
    own_thresholds_hint: str
    choose_channel: str
    # Moderation.
    review_title: str
    nobody_wrote: str
    # The App Home.
    home_settings: str
    home_recent: str
    home_recent_one: str
    home_digests: str
    # Privacy.
    opt_out_means: str
    delete_means: str


ENGLISH_SLACK = SlackTexts(
    usage="Précis can't make that out. Say how much (`2h`, `200`, `yesterday` or a link to a "
    "thread), how (`bullets`, `people`) and, if all may see it, `public`: in any order, and each "
    "only if you like.",
    catchup_usage="`/catchup` tells what was said since you last wrote here; you can add "
    "`bullets` or `people`.",
    other_workspace="That link leads to another workspace; Précis reads none but this one.",
    help="*Précis* tells you what a channel or a thread said.\n"
    "• `/summarize` sums up the latest messages here; add `2h`, `200`, `yesterday` or a link to a "
    "thread, `bullets` or `people`, and `public` if all may see it\n"
    "• `/catchup` sums up what was said since you last wrote here\n"
    "• in a message's menu: “Summarise this thread” and “Summarise from here”\n"
    "• mention Précis in a thread, and it sums it up\n"
    "• `/digest me` sends you what was said here, once a day; admins: `/digest here` for all\n"
    "Only you see an answer, until you share it.",
    digest_usage="Say where a digest is to go: `/digest me`, `/digest here` or `/digest to "
    "#channel`; add, if you like, `at 18:00`, `on weekdays`, `weekly`, `zone Europe/Berlin`, "
    "`least 10`, `style bullets` and more #channels, or `without #memes`. `/digest list` shows "
    "those there are; `pause`, `resume`, `preview` and `stop` take a number of that list.",
    ask_again="Précis is restarting; please ask again in a minute.",
    cannot_post="Précis can't write here; somebody can invite it: `/invite @precis`.",
    wait="One moment…",
    saving="Saving…",
    save="Save",
    close="Close",
    cancel="Cancel",
    summary="Summary",
    settings_title="Settings",
    only_admins="Only this workspace's admins can change its settings.",
    people_hint="Nobody chosen: everybody may. Admins always may.",
    follows="Followed channels",
    follows_hint="Précis keeps their messages as they are written, so that summaries come sooner. "
    "It must be in them.",
    follows_never_read="A channel that is never read can't be followed.",
    watched_hint="The gate looks at their messages as they are written. Précis must be in them.",
    watched_never_read="A channel that is never read can't be watched.",
    own_thresholds_hint="toxicity 0.8, insult 0.7; empty: as in the whole workspace",
    choose_channel="Choose the channel whose thresholds these are.",
    review_title="Waiting for moderators",
    nobody_wrote="That can't be reported: no person wrote it.",
    home_settings="Who may ask, what is never read, and how.",
    home_recent="Your recent summaries",
    home_recent_one="{channel}, {when}",
    home_digests="What was said in a channel, once a day: type `/digest me` there, or, for admins, "
    "`/digest here`.",
    opt_out_means="Précis will never read your messages, and what it has stored of you is deleted.",
    delete_means="Your messages, your questions and your opinions are deleted here; your messages "
    "in Slack stay as they are.",
)

GERMAN_SLACK = SlackTexts(
    usage="Das versteht Précis nicht. Sag, wie viel (`2h`, `200`, `yesterday` oder ein Link zu "
    "einem Thread), wie (`bullets`, `people`) und, wenn es alle sehen dürfen, `public`: in "
    "beliebiger Reihenfolge, und nur, was du möchtest.",
    catchup_usage="`/catchup` sagt, was geschrieben wurde, seit du zuletzt hier geschrieben hast; "
    "`bullets` oder `people` kannst du hinzufügen.",
    other_workspace="Dieser Link führt in einen anderen Workspace; Précis liest nur diesen.",
    help="*Précis* sagt dir, was in einem Kanal oder Thread steht.\n"
    "• `/summarize` fasst die neuesten Nachrichten hier zusammen; füg `2h`, `200`, `yesterday` "
    "oder einen Link zu einem Thread hinzu, `bullets` oder `people`, und `public`, wenn es alle "
    "sehen dürfen\n"
    "• `/catchup` fasst zusammen, was geschrieben wurde, seit du zuletzt hier geschrieben hast\n"
    "• im Menü einer Nachricht: „Summarise this thread“ und „Summarise from here“\n"
    "• erwähne Précis in einem Thread, und es fasst ihn zusammen\n"
    "• `/digest me` schickt dir einmal am Tag, was hier geschrieben wurde; Admins: `/digest here` "
    "für alle\n"
    "Nur du siehst eine Antwort, bis du sie teilst.",
    digest_usage="Sag, wohin der Überblick kommt: `/digest me`, `/digest here` oder "
    "`/digest to #kanal`; dazu, wenn du magst, `um 18:00`, `am Mo Mi Fr`, `wöchentlich`, "
    "`zone Europe/Berlin`, `mindestens 10`, `stil bullets` und weitere #kanäle, oder `ohne "
    "#memes`. `/digest list` zeigt, welche es gibt; `pause`, `resume`, `preview` und `stop` nehmen "
    "eine Nummer aus der Liste.",
    ask_again="Précis startet gerade neu; bitte frag in einer Minute noch einmal.",
    cannot_post="Précis kann hier nichts schreiben; jemand kann es einladen: `/invite @precis`.",
    wait="Einen Moment…",
    saving="Wird gespeichert…",
    save="Speichern",
    close="Schließen",
    cancel="Abbrechen",
    summary="Zusammenfassung",
    settings_title="Einstellungen",
    only_admins="Die Einstellungen können nur die Admins dieses Workspace ändern.",
    people_hint="Niemand ausgewählt: Alle dürfen. Admins dürfen immer.",
    follows="Verfolgte Kanäle",
    follows_hint="Précis behält ihre Nachrichten, sobald sie geschrieben werden; so kommen "
    "Zusammenfassungen schneller. Es muss darin Mitglied sein.",
    follows_never_read="Was nie gelesen wird, kann nicht verfolgt werden.",
    watched_hint="Der Filter sieht ihre Nachrichten an, sobald sie geschrieben werden. Précis muss "
    "darin Mitglied sein.",
    watched_never_read="Was nie gelesen wird, kann nicht beobachtet werden.",
    own_thresholds_hint="toxicity 0.8, insult 0.7; leer: wie im ganzen Workspace",
    choose_channel="Wähle den Kanal, für den das gilt.",
    review_title="Wartet auf Moderation",
    nobody_wrote="Das kann man nicht melden: Es ist von keiner Person.",
    home_settings="Wer fragen darf, was nie gelesen wird, und wie.",
    home_recent="Deine letzten Zusammenfassungen",
    home_recent_one="{channel}, {when}",
    home_digests="Was in einem Kanal geschrieben wurde, einmal am Tag: schreib dort `/digest me` "
    "oder, als Admin, `/digest here`.",
    opt_out_means="Précis liest deine Nachrichten dann nie, und was von dir gespeichert ist, wird "
    "gelöscht.",
    delete_means="Deine Nachrichten, deine Fragen und deine Urteile werden hier gelöscht; deine "
    "Nachrichten in Slack bleiben, wie sie sind.",
)
