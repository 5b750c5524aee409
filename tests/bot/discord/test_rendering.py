"""A summary as Discord's embeds."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.discord.rendering import ARROW, embeds
from bot.platform import Answer
from bot.texts import ENGLISH
from precis.job import Citation, Style, SummarySentence
from tests.bot.discord.markdown import effects

START = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
LINK = "https://discord.com/channels/1/2/3"


def sentence(text="A sentence.", *links, speakers=("Ana",)):
    cited = tuple(Citation(id=str(n), permalink=link) for n, link in enumerate(links))
    return SummarySentence(text=text, citations=cited, speakers=speakers, origin="generated")


def answer(*sentences, **more):
    fields = {
        "ask_id": "0" * 32,
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
    return embeds(answer(*sentences, **more), ENGLISH)


def test_a_short_summary_is_one_message():
    [embed] = rendered(sentence("Ana asks."), sentence("Ben answers."))
    assert embed.title == "Summary of algebra"
    assert embed.description == "Ana asks.\nBen answers."


def test_a_sentence_is_linked_to_what_it_rests_on():
    [embed] = rendered(sentence("Ana asks.", LINK, LINK[:-1] + "4"))
    assert embed.description == f"Ana asks. [{ARROW}]({LINK}) [2]({LINK[:-1]}4)"


def test_no_sentence_has_more_than_two_links():
    [embed] = rendered(sentence("Ana asks.", *(f"{LINK}{n}" for n in range(5))))
    assert embed.description.count("](") == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/channels/1/2/3",
        "https://discord.com.evil.example/channels/1/2/3",
        "https://evil.example/?https://discord.com/channels/1/2/3",
        "https://discord.com/channels/1/2/3) [x](https://evil.example",
        "http://discord.com/channels/1/2/3",
        "https://discord.com/invite/abc",
        "https://evil@discord.com/channels/1/2/3",
        "https://discord.com/channels/1/2/3/../../../invite",
        "https://discord.com/channels/1/2/３",
    ],
)
def test_a_foreign_link_is_dropped(link):
    [embed] = rendered(sentence("Ana asks.", link))
    assert embed.description == "Ana asks."


@pytest.mark.parametrize("host", ["discord.com", "discordapp.com", "ptb.discord.com"])
def test_discords_own_links_are_kept(host):
    [embed] = rendered(sentence("Ana asks.", f"https://{host}/channels/1/2/3"))
    assert host in embed.description


def test_points_have_bullets():
    [embed] = rendered(sentence("One."), sentence("Two."), style=Style.BULLETS)
    assert embed.description == "• One.\n• Two."


def test_people_have_headings():
    [embed] = rendered(
        sentence("Ana: I can.", speakers=("Ana",)),
        sentence("She asks why.", speakers=("Ana", "Ben")),
        sentence("Ben: because.", speakers=("Ben",)),
        style=Style.PEOPLE,
    )
    assert embed.description == "**Ana**\n• I can.\n• She asks why.\n**Ben**\n• because."


def test_what_nobody_said_has_no_heading():
    [embed] = rendered(sentence("It rains.", speakers=()), style=Style.PEOPLE)
    assert embed.description == "• It rains."


def test_a_heading_stays_with_what_its_person_said():
    said = [sentence("x" * 590, speakers=(f"P{n}",)) for n in range(30)]
    for part in rendered(*said, style=Style.PEOPLE):
        assert part.description.startswith("**P")
        assert "**" not in part.description.splitlines()[-1]


def test_how_many_messages_over_which_time_is_told():
    [embed] = rendered()
    [field] = embed.fields
    assert field.value == "50 messages, <t:1769868000:f> – <t:1769875200:t>"


def test_a_time_over_days_is_told_with_both_dates():
    [embed] = rendered(last_time=START + timedelta(days=2))
    assert embed.fields[0].value.endswith("<t:1770040800:f>")


def test_one_message_has_one_time():
    [embed] = rendered(messages=1, last_time=START)
    assert embed.fields[0].value == "1 message, <t:1769868000:f>"


def test_thousands_are_told_with_a_comma():
    [embed] = rendered(messages=10_000)
    assert embed.fields[0].value.startswith("10,000 messages")


@pytest.mark.parametrize("unknown", ["first_time", "last_time"])
def test_an_unknown_time_is_no_obstacle(unknown):
    [embed] = rendered(**{unknown: None})
    assert embed.fields[0].value == "50 messages, ?"


def test_notes_follow():
    [embed] = rendered(notes=("There were more.", "For you alone."))
    assert embed.fields[0].value.splitlines()[1:] == ["There were more.", "For you alone."]


def test_the_model_is_told():
    assert rendered()[0].footer.text == "small"


def test_the_adapter_is_told():
    assert rendered(adapter="lora-7")[0].footer.text == "small with lora-7"


def test_a_long_summary_is_several_messages_split_between_sentences():
    texts = [f"Sentence {n} {'x' * 200}." for n in range(60)]
    parts = rendered(*map(sentence, texts))
    assert len(parts) > 2
    assert [line for part in parts for line in part.description.splitlines()] == texts


def test_only_the_first_part_has_the_title_and_only_the_last_says_what_it_covers():
    parts = rendered(*(sentence("x" * 500) for _ in range(30)))
    assert [part.title for part in parts] == [
        "Summary of algebra",
        *["(continued)"] * (len(parts) - 1),
    ]
    assert [len(part.fields) for part in parts] == [0] * (len(parts) - 1) + [1]
    assert [bool(part.footer.text) for part in parts] == [False] * (len(parts) - 1) + [True]


@pytest.mark.parametrize("character", ["x", "*", "👨‍👩‍👧‍👦", "é́", "\u0335"])
@pytest.mark.parametrize("style", Style)
def test_every_part_keeps_to_discords_limits(character, style):
    links = [f"https://discord.com/channels/{9 * 10**18}/{9 * 10**18}/{n}" for n in range(3)]
    name = (character * 200)[:200]
    said = [sentence(character * 4_000, *links, speakers=(name,)) for _ in range(40)]
    parts = rendered(
        *said,
        style=style,
        place=character * 200,
        model=character * 500,
        adapter=character * 500,
        notes=("n" * 900,),
    )
    for part in parts:
        assert len(part.title) <= 256
        assert 0 < len(part.description) <= 4_096
        assert all(len(field.value) <= 1_024 for field in part.fields)
        assert len(part.footer.text or "") <= 2_048
        assert len(part) <= 6_000, "a message's embeds, as Discord counts them"


def test_nothing_in_a_summary_does_anything():
    hostile = "**@everyone** [x](https://evil.example) `a` # <@1> ||s||"
    [embed] = rendered(sentence(hostile, speakers=(hostile,)), style=Style.BULLETS, place=hostile)
    assert effects(embed.description.removeprefix("• ")) == []
    assert effects(embed.title) == []


def test_a_hostile_name_does_nothing_but_stand_there_in_bold():
    [embed] = rendered(sentence("Hi.", speakers=("**`@everyone`**",)), style=Style.PEOPLE)
    heading = embed.description.splitlines()[0]
    assert heading.startswith("**")
    assert heading.endswith("**")
    assert effects(heading[2:-2]) == []
