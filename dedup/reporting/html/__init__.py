"""Matches as one self-contained HTML page: no network, no server, nothing from an article runs."""

from __future__ import annotations

from dedup.reporting.html.pair import render_pair_page as render_pair_page

__all__ = ["render_pair_page"]
