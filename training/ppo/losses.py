"""PPO's formulas, as pure functions of tensors [rollouts, tokens].

Schulman et al., 2016, "High-Dimensional Continuous Control Using Generalized Advantage
Estimation" (GAE); Schulman et al., 2017, "Proximal Policy Optimization Algorithms" (PPO); Ziegler
et al., 2019, "Fine-Tuning Language Models from Human Preferences" (the KL penalty and its
controller). `mask` is 1 at the tokens that were sampled, up to the end token, and 0 after.
"""

from dataclasses import dataclass

import torch


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over the tokens that were sampled: a scalar."""
    return (values * mask).sum() / mask.sum()


def whiten(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """`values` with mean 0 and variance 1 over the tokens that were sampled, 0 elsewhere."""
    mean = masked_mean(values, mask)
    variance = masked_mean((values - mean) ** 2, mask)
    return (values - mean) * (variance + 1e-8).rsqrt() * mask


def token_rewards(
    scores: torch.Tensor,
    log_probs: torch.Tensor,
    reference: torch.Tensor,
    mask: torch.Tensor,
    beta: float,
) -> torch.Tensor:
    """r_t = −β (log π(a_t) − log π_ref(a_t)), plus the score [rollouts] at the last token."""
    rewards = -beta * (log_probs - reference) * mask
    last = mask.sum(1).long() - 1
    return rewards.scatter_add(1, last.unsqueeze(1), scores.to(rewards).unsqueeze(1))


def advantages_and_returns(
    rewards: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, gamma: float, lam: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """GAE: δ_t = r_t + γ V_{t+1} − V_t; A_t = δ_t + γ λ A_{t+1}; returns A_t + V_t.

    Nothing follows the last token: its V_{t+1} and A_{t+1} are 0.
    """
    values = values * mask
    advantages = torch.zeros_like(rewards)
    ahead = torch.zeros_like(rewards[:, 0])
    for t in range(rewards.shape[1] - 1, -1, -1):
        following = values[:, t + 1] if t + 1 < rewards.shape[1] else torch.zeros_like(ahead)
        delta = rewards[:, t] + gamma * following - values[:, t]
        ahead = (delta + gamma * lam * ahead) * mask[:, t]
        advantages[:, t] = ahead
    return advantages, advantages + values


def policy_loss(
    log_probs: torch.Tensor,
    old: torch.Tensor,
    advantages: torch.Tensor,
    mask: torch.Tensor,
    clip: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Clipped surrogate: mean of max(−A ρ, −A clip(ρ, 1 − ε, 1 + ε)), ρ = π(a) / π_old(a).

    Returns the loss, and the share of tokens at which the clipping held the policy back.
    """
    ratio = (log_probs - old).exp()
    free = -advantages * ratio
    held = -advantages * ratio.clamp(1 - clip, 1 + clip)
    return masked_mean(torch.max(free, held), mask), masked_mean((held > free).float(), mask)


def value_loss(
    values: torch.Tensor,
    old: torch.Tensor,
    returns: torch.Tensor,
    mask: torch.Tensor,
    clip: float,
) -> torch.Tensor:
    """½ mean of max((V − R)², (clip(V, V_old − ε, V_old + ε) − R)²)."""
    near = torch.max(torch.min(values, old + clip), old - clip)
    return 0.5 * masked_mean(torch.max((values - returns) ** 2, (near - returns) ** 2), mask)


@dataclass
class AdaptiveKL:
    """β that keeps the KL to the reference, summed over a summary's tokens, near `target` nats.

    β ← β (1 + clip(KL / target − 1, −0.2, 0.2) · n / horizon), after n rollouts.
    """

    beta: float
    target: float
    horizon: int

    def update(self, kl: float, rollouts: int) -> None:
        error = max(-0.2, min(0.2, kl / self.target - 1))
        self.beta *= 1 + error * rollouts / self.horizon


@dataclass
class Running:
    """Mean and standard deviation of all values so far (Welford, 1962)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, values: torch.Tensor) -> None:
        for value in values.flatten().tolist():
            self.count += 1
            delta = value - self.mean
            self.mean += delta / self.count
            self.squares += delta * (value - self.mean)

    @property
    def std(self) -> float:
        return float((self.squares / self.count) ** 0.5) if self.count else 0.0
