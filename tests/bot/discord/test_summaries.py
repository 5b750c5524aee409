"""`/summarize` and `/catchup`, as people see them."""

from tests.bot.discord.serving import answered, bot_running


def test_a_private_summary_is_seen_by_who_asked_alone(server, settings, store, algebra, people):
    ana, ben = people[:2]
    with bot_running(server, settings, store):
        use = server.slash(ana, algebra, "summarize", last=50)
        answer = answered(use)
    assert use.acknowledged_after < 3
    assert use.visible_to(ana) == [answer]
    assert use.visible_to(ben) == []
    [embed] = answer.embeds
    assert embed["description"] == "A summary."
    assert "50 messages" in embed["fields"][0]["value"]
