"""The report on fakes of models: its sections, its escaping, and that it comes out the same."""

import json
import re
import shutil

import numpy as np
import pytest
from safetensors.numpy import save_file
from typer.testing import CliRunner

from cli.evaluation import app
from eval.report.content import Command, Example, Note, Page, Plot, Table, Text, section
from eval.report.files import write_page
from eval.report.html import html
from eval.report.markdown import escape, markdown
from eval.report.page import make_page
from eval.report.request import FAST, Data, Means, Options, Request, read_request
from eval.systems import Sentence, Summary
from precis.errors import InputError, ModelError
from precis.settings import load_settings
from tests.eval.talks import TALK, dialogue, silent, write_jsonl
from tests.worker.test_registry import make_adapter
from worker.generators.profiles import profile_named
from worker.registry import Registry

TITLES = (
    "ROUGE by variant", "Toxicity before and after PPO",
    "Faithfulness with and without grounding", "PPO: reward and KL", "Training methods compared",
    "Examples side by side", "How this page was made",
)  # fmt: skip
MANY = [TALK, *(dialogue(f"#Person1#: Talk number {n}.", "#Person2#: Yes.") for n in range(29))]
TALKS = MANY[:6]
INSULTED = [dialogue(f"#Person1#: You idiot number {n}!", "#Person2#: Stop.") for n in range(25)]
HOSTILE = "<script>alert(1)</script> | `rm` [x](http://evil) ![y](z) **b** \x1b &lt;\n# no"
STEPS = [
    {"step": n, "reward": n / 10, "reward_std": 0.1, "running_reward": n / 20,
     "running_reward_std": 0.2, "kl": n / 100, "running_kl": n / 200, "running_kl_std": 0.01,
     "beta": 0.2, "policy_loss": -0.1, "value_loss": 0.5, "tokens": 20}
    for n in range(8)
]  # fmt: skip
METHODS = {
    "start": "a model", "budget": {"epochs": 3},
    "rows": [{"method": "LoRA", "trainable": 10, "total": 1_000, "seconds": 90.0, "rouge1": 0.3,
              "rouge2": 0.1, "rougeL": 0.25, "rougeLsum": 0.26}],
}  # fmt: skip


class Says:
    """Says the first line; PPO's adapter takes the insult out."""

    name = "says"

    def __init__(self, choice, asked):
        self.settings = {}
        self._choice = choice
        self._asked = asked

    def prepare(self):
        pass

    def summaries(self, dialogues, progress):
        self._asked.append((self._choice, len(dialogues)))
        progress(self.name, 1.0)
        origin = "extracted" if self._choice.grounding else "generated"
        mild = self._choice.adapter and self._choice.adapter.name == "mild"
        lines = [d.dialogue.splitlines()[0] for d in dialogues]
        return [
            Summary((Sentence(line.replace("idiot", "person") if mild else line, origin),))
            for line in lines
        ]


class Gate:
    name = "a gate"
    thresholds = {"toxicity": 0.5, "insult": 0.5}  # noqa: RUF012

    def score(self, texts):
        return [dict.fromkeys(self.thresholds, 0.9 if "idiot" in t else 0.01) for t in texts]


class Letters:
    """Texts of the same letters are near each other."""

    def encode(self, texts):
        counts = [[text.lower().count(chr(97 + n)) + 1e-3 for n in range(26)] for text in texts]
        vectors = np.array(counts, dtype=np.float32).reshape(len(texts), 26)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def real_plots():
    """Asks for them: they take a second a page, so most tests do without."""


@pytest.fixture(autouse=True)
def _plots(request, monkeypatch):
    if "real_plots" not in request.fixturenames:
        monkeypatch.setattr("eval.report.plots._png", lambda _draw, **_size: b"PNG")


@pytest.fixture
def models(tmp_path):
    """The embedded model, as one tensor, a LoRA adapter and a promoted one of PPO."""
    base = tmp_path / "models" / "embedded"
    base.mkdir(parents=True)
    save_file({"shared": np.ones((4, 3), np.float32)}, base / "model.safetensors")
    (base / "manifest.json").write_text('{"created": "2026-11-23T10:00:00Z"}')
    (base / "methods.json").write_text(json.dumps(METHODS))
    models = tmp_path / "models"
    profile = profile_named("embedded", models)
    registry = Registry(models, {"embedded": profile})
    for number, (name, method) in enumerate((("mild", "ppo"), ("plain", "lora"))):
        trained = make_adapter(tmp_path / name, profile, name, float(number + 1), method=method)
        (trained / "history.json").write_text(json.dumps(STEPS))
        registry.add(trained)
    registry.promote("mild")
    return models


