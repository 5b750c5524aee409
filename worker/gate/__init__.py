"""The toxicity gate: scorers behind one protocol, and the policy that acts on their scores."""
