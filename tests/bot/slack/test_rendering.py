"""A summary as Slack's blocks."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.platform import Answer
from bot.slack.permalinks import permalink
from bot.slack.rendering import ARROW, blocks, fallback_text, notice_blocks
from bot.texts import ENGLISH
from precis.job import Citation, Style, SummarySentence
from tests.bot.slack.mrkdwn import as_read, effects, effects_in_plain

START = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
URL = "https://acme.slack.com/"
LINK = "https://acme.slack.com/archives/C1/p1700000000000100"
ASK = "0" * 32


def sentence(text="A sentence.", *links, speakers=("Ana",)):
    cited = tuple(Citation(id=str(n), permalink=link) for n, link in enumerate(links))
    return SummarySentence(text=text, citations=cited, speakers=speakers, origin="generated")


def answer(*sentences, **more):
    fields = {
        "ask_id": ASK,
        "job_id": "1" * 32,
        "place": "algebra",
        "style": Style.BRIEF,
        "sentences": sentences or (sentence(),),
        "messages": 50,
        "first_time": START,
        "last_time": START + timedelta(hours=2),
        "model": "small",
        "adapter": None,
        "language": "en",
        "private": True,
    }
    return Answer(**{**fields, **more})


def rendered(*sentences, **more):
    return blocks(answer(*sentences, **more), ENGLISH, URL)


def of_type(message, kind):
    return [block for block in message if block["type"] == kind]


def header(message):
    return of_type(message, "header")[0]["text"]["text"]


def text(message):
    return "\n".join(block["text"]["text"] for block in of_type(message, "section"))


def contexts(message):
    return [block["elements"][0]["text"] for block in of_type(message, "context")]


def buttons(message):
    return [each for block in of_type(message, "actions") for each in block["elements"]]


def text_objects(value):
    if isinstance(value, list):
        for each in value:
            yield from text_objects(each)
    elif isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value
        for each in value.values():
            yield from text_objects(each)


def test_a_short_summary_is_one_message():
    [message] = rendered(sentence("Ana asks."), sentence("Ben answers."))
    assert [block["type"] for block in message] == [
        *("header", "section", "context", "context", "actions")
    ]
    assert header(message) == "Summary of algebra"
    assert text(message) == "Ana asks.\nBen answers."


def test_a_sentence_is_linked_to_what_it_rests_on():
    [message] = rendered(sentence("Ana asks.", LINK, LINK[:-1] + "1"))
    assert text(message) == f"Ana asks. <{LINK}|{ARROW}> <{LINK[:-1]}1|2>"


def test_a_sentence_is_linked_to_a_reply_in_its_thread():
    link = permalink(URL, "C1", "1700000001.000000", "1700000000.000100")
    [message] = rendered(sentence("Ana asks.", link))
    assert text(message) == f"Ana asks. <{link.replace('&', '&amp;')}|{ARROW}>"


def test_no_sentence_has_more_than_two_links():
    [message] = rendered(sentence("Ana asks.", *(f"{LINK[:-1]}{n}" for n in range(5))))
    assert text(message).count("<https://") == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/archives/C1/p1700000000000100",
        "https://other.slack.com/archives/C1/p1700000000000100",
        f"{LINK}|x> <!here> <https://evil.example",
    ],
)
def test_a_foreign_link_is_dropped(link):
    [message] = rendered(sentence("Ana asks.", link))
    assert text(message) == "Ana asks."


def test_points_have_bullets():
    [message] = rendered(sentence("One."), sentence("Two."), style=Style.BULLETS)
    assert text(message) == "• One.\n• Two."


def test_people_have_headings():
    [message] = rendered(
        sentence("Ana: I can.", speakers=("Ana",)),
        sentence("She asks why.", speakers=("Ana", "Ben")),
        sentence("Ben: because.", speakers=("Ben",)),
        style=Style.PEOPLE,
    )
    assert text(message) == "*Ana*\n• I can.\n• She asks why.\n*Ben*\n• because."


def test_what_nobody_said_has_no_heading():
    [message] = rendered(sentence("It rains.", speakers=()), style=Style.PEOPLE)
    assert text(message) == "• It rains."


def test_a_heading_stays_with_what_its_person_said():
    said = [sentence("x" * 590, speakers=(f"P{n}",)) for n in range(40)]
    parts = rendered(*said, style=Style.PEOPLE)
    sections = [block["text"]["text"] for part in parts for block in of_type(part, "section")]
    assert len(sections) > 5
    for section in sections:
        assert section.startswith("*P")
        assert section.splitlines()[-1].startswith("• ")


def test_how_many_messages_over_which_time_is_told():
    [message] = rendered()
    assert contexts(message)[0] == (
        "50 messages, <!date^1769868000^{date_short_pretty} {time}|2026-01-31 14:00 UTC>"
        " – <!date^1769875200^{time}|2026-01-31 16:00 UTC>"
    )


def test_a_time_over_days_is_told_with_both_dates():
    [message] = rendered(last_time=START + timedelta(days=2))
    assert contexts(message)[0].count("date_short_pretty") == 2


def test_one_message_has_one_time():
    [message] = rendered(messages=1, last_time=START)
    assert contexts(message)[0] == (
        "1 message, <!date^1769868000^{date_short_pretty} {time}|2026-01-31 14:00 UTC>"
    )


@pytest.mark.parametrize("unknown", ["first_time", "last_time"])
def test_an_unknown_time_is_no_obstacle(unknown):
    [message] = rendered(**{unknown: None})
    assert contexts(message)[0] == "50 messages, ?"


def test_notes_follow():
    [message] = rendered(notes=("There were more.", "For you alone."))
    assert contexts(message)[0].splitlines()[1:] == ["There were more.", "For you alone."]


def test_the_model_is_told():
    assert contexts(rendered()[0])[-1] == "small"


def test_the_adapter_is_told():
    assert contexts(rendered(adapter="lora-7")[0])[-1] == "small with lora-7"


def test_a_private_answer_can_be_judged_and_shared():
    made = buttons(rendered()[0])
    actions = ["precis:good", "precis:bad", "precis:share", "precis:report"]
    assert [each["action_id"] for each in made] == actions
    assert {each["value"] for each in made} == {ASK}
    assert [each["text"]["text"] for each in made] == ["👍", "👎", "Share", "Report"]


def test_a_public_answer_can_be_judged_and_deleted():
    made = buttons(rendered(private=False)[0])
    actions = ["precis:good", "precis:bad", "precis:delete", "precis:report"]
    assert [each["action_id"] for each in made] == actions
    assert made[2]["style"] == "danger"


def test_what_is_shared_can_only_be_judged_and_reported():
    [message] = blocks(answer(), ENGLISH, URL, shared=True)
    actions = ["precis:good", "precis:bad", "precis:report"]
    assert [each["action_id"] for each in buttons(message)] == actions


def test_a_note_goes_before():
    parts = blocks(
        answer(*(sentence("x" * 500) for _ in range(30))), ENGLISH, URL, note="Shared by <@U1>"
    )
    assert parts[0][0]["elements"][0]["text"] == "Shared by <@U1>"
    assert "Shared by <@U1>" not in str(parts[1:])


def test_an_answer_that_waits_can_be_opened():
    notice, opening = notice_blocks("It is ready.", ASK, ENGLISH)
    assert notice["text"]["text"] == "It is ready."
    [button] = opening["elements"]
    assert (button["action_id"], button["value"]) == ("precis:show", ASK)


def test_a_long_summary_is_several_messages_split_between_sentences():
    texts = [f"Sentence {n} {'x' * 200}." for n in range(120)]
    parts = rendered(*map(sentence, texts))
    assert len(parts) > 2
    assert [line for part in parts for line in text(part).splitlines()] == texts


def test_only_the_first_part_has_the_title_and_only_the_last_says_what_it_covers():
    parts = rendered(*(sentence("x" * 500) for _ in range(60)))
    assert [header(part) for part in parts] == [
        "Summary of algebra",
        *["(continued)"] * (len(parts) - 1),
    ]
    assert [len(contexts(part)) for part in parts] == [0] * (len(parts) - 1) + [2]
    assert [len(buttons(part)) for part in parts] == [0] * (len(parts) - 1) + [4]


@pytest.mark.parametrize("character", ["x", "*", "&", ".a", "👨‍👩‍👧‍👦", "é́", "\u0335"])
@pytest.mark.parametrize("style", Style)
def test_every_part_keeps_to_slacks_limits(character, style):
    links = [permalink(URL, "C" * 20, f"1700000000.00000{n}", "1600000000.000000") for n in "123"]
    name = (character * 200)[:200]
    said = [sentence(character * 2_000, *links, speakers=(name,)) for _ in range(40)]
    parts = rendered(
        *said,
        style=style,
        place=character * 200,
        model=character * 500,
        adapter=character * 500,
        notes=("n" * 900,) * 5,
    )
    for part in parts:
        assert len(part) <= 50
        assert len(header(part)) <= 150
        assert sum(len(each["text"]) for each in text_objects(part)) < 40_000
        assert len(text(part)) <= 9_002
        for each in text_objects(part):
            assert 0 < len(each["text"]) <= 3_000
        for button in buttons(part):
            assert len(button["text"]["text"]) <= 75


def test_nothing_in_a_summary_does_anything():
    hostile = "*<!here>* <https://evil.example|x> `a` @channel #c <@U1> :x: evil.example ~s~"
    [message] = rendered(sentence(hostile, speakers=(hostile,)), style=Style.BULLETS, place=hostile)
    assert effects(text(message)) == []
    assert effects_in_plain(header(message)) == []


def test_slack_shows_a_long_section_whole():
    [message] = rendered(*[sentence("x" * 500)] * 5)
    assert all(block["expand"] for block in of_type(message, "section"))


def test_slack_is_told_to_make_nothing_of_what_is_only_text():
    [message] = rendered()
    for each in text_objects(message):
        if each["type"] == "mrkdwn":
            assert each["verbatim"] is True
    assert message[0]["text"]["emoji"] is False


def test_a_hostile_model_does_nothing():
    [message] = rendered(model="<!here> *x*", adapter="`y`")
    assert effects(contexts(message)[-1]) == []


def test_a_hostile_name_does_nothing_but_stand_there_in_bold():
    [message] = rendered(sentence("Hi.", speakers=("*`<!here>`*",)), style=Style.PEOPLE)
    heading = text(message).splitlines()[0]
    assert heading.startswith("*")
    assert heading.endswith("*")
    assert effects(heading[1:-1]) == []


def test_a_notification_tells_how_the_summary_begins():
    said = fallback_text(answer(sentence("Ana asks."), sentence("Ben answers.")), ENGLISH)
    assert said == "Summary of algebra\nAna asks.\nBen answers."


def test_a_notification_is_short_and_harmless():
    hostile = "*<!here>* <https://evil.example|x> `a` @channel " * 5
    said = fallback_text(answer(*[sentence(hostile)] * 40, place=hostile), ENGLISH)
    assert len(said) <= 1_000
    lines = said.splitlines()
    assert len(lines) > 1
    assert all(effects(line) == [] for line in lines)
    assert as_read(lines[1]).startswith("*<!here>*")
