"""A gate as PPO's reward, for where there is no data to train one on."""

from tests.training.refresh.conftest import SHIPPED
from training.reward import GateReward, is_gate, reward_in


def test_a_gates_folder_rewards_what_is_clean():
    reward = reward_in(SHIPPED / "gate")
    assert isinstance(reward, GateReward)
    clean, rude = reward(["They meet on Thursday.", "You are a stupid idiot."])
    assert clean > 0 > rude


def test_other_folders_are_no_gates(tmp_path):
    assert not is_gate(tmp_path)
    assert not is_gate(SHIPPED / "embedded")
