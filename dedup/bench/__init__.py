"""Bench: the suites behind `dedup bench`."""