@pytest.fixture
def request_(models, tmp_path):
    settings = load_settings(home=tmp_path / "home", models=models)
    return Request(
        settings=settings,
        profile=profile_named("embedded", models),
        data=Data("talks.jsonl", tuple(TALKS)),
        toxic=Data("heated.jsonl", tuple(INSULTED)),
        examples=None,
        fast=False,
        seed=0,
        device="cpu",
        command=("precis", "eval", "report", "--data", "talks.jsonl"),
    )


@pytest.fixture
def asked():
    return []


@pytest.fixture
def means(asked):
    return Means(lambda choice: Says(choice, asked), Gate, Letters, silent, lambda _line: None)


def changed(record, **fields):
    names = type(record).__dataclass_fields__
    return type(record)(**{name: getattr(record, name) for name in names} | fields)


def block(page, title, kind):
    [found] = [s for s in page.sections if s.title == title]
    return next(b for b in found.blocks if isinstance(b, kind))


def notes(page):
    return "\n".join(b.text for s in page.sections for b in s.blocks if isinstance(b, Note))


@pytest.mark.usefixtures("real_plots")
def test_the_page_has_every_section_in_both_forms(request_, means, tmp_path):
    page = make_page(request_, means)
    files = write_page(page, tmp_path / "out")
    assert [path.name for path in files] == [
        "report.html", "report.md", "rouge.png", "toxicity.png", "ppo-mild.png",
    ]  # fmt: skip
    shown, text = files[0].read_text(), files[1].read_text()
    for title in TITLES:
        assert f">{title}</h2>" in shown
        assert f"## {escape(title)}\n" in text
    assert shown.count("data:image/png;base64,") == 3
    assert all(f"({path.name})" in text for path in files[2:])
    assert str(tmp_path) not in shown + text


def test_every_variant_is_compared_and_the_promoted_one_marked(request_, means):
    page = make_page(request_, means)
    assert [row[0] for row in block(page, TITLES[0], Table).rows] == [
        "lead-3", "longest-3", "extractive", "full fine-tuning (zero-shot)", "LoRA: plain",
        "PPO: mild (promoted)", "as served: PPO: mild, with gate and grounding",
    ]  # fmt: skip
    assert "One and three shots are left out" in notes(page)


def test_worked_examples_are_tried_where_prompts_have_room_for_them(request_, means, asked):
    hub = changed(request_, profile=profile_named("flan-t5-base", request_.settings.models))
    page = make_page(hub, means)
    assert {choice.shots for choice, _ in asked} == {0, 1, 3}
    assert "Full fine-tuning is left out" in notes(page)
    assert "no adapters" in notes(page), "those of another profile aren't shown"
    assert "no model folder" in notes(page), "nor is their comparison of methods"


def test_toxicity_falls_by_pairs(request_, means):
    page = make_page(request_, means)
    tables = [b for b in page.sections[1].blocks if isinstance(b, Table)]
    before, after = tables[0].rows
    assert before[1].startswith("0.9000")
    assert after[1].startswith("0.0100")
    assert tables[1].rows == (
        (
            "after PPO: mild (promoted), against the model alone",
            "−0.8900 (−0.8900 to −0.8900)",
            "−99 %",
            "yes",
        ),
    )


def go_on_from(adapter, weights):
    path = adapter / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"settings": {"start_sha256": weights}}))


def test_what_ppo_went_on_from_is_its_before(request_, means, models):
    adapters = models / "adapters"
    go_on_from(adapters / "mild", Registry(models).manifest("plain").sha256)
    page = make_page(request_, means)
    tables = [b for b in page.sections[1].blocks if isinstance(b, Table)]
    assert [row[0] for row in tables[0].rows] == [
        "before: the model alone", "before: LoRA: plain", "after PPO: mild (promoted)",
    ]  # fmt: skip
    assert [row[0] for row in tables[1].rows] == ["after PPO: mild (promoted), against LoRA: plain"]


