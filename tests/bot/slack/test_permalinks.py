"""Links to Slack's messages, and what only looks like them."""

import pytest

from bot.slack.permalinks import is_permalink, permalink

ACME = "https://acme.slack.com/"
TS = "1700000000.000100"
LINK = "https://acme.slack.com/archives/C1/p1700000000000100"


def test_a_message_has_an_address_in_its_workspace():
    assert permalink(ACME, "C1", TS) == LINK
    assert permalink(ACME.rstrip("/"), "C1", TS) == LINK


def test_a_replys_address_tells_its_thread():
    link = permalink(ACME, "C1", "1700000001.000000", TS)
    assert link == (
        "https://acme.slack.com/archives/C1/p1700000001000000?thread_ts=1700000000.000100&cid=C1"
    )


def test_a_threads_first_message_has_the_address_of_any_message():
    assert permalink(ACME, "C1", TS, TS) == LINK


@pytest.mark.parametrize(
    "address",
    ["", "acme", "javascript:alert(1)", "https://a@b/", "https://acme.slack.com/x", "//a"],
)
def test_where_the_workspace_has_no_address_a_message_has_none(address):
    assert permalink(address, "C1", TS) is None
    assert not is_permalink(LINK, address)


@pytest.mark.parametrize("thread", [None, "1600000000.000000"])
@pytest.mark.parametrize(
    "address",
    [
        ACME,
        "https://acme.enterprise.slack.com/",
        "https://a.slack-gov.com",
        "http://127.0.0.1:8000/",
    ],
)
def test_what_is_made_is_known_again(address, thread):
    assert is_permalink(permalink(address, "C1", TS, thread), address)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/archives/C1/p1700000000000100",
        "https://other.slack.com/archives/C1/p1700000000000100",
        "https://acme.slack.com.evil.example/archives/C1/p1700000000000100",
        "https://acme.slack.com@evil.example/archives/C1/p1700000000000100",
        "https://acmeXslack.com/archives/C1/p1700000000000100",
        "http://acme.slack.com/archives/C1/p1700000000000100",
        f"https://evil.example/?{LINK}",
        f"{LINK}|x> <https://evil.example",
        f"{LINK}/../../../evil",
        f"{LINK}?redirect=https://evil.example",
        f"{LINK}?thread_ts={TS}&cid=C1&x=1",
        f"{LINK}\n",
        LINK.replace("17", "１７"),
        "https://acme.slack.com/signout",
        "",
    ],
)
def test_another_address_is_no_permalink(link):
    assert not is_permalink(link, ACME)
