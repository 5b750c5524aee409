"""What moderators are told, and people who report something, in each language."""

from dataclasses import dataclass

from bot.texts.counted import Counted


@dataclass(frozen=True)
class ModerationTexts:
    """One language's texts; `{…}` is filled in. Buttons have room for 30 characters."""

    # Cards.
    card_message: Counted
    card_summary: str
    card_reported: str
    author: str
    where: str
    link: str
    scores: str
    score: str
    gate_noted: str
    gate_changed: str
    gate_regenerated: str
    gate_extracted: str
    gate_withheld: str
    source_watched: str
    source_met: str
    source_gate: str
    source_reported: Counted
    no_text: str
    note: str
    older: Counted
    # What was decided.
    released: str
    kept: str
    edited: str
    dismissed: str
    removed: str
    timed_out: str
    gone: str
    effect_due: str
    effect_refused: str
    timed_out_too: str
    operator: str
    # Buttons.
    show: str
    release: str
    keep: str
    keep_message: str
    edit: str
    dismiss: str
    remove: str
    timeout: str
    note_button: str
    # What a click answers.
    done: Counted
    too_late: str
    stale: str
    elsewhere: str
    not_moderator: str
    nothing_to_show: str
    nothing_to_release: str
    noted: str
    cannot_remove: str
    cannot_time_out: str
    you_cannot_time_out: str
    bad_note: str
    bad_edit: str
    # What is shown to one moderator.
    shown_title: str
    shown_message: str
    shown_refused: str
    shown_instead: str
    # Forms.
    note_title: str
    edit_title: str
    edit_field: str
    timeout_title: str
    timeout_field: str
    one_hour: str
    one_day: str
    one_week: str
    # Reports.
    report: str
    menu_report: str
    reported: str
    reported_before: str
    report_own: str
    cannot_report: str
    no_moderators: str
    # The list.
    review_title: str
    review_command: str
    review_order: str
    review_channel: str
    order_oldest: str
    order_severity: str
    order_channel: str
    review_none: str
    review_line: str
    review_page: str
    review_open: str
    previous: str
    next: str
    # The daily line.
    daily: str
    daily_label: str
    daily_suggestion: str
    # Thresholds.
    preview: Counted
    preview_label: str
    preview_none: str
    preview_save: str
    preview_gone: str
    # Settings.
    settings_watched: str
    settings_moderators: str
    settings_moderation: str
    settings_trains: str
    settings_trains_on: str
    settings_trains_off: str
    settings_channel: str
    settings_channel_thresholds: str


