"""Verifying an index on disk: the truth, the checksums, and whether they belong together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import zstandard

from dedup.index.disk.index import DiskIndex
from dedup.index.disk.records import unpack
from dedup.index.library import Report
from dedup.sketch.sketches import sketch

_BATCH = 512


@dataclass(frozen=True, slots=True)
class DiskReport(Report):
    """What verifying found; of segments it can repair all."""

    segments: int


def verify(index: DiskIndex, *, texts: bool) -> DiskReport:
    """Verify an index opened for writing; see `DiskLibrary.verify`."""
    database = index.database
    index.builder.settle()
    problems = [
        f"articles.db: {line}"
        for (line,) in database.connection.execute("PRAGMA quick_check(20)")
        if line != "ok"
    ]
    if texts:
        problems += _damaged_texts(index)
    repaired = []
    counted = _counted(index)
    state = database.state()
    if counted != (state.rows, state.different):
        with database.transaction():
            database.count(counted[0] - state.rows, counted[1] - state.different)
        repaired.append("the counts of articles")
    if database.repair_ids():
        repaired.append("which rows ids have")
    if swept := index.store.sweep():
        repaired.append(f"{swept} files that a killed writer left")
    index.store.drop_damaged()
    repaired += [f"segments/{name} was damaged" for name in index.builder.repair()]
    problems += _gaps(index)
    return DiskReport(counted[0], tuple(problems), tuple(repaired), len(index.store.segments))


def _counted(index: DiskIndex) -> tuple[int, int]:
    """Count rows and different texts."""
    one = index.database.one
    rows = one("SELECT count(*) FROM articles")
    orphans = one(
        "SELECT count(DISTINCT slot) FROM articles WHERE slot IS NOT NULL "
        "AND slot NOT IN (SELECT row FROM articles)"
    )
    further = one("SELECT count(*) FROM articles WHERE slot IS NOT NULL")
    return rows, rows - further + orphans


def _gaps(index: DiskIndex) -> list[str]:
    """Check that every text is in exactly one segment or pending."""
    end, problems = 0, []
    for registered in index.database.segments():
        if registered.first != end:
            problems.append(f"segments: rows {end} to {registered.first} are in none or in two")
        end = registered.last
    if len(index.store.segments) != len(index.database.segments()):
        problems.append("segments: not all of them can be read")
    different = index.database.state().different
    found = int(np.count_nonzero(index.contents.slots.alive()))
    if not problems and found != different:
        problems.append(f"segments: {found} texts can be found, of {different}")
    return problems


def _damaged_texts(index: DiskIndex) -> Iterator[str]:
    """Sketch all texts again and yield a line for each that is not what was stored."""
    rows = index.database.connection.execute(
        "SELECT row, id, text_hash, words, signature, text FROM articles "
        "WHERE text IS NOT NULL ORDER BY row"
    )
    while batch := rows.fetchmany(_BATCH):
        texts = []
        for row, article_id, _, _, _, packed in batch:
            try:
                texts.append(unpack(packed))
            except (zstandard.ZstdError, UnicodeDecodeError):
                yield f"articles.db: the text of {article_id!r} (row {row}) is damaged"
                texts.append("")
        sketches = sketch(texts, index.parameters)
        signatures = np.array(
            [
                np.frombuffer(signature, np.uint32)
                for *_, signature, _ in batch
                if len(signature) == 4 * index.parameters.num_perm
            ]
        )
        hashes = np.array([text_hash for _, _, text_hash, _, _, _ in batch], np.int64)
        same = hashes.view(np.uint64) == sketches.text_hashes
        if len(signatures) == len(batch):
            same &= (signatures == sketches.signatures).all(axis=1)
        else:
            same &= False
        for number in np.flatnonzero(~same).tolist():
            row, article_id = batch[number][:2]
            if texts[number] or not batch[number][3]:
                yield f"articles.db: the sketch of {article_id!r} (row {row}) is not its text's"
