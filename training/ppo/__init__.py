"""PPO for encoder-decoders, against a hate-speech reward: what detoxifies an adapter."""
