"""Files of judged texts: the formats, the words for a label, and what is wrong with a file."""

import gzip
import json

import pytest

from eval.judged_texts import Columns, JudgedText, read_judged_texts
from precis.errors import InputError

ROWS = [('you, "fool"', "1"), ("hello", "0")]
EXPECTED = [JudgedText('you, "fool"', True), JudgedText("hello", False)]


def write(path, content):
    if path.name.endswith(".gz"):
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content)
    return path


CSV = 'text,label\n"you, ""fool""",1\nhello,0\n'
TSV = 'label\ttext\n1\tyou, "fool"\n0\thello\n'
JSONL = "".join(json.dumps({"text": text, "label": int(label)}) + "\n\n" for text, label in ROWS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("a.tsv", TSV),
        ("a.jsonl", JSONL),
        ("a.csv.gz", CSV),
        ("a.csv", "\ufeff" + CSV),
    ],
)
def test_each_format_is_read(tmp_path, name, content):
    assert read_judged_texts(write(tmp_path / name, content), Columns()) == EXPECTED


def test_columns_may_have_other_names_and_a_group(tmp_path):
    path = write(tmp_path / "a.csv", "said,verdict,where\nhello,OTHER,lounge\n")
    read = read_judged_texts(path, Columns("said", "verdict", "where"))
    assert read == [JudgedText("hello", False, "lounge")]


@pytest.mark.parametrize(
    ("label", "toxic"),
    [("hateful", True), ("non-hateful", False), ("OFFENSE", True), ("True", True), (" no ", False)],
)
def test_a_label_may_be_a_word(tmp_path, label, toxic):
    path = write(tmp_path / "a.csv", f"text,label\nhello,{label}\n")
    assert read_judged_texts(path, Columns())[0].toxic is toxic


def test_true_and_false_of_json_are_labels(tmp_path):
    path = write(
        tmp_path / "a.jsonl", '{"text": "a", "label": true}\n{"text": "b", "label": false}\n'
    )
    assert [each.toxic for each in read_judged_texts(path, Columns())] == [True, False]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "text,label\nhello,maybe\n", "line 2: the label 'maybe' is neither"),
        ("a.csv", "said,label\nhello,1\n", "line 2, has no text; it has: said, label"),
        ("a.csv", "text,label\nhello\n", "line 2, has no label"),
        ("a.jsonl", "[1]\n", "line 1, is no JSON object"),
        ("a.jsonl", "[" * 100_000, "line 1, is no JSON object"),
        ("a.txt", "hello", "of no known kind"),
        ("a.csv", "text,label\n", "holds no texts"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path, name, content, told):
    with pytest.raises(InputError, match=r"^[^\n]+$") as raised:
        read_judged_texts(write(tmp_path / name, content), Columns())
    assert told in str(raised.value)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl"])
def test_bytes_that_are_no_text_are_told_of(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xfe\x00text")
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        read_judged_texts(tmp_path / name, Columns())