def test_a_start_that_is_not_here_is_told(request_, means, models):
    go_on_from(models / "adapters" / "mild", "0" * 64)
    page = make_page(request_, means)
    tables = [b for b in page.sections[1].blocks if isinstance(b, Table)]
    assert tables[1].rows[0][0].endswith("against the model alone")
    assert "PPO: mild went on from an adapter that isn't in the registry" in notes(page)


def test_grounding_is_compared_for_what_serves(request_, means):
    table = block(make_page(request_, means), TITLES[2], Table)
    assert table.columns == ("", "without grounding", "with grounding")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["sentences generated, not quoted"] == ("100.0 %", "0.0 %")
    [words] = [row for name, row in rows.items() if "content words" in name]
    assert words[0].startswith("100.0 %")
    assert words[1] == "none", "the served system of this test only quotes"


def test_the_page_says_what_the_worker_itself_filters_by(request_, means):
    assert "by construction" in block(make_page(request_, means), TITLES[2], Text).text


def test_each_system_is_asked_once_for_each_data(request_, means, asked):
    make_page(request_, means)
    assert len(asked) == len(set(asked))


def test_methods_and_the_models_days_are_shown(request_, means):
    page = make_page(request_, means)
    assert block(page, TITLES[4], Table).rows[0][:5] == ("LoRA", "10", "1,000", "1.00 %", "1.5")
    models = next(b for b in page.sections[6].blocks if getattr(b, "caption", "") == "Models")
    assert [row[3] for row in models.rows] == ["2026-11-23", "2026-11-24", "2026-11-24"]


@pytest.mark.usefixtures("real_plots")
def test_the_same_inputs_give_the_same_bytes(request_, means, tmp_path):
    once, again = (
        [path.read_bytes() for path in write_page(make_page(request_, means), tmp_path / name)]
        for name in ("one", "two")
    )
    assert once == again


def test_no_insult_is_on_the_page(request_, means):
    mixed = changed(request_, data=Data("mixed.jsonl", (*INSULTED, TALK)))
    page = make_page(mixed, means)
    assert "idiot" not in html(page) + markdown(page)
    assert len([b for b in page.sections[5].blocks if isinstance(b, Example)]) == 1
    [alone] = make_page(changed(mixed, data=mixed.toxic), means).sections[5].blocks
    assert "minds every dialogue" in alone.text


def test_what_is_shown_may_be_of_other_dialogues_than_what_is_measured(request_, means):
    page = make_page(changed(request_, examples=Data("own.jsonl", (MANY[-1],))), means)
    shown = [b for s in page.sections for b in s.blocks if isinstance(b, Example)]
    assert [example.turns for example in shown] == [tuple(MANY[-1].dialogue.splitlines())]
    assert MANY[-1] not in TALKS


def test_hostile_text_stays_text(request_, means):
    talk = dialogue("#Person1#: " + HOSTILE, summary=HOSTILE)
    page = make_page(changed(request_, data=Data("x.jsonl", (talk,)), toxic=None), means)
    shown, text = html(page), markdown(page)
    assert "<script" not in shown + text
    assert "&lt;script&gt;alert(1)" in shown
    assert "\x1b" not in shown + text
    answer = next(line for line in text.splitlines() if line.startswith("- **reference"))
    assert re.search(r"(?<!\\)[|*\[\]#`]", answer.split(":** ")[1]) is None


def test_hostile_cells_keep_to_their_columns():
    table = Table("a | b", ("x|y", "z"), (("1. <b>", "`|`"), ("- a", "")))
    page = Page("t", "l", (section("s", "s", [table, Text("1. no list"), Command("x ` y")]),))
    lines = markdown(page).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "1\\. no list" in lines
    assert '<th scope="row">1. &lt;b&gt;</th><td>`|`</td>' in html(page)


@pytest.mark.usefixtures("real_plots")
def test_plots_have_words_for_those_who_cant_see_them(request_, means):
    for plot in make_page(request_, means).plots:
        assert isinstance(plot, Plot)
        assert re.search(r"\d\.\d\d", plot.alt)
        assert plot.png.startswith(b"\x89PNG")
        assert b"tEXt" not in plot.png, "neither a version nor a date"


