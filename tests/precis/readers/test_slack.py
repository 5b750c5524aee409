"""Slack workspace exports, as a folder and as a zip."""

import shutil
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precis.conversation import Attachment, Reaction
from precis.errors import InputError
from precis.readers import archive as archives
from precis.readers import load_conversation
from precis.window import Window

ANA = {"id": "U1", "name": "ana", "real_name": "Ana Real", "profile": {"display_name": "Ana"}}
BO = {"id": "U2", "name": "bo", "profile": {"display_name": "", "real_name": "Bo Real"}}


def said(ts="1769868000.000100", user="U1", text="hi", **more):
    return {"type": "message", "user": user, "text": text, "ts": ts} | more


def texts(loaded):
    return [m.text for m in loaded.conversation.messages]


def zipped(folder, name="export.zip", top=""):
    path = folder.parent / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.json")):
            archive.write(file, f"{top}{file.relative_to(folder)}")
    return path


def test_a_message_keeps_all_that_a_summary_needs(slack):
    loaded = load_conversation(
        slack(
            {
                "exam/2026-01-31": [
                    said(
                        text="<@U2> look in <#C0|exam>",
                        edited={"user": "U1"},
                        files=[{"name": "notes.pdf", "mimetype": "application/pdf"}],
                        reactions=[{"name": "+1", "users": ["U2"], "count": 1}],
                    )
                ]
            },
            users=[ANA, BO],
        )
    )
    (message,) = loaded.conversation.messages
    assert loaded.conversation.channel == "exam"
    assert message.text == "Bo Real look in #exam [file: notes.pdf]"
    assert (message.id, message.author_id, message.author_name) == (
        "1769868000.000100",
        "U1",
        "Ana",
    )
    assert message.time == datetime(2026, 1, 31, 14, 0, 0, 100, tzinfo=UTC)
    assert message.attachments == (Attachment(kind="file", name="notes.pdf"),)
    assert message.reactions == (Reaction(emoji=":+1:", count=1),)
    assert message.edited
    assert message.permalink is None


def test_days_are_read_in_order_and_messages_sorted_by_time(slack):
    days = {
        "exam/2026-02-01": [said("1769940000.0", text="third")],
        "exam/2026-01-31": [said("1769868060.0", text="second"), said(text="first")],
    }
    assert texts(load_conversation(slack(days))) == ["first", "second", "third"]


def test_a_thread_is_its_root_and_its_replies(slack):
    days = {
        "exam/2026-01-31": [
            said("1.0", thread_ts="1.0", text="root"),
            said("2.0", text="other"),
            said("3.0", thread_ts="1.0", text="reply"),
            said("4.0", thread_ts="1.0", subtype="thread_broadcast", text="also here"),
        ]
    }
    loaded = load_conversation(slack(days), Window(thread="1.0"))
    assert texts(loaded) == ["root", "reply", "also here"]
    assert [m.reply_to for m in loaded.conversation.messages] == [None, "1.0", "1.0"]


def test_what_people_did_not_say_goes(slack):
    subtypes = ["channel_join", "channel_topic", "pinned_item", "bot_message", "channel_leave"]
    messages = [said(f"{n}.0", subtype=subtype) for n, subtype in enumerate(subtypes)]
    messages += [said("50.0", bot_id="B1"), said("51.0", text="/remind me"), said("52.0", text="")]
    messages += [said("60.0", subtype="me_message", text="waves")]
    loaded = load_conversation(slack({"exam/2026-01-31": messages}))
    assert texts(loaded) == ["waves"]
    assert loaded.skipped == 0


def test_what_is_in_blocks_or_forwarded_alone_is_read(slack):
    typed = {"type": "rich_text_section", "elements": [{"type": "text", "text": "in blocks"}]}
    messages = [
        said("1.0", text="", blocks=[{"type": "rich_text", "elements": [typed]}]),
        said("2.0", text="", attachments=[{"is_share": True, "text": "forwarded by <@U1>"}]),
    ]
    loaded = load_conversation(slack({"exam/2026-01-31": messages}, users=[ANA]))
    assert texts(loaded) == ["in blocks", "forwarded by Ana"]


def test_what_slackbot_says_goes(slack):
    assert texts(
        load_conversation(slack({"exam/2026-01-31": [said(), said("2.0", user="USLACKBOT")]}))
    ) == ["hi"]


def test_a_guest_of_another_workspace_has_a_name(slack):
    messages = [
        said("1.0", user="U9", user_profile={"display_name": "", "real_name": "Guest Name"}),
        said("2.0", user="U8"),
    ]
    loaded = load_conversation(slack({"exam/2026-01-31": messages}))
    assert [m.author_name for m in loaded.conversation.messages] == ["Guest Name", "someone"]


@pytest.mark.parametrize("name", ["exam", "#exam", "EXAM", "C1"])
def test_a_channel_is_chosen(slack, name):
    root = slack({"exam/2026-01-31": [said()], "a/2026-01-31": [said()]})
    assert load_conversation(root, channel=name).conversation.channel == "exam"


