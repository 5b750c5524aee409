"""Measures speed and memory, as ratios within one run. Not part of the tests."""