ENGLISH_MODERATION = ModerationTexts(
    card_message=Counted("{count:,} message to look at", "{count:,} messages to look at"),
    card_summary="A summary to look at",
    card_reported="A reported summary to look at",
    author="By {person}",
    where="In {place}, {when}",
    link="open",
    scores="Scores: {scores}",
    score="{label} {score:.2f} (from {threshold:.2f})",
    gate_noted="The gate never quotes it.",
    gate_changed="The gate took another of the model's drafts in its place.",
    gate_regenerated="The gate had it written anew.",
    gate_extracted="The gate quoted a message in its place.",
    gate_withheld="The gate withheld it.",
    source_watched="in a watched channel",
    source_met="met while summarising",
    source_gate="refused by the gate",
    source_reported=Counted("reported by {count:,} person", "reported by {count:,} people"),
    no_text="Its text isn't kept; follow the link.",
    note="Note: {note}",
    older=Counted("and {count:,} more", "and {count:,} more"),
    released="Released by {person}, {when}",
    kept="Kept by {person}, {when}: it is toxic",
    edited="Rewritten by {person}, {when}",
    dismissed="Dismissed by {person}, {when}: it isn't toxic",
    removed="Removed by {person}, {when}",
    timed_out="Author timed out by {person}, {when}",
    gone="It is gone: deleted, or its author opted out.",
    effect_due="This is being done…",
    effect_refused="Précis couldn't do it: it lacks the permission there.",
    timed_out_too="The author is timed out.",
    operator="the operator",
    show="Show",
    release="Release",
    keep="Keep withheld",
    keep_message="Toxic",
    edit="Edit",
    dismiss="Not toxic",
    remove="Remove message",
    timeout="Time out",
    note_button="Note",
    done=Counted("Done.", "Done, for {count:,} messages."),
    too_late="Somebody was quicker. {decided}",
    stale="This card is out of date; it is shown anew.",
    elsewhere="That card isn't of this server.",
    not_moderator="Only moderators of {place} can do that.",
    nothing_to_show="There is no text any more: it was deleted, or is past its age.",
    nothing_to_release="There is nothing to release any more: the text is past its age.",
    noted="Noted.",
    cannot_remove="Précis may not delete messages there.",
    cannot_time_out="Précis may not time them out.",
    you_cannot_time_out="You may not time them out yourself, so Précis doesn't for you.",
    bad_note="Write a note of at most {most:,} characters.",
    bad_edit="Write a text of at most {most:,} characters.",
    shown_title="For your eyes only",
    shown_message="{when}: {text}",
    shown_refused="Not said: {text}",
    shown_instead="Said in its place: {text}",
    note_title="A note for moderators",
    edit_title="Say it in your words",
    edit_field="What the summary says",
    timeout_title="Time out",
    timeout_field="For how long",
    one_hour="1 hour",
    one_day="1 day",
    one_week="1 week",
    report="Report",
    menu_report="Report to moderators",
    reported="Thank you; this server's moderators will look at it.",
    reported_before="You reported that already; the moderators know.",
    report_own="That is your own; you can delete it.",
    cannot_report="Only what somebody wrote can be reported.",
    no_moderators="This server's managers haven't said where reports go; tell them.",
    review_title="What waits for moderators ({count:,})",
    review_command="What waits for moderators",
    review_order="Order",
    review_channel="Of this channel or thread alone",
    order_oldest="oldest first",
    order_severity="worst first",
    order_channel="by channel",
    review_none="Nothing waits.",
    review_line="{what} in {place}, {when}: {scores}",
    review_page="Page {page} of {pages}",
    review_open="Open",
    previous="Back",
    next="On",
    daily="Flags of the last day: {opened} came, {closed} were decided, {waiting} wait.",
    daily_label="{label}: {right} of {decided} were toxic ({share:.0%})",
    daily_suggestion="{label} from {threshold:.2f} (now {now:.2f}) would have flagged {toxic} "
    "toxic and {harmless} harmless ones, and missed {missed}. Nothing is changed unless you do.",
    preview=Counted(
        "Of {count:,} message in the last 7 days, {then:,} would have been flagged (now: {now:,}).",
        "Of {count:,} messages in the last 7 days, {then:,} would have been flagged "
        "(now: {now:,}).",
    ),
    preview_label="{label}: {count:,}",
    preview_none="No messages were scored in the last 7 days, so there is nothing to compare.",
    preview_save="Save",
    preview_gone="That was too long ago; enter the thresholds again.",
    settings_watched="Watched channels",
    settings_moderators="Moderators, beside admins",
    settings_moderation="Moderation…",
    settings_trains="Decisions may train the models",
    settings_trains_on="on: decisions, edits, thumbs and their texts, without names",
    settings_trains_off="off: nothing of this server is trained on",
    settings_channel="One channel's thresholds",
    settings_channel_thresholds="Its thresholds",
)

