"""The stages that each scenario is played on."""

import pytest

from tests.bot.processes import deployed
from tests.scenarios.discord_stage import discord_stage
from tests.scenarios.slack_stage import slack_stage

STAGES = {"discord": discord_stage, "slack": slack_stage}


@pytest.fixture(params=sorted(STAGES))
def stage(request):
    with STAGES[request.param]() as made:
        yield made


@pytest.fixture
def ana(stage):
    return stage.people[0]


@pytest.fixture
def ben(stage):
    return stage.people[1]


@pytest.fixture
def variables(redis_url, tmp_path):
    """Those of bots and workers on a real Redis."""
    return deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}")
