"""Generators of summaries, behind one protocol (`worker.generators.generator`)."""