GERMAN_MODERATION = ModerationTexts(
    card_message=Counted("{count} Nachricht zum Ansehen", "{count} Nachrichten zum Ansehen"),
    card_summary="Eine Zusammenfassung zum Ansehen",
    card_reported="Eine gemeldete Zusammenfassung zum Ansehen",
    author="Von {person}",
    where="In {place}, {when}",
    link="öffnen",
    scores="Werte: {scores}",
    score="{label} {score:.2f} (ab {threshold:.2f})",
    gate_noted="Der Filter zitiert das nie.",
    gate_changed="Der Filter nahm stattdessen einen anderen Entwurf.",
    gate_regenerated="Der Filter ließ es neu schreiben.",
    gate_extracted="Der Filter zitierte stattdessen eine Nachricht.",
    gate_withheld="Der Filter hielt es zurück.",
    source_watched="in einem beobachteten Kanal",
    source_met="beim Zusammenfassen gefunden",
    source_gate="vom Filter abgelehnt",
    source_reported=Counted("von {count} Person gemeldet", "von {count} Personen gemeldet"),
    no_text="Der Text ist nicht gespeichert; folge dem Link.",
    note="Notiz: {note}",
    older=Counted("und {count} weitere", "und {count} weitere"),
    released="Freigegeben von {person}, {when}",
    kept="Zurückgehalten von {person}, {when}: es ist toxisch",
    edited="Neu formuliert von {person}, {when}",
    dismissed="Verworfen von {person}, {when}: es ist nicht toxisch",
    removed="Gelöscht von {person}, {when}",
    timed_out="In Auszeit geschickt von {person}, {when}",
    gone="Das ist weg: gelöscht, oder wer es schrieb, hat widersprochen.",
    effect_due="Das wird gerade erledigt…",
    effect_refused="Précis konnte das nicht: Dort fehlt ihm die Berechtigung.",
    timed_out_too="Wer es schrieb, hat eine Auszeit.",
    operator="Betreiber",
    show="Zeigen",
    release="Freigeben",
    keep="Zurückhalten",
    keep_message="Toxisch",
    edit="Neu formulieren",
    dismiss="Nicht toxisch",
    remove="Nachricht löschen",
    timeout="Auszeit",
    note_button="Notiz",
    done=Counted("Erledigt.", "Erledigt, für {count} Nachrichten."),
    too_late="Jemand war schneller. {decided}",
    stale="Diese Karte ist veraltet; sie wird neu gezeigt.",
    elsewhere="Diese Karte gehört nicht zu diesem Server.",
    not_moderator="Das können nur, wer {place} moderiert.",
    nothing_to_show="Der Text ist weg: gelöscht oder zu alt.",
    nothing_to_release="Es gibt nichts mehr freizugeben: Der Text ist zu alt.",
    noted="Notiert.",
    cannot_remove="Précis darf dort keine Nachrichten löschen.",
    cannot_time_out="Précis darf keine Auszeit geben.",
    you_cannot_time_out="Du darfst hier selbst keine Auszeit geben; also tut es auch Précis nicht.",
    bad_note="Schreib eine Notiz von höchstens {most} Zeichen.",
    bad_edit="Schreib einen Text von höchstens {most} Zeichen.",
    shown_title="Nur für dich",
    shown_message="{when}: {text}",
    shown_refused="Nicht gesagt: {text}",
    shown_instead="Stattdessen gesagt: {text}",
    note_title="Eine Notiz für alle",
    edit_title="In deinen Worten",
    edit_field="Was die Zusammenfassung sagt",
    timeout_title="Auszeit",
    timeout_field="Wie lange",
    one_hour="1 Stunde",
    one_day="1 Tag",
    one_week="1 Woche",
    report="Melden",
    menu_report="Der Moderation melden",
    reported="Danke; wer hier moderiert, sieht es sich an.",
    reported_before="Das hast du schon gemeldet; die Moderation weiß es.",
    report_own="Das ist von dir; du kannst es löschen.",
    cannot_report="Gemeldet werden kann nur, was jemand geschrieben hat.",
    no_moderators="Für diesen Server ist nicht eingestellt, wohin Meldungen gehen; sag der "
    "Serververwaltung Bescheid.",
    review_title="Was auf die Moderation wartet ({count})",
    review_command="Was auf die Moderation wartet",
    review_order="Reihenfolge",
    review_channel="Nur aus diesem Kanal oder Thread",
    order_oldest="Älteste zuerst",
    order_severity="Schlimmste zuerst",
    order_channel="Nach Kanal",
    review_none="Es wartet nichts.",
    review_line="{what} in {place}, {when}: {scores}",
    review_page="Seite {page} von {pages}",
    review_open="Öffnen",
    previous="Zurück",
    next="Weiter",
    daily="Meldungen des letzten Tages: {opened} kamen, {closed} wurden entschieden, {waiting} "
    "warten.",
    daily_label="{label}: {right} von {decided} waren toxisch ({share:.0%})",
    daily_suggestion="{label} ab {threshold:.2f} (jetzt {now:.2f}) hätte {toxic} toxische und "
    "{harmless} harmlose gemeldet und {missed} übersehen. Geändert wird nur, was du änderst.",
    preview=Counted(
        "Von {count} Nachricht der letzten 7 Tage wären {then} gemeldet worden (jetzt: {now}).",
        "Von {count} Nachrichten der letzten 7 Tage wären {then} gemeldet worden (jetzt: {now}).",
    ),
    preview_label="{label}: {count}",
    preview_none="In den letzten 7 Tagen wurde keine Nachricht bewertet; es gibt nichts zu "
    "vergleichen.",
    preview_save="Speichern",
    preview_gone="Das ist zu lange her; gib die Schwellen noch einmal ein.",
    settings_watched="Beobachtete Kanäle",
    settings_moderators="Wer neben Admins moderiert",
    settings_moderation="Moderation…",
    settings_trains="Entscheidungen dürfen die Modelle trainieren",
    settings_trains_on="an: Entscheidungen, Änderungen, Daumen und ihre Texte, ohne Namen",
    settings_trains_off="aus: mit nichts von diesem Server wird trainiert",
    settings_channel="Schwellen eines Kanals",
    settings_channel_thresholds="Seine Schwellen",
)
