"""Matches as one self-contained HTML page: no network, no server, nothing from an article runs."""

from __future__ import annotations

from dedup.reporting.html.corpus import render_check_page as render_check_page
from dedup.reporting.html.corpus import render_corpus_page as render_corpus_page
from dedup.reporting.html.pair import render_pair_page as render_pair_page

__all__ = ["render_check_page", "render_corpus_page", "render_pair_page"]
