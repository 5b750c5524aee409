"""What becomes of Discord's and Slack's markup."""

import pytest

from precis.normalisation import discord_text, slack_text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<@12> and <@!12>", "Ana and Ana"),
        ("<@99>", "someone"),
        ("<@&7> in <#3>, <#4>", "Tutors in #exam, #channel"),
        ("nice <:pog:123> <a:dance_2:9>", "nice :pog: :dance_2:"),
        ("at <t:1700000000:t> or <t:1700000000>", "at 22:13 UTC or 2023-11-14 22:13 UTC"),
        ("<t:1700000000:R> <t:999999999999:R>", "2023-11-14 22:13 UTC [time]"),
        ("</poll new:123> it", "/poll new it"),
        ("@everyone and @here", "everyone and everyone"),
        ("@ana.d wrote, Ana too: @Ana", "ana.d wrote, Ana too: Ana"),
        (
            "||the killer|| **is** __the__ *old* _gardener_ ~~no~~",
            "the killer is the old gardener no",
        ),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        (r"\*not bold\*", "*not bold*"),
        ("`a_b_c` and ``x ` y``", "a_b_c and x ` y"),
        ("so:\n```python\nx = 1\n```\nok?", "so: [code: python] ok?"),
        ("```x = 1```", "[code]"),
        ("> he said\n> this\nI agree", "[quote] I agree"),
        ("yes\n>>> all\nof it", "yes [quote]"),
        ("[the docs](https://docs.example.org/a_(b)) say", "the docs say"),
        ("<https://a_b.example/c_d_e>", "[a_b.example]"),
        ("# Title\n-# small", "Title small"),
        ("1 < 2 > 0", "1 < 2 > 0"),
    ],
)
def test_discord(content, text):
    people = {"12": "Ana", "@ana.d": "ana.d"}
    names = {"roles": {"7": "Tutors"}, "channels": {"3": "exam"}}
    assert discord_text(content, people=people, **names) == text


def test_a_name_is_not_read_as_markup():
    assert discord_text("<@1> hi", people={"1": "*_x_* `y`"}) == "*_x_* `y` hi"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<@U1>, <@U2|bo>, <@U3>", "Ana, bo, someone"),
        ("<#C1|old-name> <#C2|lab>", "#exam #lab"),
        ("<!here> <!channel> <!subteam^S1|@tutors>", "everyone everyone tutors"),
        ("<https://x.example/a|the label> <https://www.y.example/b>", "the label [y.example]"),
        ("<http://z.example|http://z.example>", "[z.example]"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt; stays", "&lt; stays"),
        ("*bold* _it_ ~old~ snake_case", "bold it old snake_case"),
        ("`a_b_` and ```x\ny```", "a_b_ and [code]"),
        ("&gt; said\nI agree", "[quote] I agree"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("<!date^1392734382^{date}>", "2014-02-18 14:39 UTC"),
        ("<!date^soon^{date}>", "[time]"),
        (":wave::skin-tone-3: hi", ":wave: hi"),
    ],
)
def test_slack(content, text):
    assert slack_text(content, people={"U1": "Ana"}, channels={"C1": "exam"}) == text
