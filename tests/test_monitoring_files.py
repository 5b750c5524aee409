"""The dashboard and the alert rules name metrics that there are, and Prometheus takes them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from precis.monitoring.declared import FREE
from precis.monitoring.metrics import METRICS

ROOT = Path(__file__).parents[1]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "precis.json"
PAGE = ROOT / "docs" / "operators" / "monitoring.md"


def alerts():
    [group] = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    return group["rules"]


def panels():
    """Each panel's expressions."""
    made = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in made for target in panel.get("targets", ())]


def named(text):
    """Metrics in expressions, as series."""
    return set(re.findall(r"\bprecis_[a-z0-9_]+", text))


SERIES = {series: each for each in METRICS.declared for series in each.series}
EXPRESSIONS = [rule["expr"] for rule in alerts()] + panels()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_that_is_asked_for_exists(expression):
    assert named(expression) <= set(SERIES)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_value_that_is_asked_for_exists(expression):
    for series, conditions in re.findall(r"\b(precis_[a-z_]+)\{([^}]*)\}", expression):
        labels = SERIES[series].labels
        for label, negated, values in re.findall(r"(\w+)(!?)=~?\"([^\"]*)\"", conditions):
            allowed = labels[label]
            assert allowed is FREE or set(values.split("|")) <= set(allowed), (series, negated)


def test_every_metric_is_on_the_dashboard():
    shown = named(" ".join(panels()))
    assert [each.name for each in METRICS.declared if not shown & set(each.series)] == []


def test_every_alert_is_explained_and_tested():
    names = [rule["alert"] for rule in alerts()]
    page, tests = PAGE.read_text(), (PROMETHEUS / "alerts_test.yml").read_text()
    assert re.findall(r"^\| `(Precis\w+)` \|", page, re.MULTILINE) == names
    assert set(re.findall(r"alertname: (\w+)", tests)) == set(names)


def promtool(*arguments, cwd=PROMETHEUS):
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool isn't installed; it is in Debian's package prometheus")
    return subprocess.run(
        [program, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
        ("check", "config", "prometheus.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_takes_the_files(arguments):
    run = promtool(*arguments)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_prometheus_takes_what_the_dashboard_asks(tmp_path):
    rules = [
        {"record": f"panel:{n}", "expr": expression.replace("$__rate_interval", "5m")}
        for n, expression in enumerate(panels())
    ]
    written = {"groups": [{"name": "dashboard", "rules": rules}]}
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(written))
    run = promtool("check", "rules", "rules.yml", cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
