"""The index on disk: one table of truth in SQLite, and sorted arrays derived from it."""