def test_a_fast_run_takes_few_dialogues_and_two_models(tmp_path, models, means, asked):
    settings = load_settings(models=models)
    options = Options(
        str(write_jsonl(tmp_path / "talks.jsonl", MANY)),
        str(write_jsonl(tmp_path / "heated.jsonl", INSULTED)),
        fast=True,
    )
    request = read_request(options, settings)
    page = make_page(request, means)
    generated = [(choice, count) for choice, count in asked if choice.system == "generated"]
    assert {count for _, count in asked} == {FAST}
    assert len(generated) == 4, "two on either data"
    assert "fast run" in notes(page)
    assert request.command[-1] == "--fast"
    assert str(tmp_path) not in " ".join(request.command)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "has no history.json"),
        ("not json", "can't be read"),
        ("[]", "can't be read"),
        ("[1, 2]", "can't be read"),
        ('[{"step": 1, "kl": NaN}]', "can't be read"),
    ],
)
def test_a_history_that_cant_be_used_is_a_line(request_, means, models, content, told):
    history = models / "adapters" / "mild" / "history.json"
    history.unlink()
    if content is not None:
        history.write_text(content)
    assert told in notes(make_page(request_, means))


def test_running_means_have_their_bands(request_, means, monkeypatch):
    drawn = []
    monkeypatch.setattr("eval.report.plots.curves", lambda _steps, panels: drawn.append(panels))
    make_page(request_, means)
    [panels] = drawn
    assert panels["reward"]["running mean ± std"] == [0.2] * 8
    assert panels["KL to the reference"]["running mean ± std"] == [0.01] * 8


def test_a_history_as_json_lines_is_read_too(request_, means, models):
    history = models / "adapters" / "mild" / "history.json"
    history.with_suffix(".jsonl").write_text("\n".join(json.dumps(each) for each in STEPS))
    history.unlink()
    assert "reward from 0.000 to 0.700" in block(make_page(request_, means), TITLES[3], Plot).alt


def test_damaged_adapters_and_methods_are_lines(request_, means, models):
    (models / "adapters" / "plain" / "adapter_model.safetensors").write_bytes(b"")
    (models / "embedded" / "methods.json").write_text('{"rows": []}')
    told = notes(make_page(request_, means))
    assert "Adapter plain can't be used" in told
    assert "methods.json is damaged" in told


def test_a_model_that_cant_be_loaded_is_tried_once_and_told(request_, means, models):
    tried, warned = [], []

    def choose(choice):
        if choice.system != "generated":
            return means.choose(choice)
        tried.append(choice)
        raise ModelError(f"{models} is broken")

    broken = changed(means, choose=choose, warn=warned.append)
    page = make_page(changed(request_, toxic=None), broken)
    assert len(tried) == len(warned) == 1
    assert "PPO: mild: could not be loaded" in notes(page)
    assert str(models) not in html(page)


def test_without_a_gate_no_text_is_shown(request_, means):
    def missing():
        raise ModelError("no gate")

    page = make_page(request_, changed(means, scorer=missing))
    assert "without the gate no text may be shown" in notes(page)
    assert not any(isinstance(b, Example) for s in page.sections for b in s.blocks)


@pytest.mark.usefixtures("real_plots")
def test_the_command_writes_the_page_from_the_baselines_alone(tmp_path, monkeypatch):
    models = tmp_path / "none"
    shutil.copytree(load_settings().models / "gate", models / "gate")
    monkeypatch.setenv("PRECIS_MODELS", str(models))
    data = write_jsonl(tmp_path / "talks.jsonl", TALKS[:3])
    run = CliRunner().invoke(
        app, ["report", "--data", str(data), "--output", str(tmp_path / "out"), "--fast"]
    )
    assert run.exit_code == 0, run.output
    text = (tmp_path / "out" / "report.md").read_text()
    for told in (
        "isn't in the models folder", "--toxic-data", "nothing serves with a model",
        "no PPO adapter", "methods.json isn't there",
    ):  # fmt: skip
        assert told in text
    assert "| lead-3 |" in text
    assert (tmp_path / "out" / "report.html").is_file()
    assert (tmp_path / "out" / "rouge.png").is_file()


def test_a_folder_that_cant_be_written_is_one_line():
    page = Page("t", "l", ())
    with pytest.raises(InputError, match="--output another folder"):
        write_page(page, load_settings().models / "gate" / "manifest.json")
