"""PPO's formulas against values worked by hand, or by a formulation of their own."""

import math

import pytest
import torch

from training.ppo.losses import (
    AdaptiveKL,
    Running,
    advantages_and_returns,
    policy_loss,
    token_rewards,
    value_loss,
    whiten,
)


def tensor(*rows):
    return torch.tensor(rows, dtype=torch.float64)


def test_the_score_falls_on_the_last_token_that_was_sampled():
    rewards = token_rewards(
        scores=torch.tensor([2.0, -1.0]),
        log_probs=tensor([-1.0, -2.0, -9.0], [-1.0, -1.0, -1.0]),
        reference=tensor([-1.5, -1.0, -5.0], [-1.0, -1.0, -3.0]),
        mask=tensor([1, 1, 0], [1, 1, 1]),
        beta=0.5,
    )
    expected = tensor([-0.25, 2.0 + 0.5, 0.0], [0.0, 0.0, -1.0 - 1.0])
    assert torch.allclose(rewards, expected)


def test_advantages_worked_by_hand():
    # γ = 0.9, λ = 0.5. δ2 = 2 − 1 = 1; δ1 = 1 + 0.9·1 − 0.5 = 1.4; δ0 = 0 + 0.9·0.5 − 0 = 0.45.
    # A2 = 1; A1 = 1.4 + 0.45·1 = 1.85; A0 = 0.45 + 0.45·1.85 = 1.2825.
    advantages, returns = advantages_and_returns(
        tensor([0.0, 1.0, 2.0]), tensor([0.0, 0.5, 1.0]), tensor([1, 1, 1]), gamma=0.9, lam=0.5
    )
    assert torch.allclose(advantages, tensor([1.2825, 1.85, 1.0]))
    assert torch.allclose(returns, tensor([1.2825, 2.35, 2.0]))


def test_advantages_agree_with_their_definition_as_a_sum():
    torch.manual_seed(0)
    rewards, values = torch.randn(4, 7).double(), torch.randn(4, 7).double()
    lengths = [7, 3, 1, 5]
    mask = tensor(*[[1.0] * n + [0.0] * (7 - n) for n in lengths])
    advantages, _ = advantages_and_returns(rewards * mask, values, mask, gamma=0.97, lam=0.9)
    for row, length in enumerate(lengths):
        for t in range(length):
            total = 0.0
            for k in range(t, length):
                after = values[row, k + 1] if k + 1 < length else 0.0
                delta = rewards[row, k] + 0.97 * after - values[row, k]
                total += (0.97 * 0.9) ** (k - t) * delta
            assert advantages[row, t].item() == pytest.approx(float(total))
        assert not advantages[row, length:].any()


def test_with_lambda_one_returns_are_what_is_still_to_come():
    torch.manual_seed(1)
    rewards, values = torch.randn(2, 5), torch.randn(2, 5)
    _, returns = advantages_and_returns(rewards, values, torch.ones(2, 5), gamma=1.0, lam=1.0)
    assert torch.allclose(returns, rewards.flip(1).cumsum(1).flip(1), atol=1e-5)


def test_padding_changes_nothing():
    torch.manual_seed(2)
    rewards, values = torch.randn(1, 4), torch.randn(1, 4)
    short, _ = advantages_and_returns(rewards, values, torch.ones(1, 4), 0.9, 0.8)
    mask = torch.tensor([[1.0, 1, 1, 1, 0, 0]])
    padded = torch.nn.functional.pad(rewards, (0, 2))
    wild = torch.nn.functional.pad(values, (0, 2), value=99.0)
    long, _ = advantages_and_returns(padded, wild, mask, 0.9, 0.8)
    assert torch.allclose(long[:, :4], short)


def test_whitening_gives_mean_0_and_variance_1_where_it_counts():
    mask = tensor([1, 1, 0], [1, 0, 0])
    white = whiten(tensor([1.0, 2.0, 50.0], [6.0, -7.0, 0.0]), mask)
    kept = white[mask.bool()]
    assert kept.mean().item() == pytest.approx(0.0, abs=1e-9)
    assert kept.var(unbiased=False).item() == pytest.approx(1.0, rel=1e-6)
    assert not white[~mask.bool()].any()


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss"),
    [
        (1.0, 2.0, -2.0),
        (1.5, 2.0, -2.4),  # gained enough: clipped at 1.2
        (0.5, 2.0, -1.0),
        (1.5, -2.0, 3.0),
        (0.5, -2.0, 1.6),  # lost enough: clipped at 0.8
    ],
)
def test_the_policys_loss_is_clipped_on_the_side_of_gain_alone(ratio, advantage, loss):
    got, clipped = policy_loss(
        tensor([math.log(ratio)]), tensor([0.0]), tensor([advantage]), tensor([1.0]), 0.2
    )
    assert got.item() == pytest.approx(loss)
    assert clipped.item() == float(loss in (-2.4, 1.6))


def test_at_the_sampling_policy_the_loss_is_policy_gradient():
    torch.manual_seed(3)
    logits = torch.randn(2, 3, 5, dtype=torch.float64, requires_grad=True)
    actions = torch.randint(5, (2, 3))
    advantages, mask = torch.randn(2, 3).double(), torch.ones(2, 3).double()
    log_probs = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    loss, _ = policy_loss(log_probs, log_probs.detach(), advantages, mask, 0.2)
    [ours] = torch.autograd.grad(loss, logits)
    onehot = torch.nn.functional.one_hot(actions, 5)
    theirs = -advantages.unsqueeze(-1) * (onehot - logits.softmax(-1)) / 6
    assert torch.allclose(ours, theirs)


def test_the_values_loss_takes_the_worse_of_near_and_free():
    # V 2, V_old 1, ε 0.2: clipped 1.2. R 3: max(1, 3.24)/2; R 1.1: max(0.81, 0.01)/2.
    loss = value_loss(tensor([2.0]), tensor([1.0]), tensor([3.0]), tensor([1.0]), 0.2)
    assert loss.item() == pytest.approx(1.62)
    loss = value_loss(tensor([2.0]), tensor([1.0]), tensor([1.1]), tensor([1.0]), 0.2)
    assert loss.item() == pytest.approx(0.405)


def test_beta_follows_the_kl_and_never_by_more_than_a_fifth():
    far = AdaptiveKL(beta=0.2, target=6.0, horizon=100)
    far.update(kl=60.0, rollouts=10)
    assert far.beta == pytest.approx(0.2 * (1 + 0.2 * 10 / 100))
    near = AdaptiveKL(beta=0.2, target=6.0, horizon=100)
    near.update(kl=5.4, rollouts=10)
    assert near.beta == pytest.approx(0.2 * (1 - 0.1 * 10 / 100))


def test_running_statistics_agree_with_torch():
    torch.manual_seed(4)
    values = torch.randn(50, dtype=torch.float64) * 3 + 2
    running = Running()
    for part in values.split(7):
        running.add(part)
    assert running.mean == pytest.approx(values.mean().item())
    assert running.std == pytest.approx(values.std(unbiased=False).item())