def test_of_several_channels_one_must_be_chosen(slack):
    root = slack({f"c{n:02}/2026-01-31": [said()] for n in range(12)})
    with pytest.raises(
        InputError, match=r"12 channels; choose one with --channel NAME \(c00, .*c09 and 2 more\)"
    ):
        load_conversation(root)
    with pytest.raises(InputError, match="no channel 'zz'; it has c00"):
        load_conversation(root, channel="zz")


def test_private_channels_and_direct_messages_are_listed_elsewhere(slack):
    root = slack({"D77/2026-01-31": [said()]}, channels=[{"id": "C1", "name": "empty"}])
    (root / "dms.json").write_text('[{"id": "D77", "members": ["U1", "U2"]}]')
    assert load_conversation(root).conversation.channel == "D77"


@pytest.mark.parametrize("top", ["", "My export/"])
def test_a_zip_reads_like_its_folder(slack, top):
    root = slack({"exam/2026-01-31": [said(text="<@U1>: hi")]}, users=[ANA])
    assert load_conversation(zipped(root, top=top)).conversation == (
        load_conversation(root).conversation
    )


def test_a_damaged_day_is_one_damaged_record(slack):
    root = slack(
        {
            "exam/2026-01-31": '[{"type": "message", "user": "U1", "text": "a", "ts": "1.0"}, {"ty',
            "exam/2026-02-01": [said("2.0", text="b"), said("3.0", user=""), said(""), said("x")],
        }
    )
    loaded = load_conversation(root)
    assert texts(loaded) == ["a", "b"]
    assert loaded.problems == (
        "exam/2026-01-31.json record 2: the file ends in the middle; export it again for the rest",
        "exam/2026-02-01.json record 2: no author",
        "exam/2026-02-01.json record 3: no time",
        "exam/2026-02-01.json record 4: ts: not a Slack time",
    )


def test_a_truncated_zip_is_refused(slack):
    path = zipped(slack({"exam/2026-01-31": [said()]}))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="a damaged or incomplete zip; download or copy it again"):
        load_conversation(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_no_damage_of_a_zip_raises_anything_but_an_input_error(slack, data):
    path = zipped(slack({"exam/2026-01-31": [said(text="word " * 50)]}, users=[ANA, BO]))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + 1 :])
    try:
        load_conversation(path)
    except InputError as refused:
        assert "\n" not in str(refused)  # noqa: PT017


def test_a_zip_bomb_is_refused(slack):
    path = zipped(slack({"exam/2026-01-31": [said(), said("2.0", text="a" * 5_000_000)]}))
    with pytest.raises(InputError, match="over 200 times its size"):
        load_conversation(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_no_export_has_is_refused(slack, tmp_path, kind):
    root = slack({"exam/2026-01-31": [said(text="a" * 5_000_000)]})
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", kind) as archive:
        for file in root.rglob("*.json"):
            archive.write(file, str(file.relative_to(root)))
    with pytest.raises(InputError, match="compressed in a way that no export is"):
        load_conversation(path)


def test_a_time_beyond_all_numbers_is_one_damaged_record(slack):
    root = slack({"exam/2026-01-31": [said("1e999999"), said("2.0", text="hi")]})
    assert len(load_conversation(root).conversation.messages) == 1


def test_a_zip_that_unpacks_to_too_much_is_refused(slack, monkeypatch):
    path = zipped(slack({"exam/2026-01-31": [said(text="word " * 100)]}))
    monkeypatch.setattr(archives, "MAX_TOTAL", 100)
    with pytest.raises(InputError, match="unpacks to over"):
        load_conversation(path)


def test_a_zip_of_too_many_files_is_refused(slack, monkeypatch):
    path = zipped(slack({"exam/2026-01-31": [said()]}))
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    with pytest.raises(InputError, match="over 2 files"):
        load_conversation(path)


def test_a_zip_with_a_password_is_refused(slack):
    path = zipped(slack({"exam/2026-01-31": [said()]}))
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    with pytest.raises(InputError, match="has a password; unpack it"):
        load_conversation(path)


def test_names_that_lead_out_of_a_zip_lead_nowhere(slack, tmp_path):
    path = zipped(slack({"exam/2026-01-31": [said(text="inside")]}))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../2026-01-31.json", "[]")
        archive.writestr("../../evil/2026-01-31.json", "[]")
        archive.writestr("/2026-01-31.json", "[]")
    before = sorted(tmp_path.rglob("*"))
    assert texts(load_conversation(path)) == ["inside"]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_is_no_export_is_refused(tmp_path):
    with pytest.raises(InputError, match="no Slack export"):
        load_conversation(tmp_path)


def test_an_export_without_messages_is_refused(slack):
    with pytest.raises(InputError, match="without messages"):
        load_conversation(slack({}))


def test_a_list_of_people_may_be_missing_but_not_the_export(slack):
    root = slack({"exam/2026-01-31": [said()]})
    (root / "users.json").unlink()
    assert len(load_conversation(root).conversation.messages) == 1
    shutil.rmtree(root)
    with pytest.raises(InputError, match="no such file"):
        load_conversation(root)
