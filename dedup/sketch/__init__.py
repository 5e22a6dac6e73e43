"""Sketch: shingles, signatures and fingerprints."""
