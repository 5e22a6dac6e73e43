"""What the processes behind the service do: check, compare, add and remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from dedup.article import Article, DedupError
from dedup.detector import Detector
from dedup.filtering.forgetting import forget_articles
from dedup.filtering.state import committed
from dedup.index.disk.library import DiskLibrary
from dedup.index.library import DuplicateId, Overtaken, StoredLibrary
from dedup.integrations.service.messages import (
    Add,
    Check,
    Compare,
    Done,
    Open,
    Ready,
    Refused,
    Remove,
    Written,
    described,
)
from dedup.reporting.json import result_json, to_json
from dedup.scoring.compiled import COMPILING_PAYS
from dedup.scoring.match import FoundBy

_WORDS = "These are a dozen words that two articles have in common by design"
_ATTEMPTS = 5
"""How often to try a change where others change the same meanwhile."""


class Reader:
    """Checks and compares."""

    def __init__(self, index: str) -> None:
        self._detector = Detector.open(index, write=False, threads=1)
        self._warm_up()

    def ready(self) -> Ready:
        """Say how many articles there are."""
        return Ready(len(self._detector))

    def run(self, job: Check | Compare) -> Done:
        """Do one job."""
        if isinstance(job, Compare):
            match = self._detector.compare(job.a, job.b, min_span=job.min_span)
            return Done(to_json(match.to_dict()).encode())
        return Done(to_json(self._check(job)).encode())

    def close(self) -> None:
        """Close the index."""
        self._detector.close()

    def _warm_up(self) -> None:
        """Load, or once compile, what many checks take: no request is to wait for it."""
        verifier, found_by = self._detector._verifier, FoundBy(0, 0, 0.0)
        verifier.expect(COMPILING_PAYS)
        verifier.verify(Article("a", _WORDS), Article("b", _WORDS), found_by)
        self._detector.check(Article("c", _WORDS))

    def _check(self, job: Check) -> dict[str, Any]:
        found = list(self._detector.check_all(job.articles, everything=job.everything))
        cut = self._detector.candidates_cut
        errors = [{"message": f"{cut} candidates over the limit were not compared"}] if cut else []
        return result_json(
            [match for matches in found for match in matches[: job.top]],
            [],
            errors,
            standing_only=self._detector.standing_only,
        )


class Writer:
    """Adds and removes; on disk, what comes together is committed together."""

    def __init__(self, index: str) -> None:
        self._detector = Detector.open(index, write=True, threads=1)
        self._library = cast("StoredLibrary", self._detector.library)

    def ready(self) -> Ready:
        """Say how many articles there are."""
        return Ready(len(self._detector))

    def run(self, group: Sequence[Add | Remove]) -> Written:
        """Do changes, each as a whole or not at all; when it returns, they are committed."""
        try:
            outcomes = self._together(group)
        except Exception:
            if len(group) == 1:
                raise
            outcomes = [self._alone(one) for one in group]
        return Written(outcomes, len(self._detector))

    def close(self) -> None:
        """Close the index."""
        self._detector.close()

    def _together(self, group: Sequence[Add | Remove]) -> list[Done | Refused]:
        if not isinstance(self._library, DiskLibrary):
            return [self._change_shared(one) for one in group]
        with committed(self._library):
            return [self._change(one) for one in group]

    def _alone(self, job: Add | Remove) -> Done | Refused:
        """Do what could not be done with others, so that one of them fails, not all."""
        try:
            return self._together([job])[0]
        except DedupError as error:
            return Refused(503, str(error))
        except Exception as error:
            return Refused(500, described(error))

    def _change(self, job: Add | Remove) -> Done | Refused:
        return self._add(job) if isinstance(job, Add) else self._remove(job)

    def _change_shared(self, job: Add | Remove) -> Done | Refused:
        """Do one change where others write too; what they did first is seen at the next attempt."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._library.transaction():
                    return self._change(job)
            except (DuplicateId, Overtaken) as error:
                refused = Refused(503, f"{error} (tried {attempt} times)")
            except DedupError as error:
                return Refused(503, str(error))
        return refused

    def _add(self, job: Add) -> Done | Refused:
        new: dict[str, Article] = {}
        old: list[str] = []
        known = 0
        for article in job.articles:
            if (twin := new.get(article.id)) is not None:
                if twin.text != article.text:
                    return Refused(409, f"the id {article.id!r} comes twice, with different texts")
                continue
            text = self._text(article.id)
            if text is None:
                new[article.id] = article
            elif text == article.text:
                known += 1
            elif job.replace:
                new[article.id] = article
                old.append(article.id)
            else:
                return Refused(
                    409,
                    f"the id {article.id!r} is there with another text; nothing was added "
                    "(replace=true puts this one into its place)",
                )
        self._forget(old)
        self._detector.add(new.values())
        added = len(new) - len(old)
        return _done({"added": added, "replaced": len(old), "known": known})

    def _remove(self, job: Remove) -> Done:
        ids = list(dict.fromkeys(job.ids))
        missing = [one for one in ids if one not in self._detector]
        return _done({"removed": self._forget(ids), "missing": missing})

    def _text(self, article_id: str) -> str | None:
        row = self._library.row_of(article_id)
        return None if row is None else self._library.articles([row])[0].text

    def _forget(self, ids: Sequence[str]) -> int:
        """Forget articles with all their versions, and what the filter decided of them."""
        return forget_articles(self._library, ids) if ids else 0


def open_index(setup: Open) -> Reader | Writer:
    """Open an index.

    Raises
    ------
    DedupError
        If that cannot be.
    """
    try:
        return Writer(setup.index) if setup.write else Reader(setup.index)
    except OSError as error:
        raise DedupError(f"{setup.index}: cannot be opened ({error.strerror or error})") from None


def _done(values: dict[str, Any]) -> Done:
    return Done(to_json(values).encode())
