"""Scoring: alignment, overlap, relation and clusters of verified pairs."""
