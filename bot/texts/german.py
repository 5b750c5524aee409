"""What is said in German. Numbers are written without separators: English's comma is another thing
there.
"""

from bot.texts.counted import Counted
from bot.texts.digests import GERMAN_DIGESTS
from bot.texts.fields import Texts
from bot.texts.moderation import GERMAN_MODERATION
from bot.texts.slack import GERMAN_SLACK

GERMAN = Texts(
    gathering="Die Nachrichten werden gelesen…",
    gathered=Counted("Bisher {count} Nachricht gelesen…", "Bisher {count} Nachrichten gelesen…"),
    queued=Counted(
        "{count} Nachricht gelesen. In der Warteschlange vor dir: {ahead}.",
        "{count} Nachrichten gelesen. In der Warteschlange vor dir: {ahead}.",
    ),
    queued_next=Counted(
        "{count} Nachricht gelesen. Du bist als Nächstes an der Reihe.",
        "{count} Nachrichten gelesen. Du bist als Nächstes an der Reihe.",
    ),
    summarising=Counted(
        "{count} Nachricht wird zusammengefasst…", "{count} Nachrichten werden zusammengefasst…"
    ),
    queue_down="Deine Anfrage ist notiert, nur die Warteschlange ist gerade nicht erreichbar; die "
    "Antwort kommt, sobald es weitergeht.",
    restarting="Précis startet gerade neu; deine Antwort kommt gleich.",
    empty="In diesem Zeitraum gibt es nichts zusammenzufassen: Niemand hat etwas geschrieben, das "
    "Précis lesen darf.",
    empty_own="Seit deiner letzten Nachricht hier hat niemand etwas geschrieben.",
    withheld="Diesmal gibt es keine Zusammenfassung: Was sich zu diesen Nachrichten sagen ließe, "
    "kam nicht durch den Toxizitätsfilter.",
    forgotten="Die Nachrichten hinter dieser Zusammenfassung wurden gelöscht, und sie mit ihnen.",
    failed="Das hat nicht geklappt: {reason}",
    broken="Das hat nicht geklappt: ein interner Fehler; was dahintersteckt, steht im Protokoll "
    "des Betreibers. Bitte versuch es später noch einmal.",
    store_down="Précis erreicht gerade seine Datenbank nicht; bitte versuch es in einer Minute "
    "noch einmal.",
    store_lost="Précis erreicht gerade seine Datenbank nicht; deine Antwort kommt, sobald sie "
    "wieder da ist.",
    store_unsure="Précis erreicht gerade seine Datenbank nicht. Wenn in ein paar Minuten keine "
    "Antwort kommt, frag bitte noch einmal.",
    platform_down="Die Chat-Plattform antwortet Précis gerade nicht; bitte versuch es in einer "
    "Minute noch einmal.",
    person_cannot_view="Du kannst {place} nicht lesen, deshalb verrät dir Précis auch nicht, was "
    "dort steht.",
    person_cannot_read_history="Du kannst den Nachrichtenverlauf von {place} nicht lesen, deshalb "
    "verrät dir Précis auch nicht, was dort steht.",
    bot_cannot_view="Précis kann {place} nicht lesen; die Moderation kann es einlassen (Kanal "
    "anzeigen).",
    bot_cannot_read_history="Précis kann den Nachrichtenverlauf von {place} nicht lesen; die "
    "Moderation kann das erlauben (Nachrichtenverlauf anzeigen).",
    bot_cannot_connect="Précis kann den Chat von {place} nicht lesen, der nur denen offensteht, "
    "die beitreten dürfen; die Moderation kann es einlassen (Verbinden).",
    bot_not_in_thread="Précis ist nicht in diesem Thread: Erwähne es dort, um es hinzuzufügen. "
    "Hilft das nicht, kann die Moderation es einlassen (Kanal anzeigen; bei privaten Threads: "
    "Threads verwalten).",
    bot_not_invited="Précis ist nicht in {place}; lade es dorthin ein (/invite @precis) und frag "
    "noch einmal.",
    direct_messages="Précis liest, was in Kanälen und Gruppen steht, keine Direktnachrichten "
    "zwischen zweien.",
    channel_gone="Diesen Kanal oder Thread gibt es nicht mehr.",
    never_read="Précis darf {place} nicht lesen; so will es die Verwaltung dieses Servers.",
    wrong_roles="Auf diesem Server dürfen nur bestimmte Rollen Précis fragen.",
    too_many_person="Das waren viele Fragen; bitte frag in {wait} wieder.",
    too_many_server="Auf diesem Server wurde gerade viel gefragt; bitte frag in {wait} wieder.",
    not_a_time="since: Das ist keine Zeit; schreib 2h, 3d, yesterday, 14:00, 2026-01-31 oder "
    "2026-01-31 14:00.",
    not_a_channel="Hier gibt es keine Nachrichten zu lesen.",
    message_has_no_thread="Diese Nachricht hat keinen Thread; nimm stattdessen „{menu}“.",
    title="Zusammenfassung von {place}",
    covers=Counted("{count} Nachricht, {when}", "{count} Nachrichten, {when}"),
    model="{model}",
    model_adapter="{model} mit {adapter}",
    partial=Counted(
        "Es gab noch mehr; das ist die neueste.", "Es gab noch mehr; das sind die neuesten {count}."
    ),
    went_private="Nur für dich: Nicht alle hier dürfen lesen, wovon das handelt.",
    late_notice="Die Zusammenfassung von {place}, um die hier jemand gebeten hat, ist fertig; nur "
    "wer gefragt hat, kann sie öffnen.",
    show="Zeig sie mir",
    not_yours="Das kann nur, wer gefragt hat.",
    more="(Fortsetzung)",
    good="👍",
    bad="👎",
    share="Teilen",
    delete="Löschen",
    thanks="Danke, das hilft.",
    gone="Diese Zusammenfassung ist nicht mehr gespeichert; bitte frag noch einmal.",
    shared_by="Geteilt von {person}",
    cannot_share="Das lässt sich hier nicht teilen: Nicht alle hier können {place} lesen.",
    shared_before="Das ist schon geteilt.",
    cannot_delete="Löschen können das nur die Moderation und wer gefragt hat.",
    command_group="Was Précis hier tut, und was es speichert",
    command_summarize="Was steht in diesem Kanal oder Thread?",
    command_catchup="Was wurde geschrieben, seit du zuletzt hier warst?",
    command_settings="Wer fragen darf, was nie gelesen wird, und wie (Server verwalten)",
    command_privacy="Was Précis von dir speichert; aussteigen, mitmachen, löschen",
    option_last="So viele der neuesten Nachrichten",
    option_since="Ab dann: 2h, 3d, yesterday, 14:00, 2026-01-31",
    option_thread="Ein anderer Thread als der, in dem du bist",
    option_style="Wie sie aussehen soll",
    option_private="Nur du siehst sie (das ist die Voreinstellung)",
    style_brief="kurz",
    style_bullets="Stichpunkte",
    style_people="nach Personen",
    menu_from_here="Ab hier zusammenfassen",
    menu_of_thread="Diesen Thread zusammenfassen",
    settings_title="Précis auf diesem Server",
    settings_roles="Wer fragen darf",
    settings_never_read="Was nie gelesen wird",
    settings_moderators="Kanal der Moderation",
    settings_style="Stil, wenn niemand einen anderen wünscht",
    settings_limits="Umfang, Filter, Sprache…",
    settings_none="keiner",
    settings_everyone="alle",
    settings_nobody="nur die Verwaltung",
    settings_roles_gone=Counted(
        "{count} gelöschte Rolle ist noch eingetragen; wer keine der anderen hat, kann nicht "
        "fragen.",
        "{count} gelöschte Rollen sind noch eingetragen; wer keine der anderen hat, kann nicht "
        "fragen.",
    ),
    settings_channels_gone=Counted(
        "{count} gelöschter Kanal ist noch eingetragen.",
        "{count} gelöschte Kanäle sind noch eingetragen.",
    ),
    settings_let_everyone="Alle fragen lassen",
    settings_forget_gone="Gelöschte Kanäle vergessen",
    settings_damaged="Die Einstellungen dieses Servers sind nicht mehr lesbar, deshalb kann "
    "niemand fragen. Unten steht, was voreingestellt ist; es gilt, sobald du etwas änderst.",
    settings_language="Sprache, in der Précis spricht",
    settings_window="Größter Umfang (Nachrichten)",
    settings_thresholds="Schwellen des Filters",
    settings_thresholds_hint="toxicity 0.8, insult 0.7; leer: die des Betreibers",
    settings_saved="Gespeichert.",
    settings_bad="Das lässt sich nicht speichern; wähl andere Werte.",
    settings_bad_window="Größter Umfang: Schreib eine Zahl von 10 bis {most}.",
    settings_bad_thresholds="Schwellen des Filters: Schreib jeweils einen Namen und eine Zahl von "
    "0 bis 1, etwa so: toxicity 0.8, insult 0.7.",
    settings_bad_language="Sprache: Schreib eine von diesen: {known}.",
    settings_only_managers="Das können nur Personen ändern, die den Server verwalten dürfen.",
    privacy_title="Deine Privatsphäre",
    privacy_read="Précis liest deine Nachrichten, wenn jemand sie zusammenfassen lässt, und in "
    "beobachteten Kanälen, wie sie geschrieben werden, auf toxische hin; diese und was gemeldet "
    "wird bleiben für die Moderation gespeichert. Was sie löscht, bleibt, bis es zu alt ist oder "
    "du es löschst.",
    privacy_not_read="Du bist ausgestiegen: Précis liest deine Nachrichten nie.",
    privacy_stored="Von dir gespeichert: Nachrichten {messages}, Fragen {asks}, Urteile "
    "{feedback}.",
    privacy_kept=Counted(
        "Nachrichten bleiben höchstens {count} Tag gespeichert, um noch einmal zu antworten und "
        "Fehler zu beheben. Löschst du eine oder wird ihr Kanal gelöscht, verschwindet sie auch "
        "hier.",
        "Nachrichten bleiben höchstens {count} Tage gespeichert, um noch einmal zu antworten und "
        "Fehler zu beheben. Löschst du eine oder wird ihr Kanal gelöscht, verschwindet sie auch "
        "hier.",
    ),
    privacy_opt_out="Aussteigen",
    privacy_opt_in="Mitmachen",
    privacy_delete="Gespeichertes löschen",
    privacy_deleted="Gelöscht: deine Nachrichten ({messages}), deine Fragen und deine Urteile.",
    privacy_opted_out="Du bist ausgestiegen: Précis liest deine Nachrichten nie; was davon "
    "gespeichert war ({messages}), ist gelöscht. Deine Fragen und Urteile bleiben, bis du sie "
    "löschst.",
    privacy_opted_in="Du machst mit.",
    seconds="{count} s",
    minutes="{count} min",
    hours="{count} h",
    moderation=GERMAN_MODERATION,
    digests=GERMAN_DIGESTS,
    slack=GERMAN_SLACK,
)
