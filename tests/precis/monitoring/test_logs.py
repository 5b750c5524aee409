"""Log lines: as text or JSON, with the ids of what they are about, and never with chat text."""

import json
import logging
import threading

import pytest

from precis.monitoring.context import bind_job, bound, carried
from precis.monitoring.logs import TEXT, JsonFormatter, TextFormatter, add_ids, configure_logging
from precis.settings import load_settings


@pytest.fixture
def log():
    """Writes a line, and gives it as it looks."""

    def line(formatter, message, *args, error=None):
        info = (type(error), error, error.__traceback__) if error else None
        record = logging.LogRecord("worker.x", logging.INFO, "x.py", 1, message, args, info)
        add_ids(record)
        return formatter.format(record)

    return line


def raised():
    with pytest.raises(ValueError, match="xylophone") as caught:
        int("xylophone")
    return caught.value


def test_a_json_line_has_the_ids_that_are_bound(log):
    with bound(request="r1", job="j1"):
        line = json.loads(log(JsonFormatter(), "job %s is “done”", "j1"))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "worker.x",
        "message": "job j1 is “done”",
        "request": "r1",
        "job": "j1",
    }


def test_a_text_line_ends_with_the_ids_that_it_does_not_mention(log):
    with bound(request="r1", job="j1"):
        assert log(TextFormatter(TEXT), "job j1 is done").endswith("job j1 is done [request=r1]")
    assert log(TextFormatter(TEXT), "hello") == "INFO worker.x: hello"


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter(TEXT)])
def test_an_exception_is_shown_by_its_place_and_not_by_its_message(log, formatter):
    line = log(formatter, "it failed", error=raised())
    assert "ValueError at " in line
    assert "test_logs.py" in line
    assert "xylophone" not in line


def test_ids_are_bound_for_a_block_and_taken_along_to_threads(log):
    lines = []

    def work():
        lines.append(log(TextFormatter(TEXT), "here"))

    with bound(request="r1"):
        bind_job("j1")
        for target in (work, carried(work)):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
    work()
    assert [line.partition("here")[2] for line in lines] == ["", " [request=r1 job=j1]", ""]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_process_writes_its_lines_as_it_is_told(monkeypatch, capsys, form):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])  # as they are when a process starts
    monkeypatch.setattr(root, "level", root.level)
    configure_logging(load_settings(log_format=form, log_level="INFO"))
    with bound(job="j1"):
        logging.getLogger("bot.x").info("hello")
    line = capsys.readouterr().err
    if form == "json":
        assert json.loads(line)["job"] == "j1"
    else:
        assert line.endswith("INFO bot.x: hello [job=j1]\n")
