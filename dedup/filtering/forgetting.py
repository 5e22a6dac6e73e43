"""Forgetting articles together with what was decided of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dedup.filtering.state import committed, state_of
from dedup.index.library import StoredLibrary


def forget_articles(library: StoredLibrary, ids: Iterable[str]) -> int:
    """Forget articles with all their versions and decisions; return how many were there.

    Otherwise one that comes again would get its old decision. All are forgotten together, or none;
    within a transaction of the library, with the rest of it.
    """
    state, ids = state_of(library), list(dict.fromkeys(ids))
    with library.transaction():
        removed = library.index.remove([row for one in ids for row in state.history(one)])
        state.forget(ids=ids)
    return removed


def expire_articles(library: StoredLibrary, before: datetime) -> int:
    """Forget the articles of before a time, and the decisions; return how many articles.

    On disk all are forgotten together; on Redis in parts, so that other workers need not wait.
    """
    with committed(library):
        expired = library.expire(before)
        state_of(library).forget(before=int(before.timestamp()))
    return expired


def is_remembered(library: StoredLibrary, article_id: str) -> bool:
    """Say whether an index holds an article of this id, or remembers a decision of one."""
    state = state_of(library)
    return bool(state.history(article_id)) or state.seen(article_id)
