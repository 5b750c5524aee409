"""What moderators see and do, without a platform; `desk` is what an adapter brings."""
