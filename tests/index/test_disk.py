"""What the index on disk promises beyond the protocol: it lasts, is shared, and mends itself."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_backends import MEMORY, PARAMETERS, SmallSegments, nets, random_texts
from test_protocol import cut_of, held_by, listed, paired

from dedup.article import Article, Credit, DedupError
from dedup.detector import Detector
from dedup.index.disk.errors import DiskIndexError, IndexLocked
from dedup.index.disk.index import DiskIndex
from dedup.index.disk.library import DiskLibrary
from dedup.index.library import DuplicateId
from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.sketch.parameters import ParameterMismatch, SketchParameters
from dedup.sketch.sketches import sketch

STORY = " ".join(f"word{number}" for number in range(120))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def library(path: Path) -> Iterator[DiskLibrary]:
    with DiskLibrary.create(path) as library:
        yield library


def article(number: int, **fields: object) -> Article:
    text = f"{STORY} {' '.join(f'own{number}x{word}' for word in range(30))}"
    return Article(**{"id": f"n{number}", "text": text, **fields})  # type: ignore[arg-type]


def add(library: DiskLibrary, *articles: Article) -> list[int]:
    rows = library.add(articles, sketch([a.text for a in articles], library.index.parameters))
    return rows.tolist()


def found(library: DiskLibrary, text: str = STORY) -> list[int]:
    return sorted(library.index.candidates(sketch([text])).rows.tolist())


def filled(path: Path, count: int = 400) -> None:
    """Make an index with a segment."""
    with DiskLibrary.create(path) as library:
        add(library, *map(article, range(count)))
        library.index.builder.settle(seal=True)


def segment_files(path: Path) -> list[Path]:
    return sorted((path / "segments").iterdir())


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), nets, st.data())
def test_answers_are_those_of_the_index_in_memory_whatever_was_done(
    seed: int, nets: Nets, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    memory = MemoryIndex(PARAMETERS, nets)
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        path = Path(directory) / "index"
        DiskLibrary.create(path, PARAMETERS, nets).close()
        disk, reader = SmallSegments(path, write=True), SmallSegments(path, write=False)
        steps = st.sampled_from(["add", "add", "remove", "compact", "reopen", "repair", "read"])
        for step in data.draw(st.lists(steps, min_size=1, max_size=12)):
            if step == "add":
                texts = random_texts(rng, int(rng.integers(0, 12)), 20, 40)
                assert disk.add(texts).tolist() == memory.add(texts).tolist()
            elif step == "remove":
                rows = rng.integers(-1, 40, 5)
                assert disk.remove(rows) == memory.remove(rows)
            elif step == "compact":
                disk.builder.compact()
            elif step == "reopen":
                disk.close()
                disk = SmallSegments(path, write=True)
            else:
                asked = random_texts(rng, 5, 20, 40)
                assert listed(reader.candidates(asked)) == listed(memory.candidates(asked))
        asked = random_texts(rng, 9, 20, 60)
        expected = memory.candidates(asked)
        for index in (disk, reader, SmallSegments(path, write=False)):
            ours = index.candidates(asked)
            assert listed(ours) == listed(expected)
            assert ours.keys_cut.tolist() == expected.keys_cut.tolist()
            assert index.find(asked).tolist() == memory.find(asked).tolist()
            assert held_by(index.earliest_holders(asked.fingerprints, 2)) == held_by(
                memory.earliest_holders(asked.fingerprints, 2)
            )
            assert sorted(paired(index)) == sorted(paired(memory))
            assert (len(index), index.distinct) == (len(memory), memory.distinct)


def test_articles_come_back_as_they_were(library: DiskLibrary, path: Path) -> None:
    credit = Credit("EFE", "dateline", "Madrid (EFE).-", (0, 14), place="Madrid", date="--11-21")
    articles = [
        Article(
            "a", "Ünï\ud800code \0 text 新闻", "T", "S", "2017-11", "http://x/", "es", (credit,)
        ),
        Article("a file \udcff", ""),
        Article("", "empty id"),
        Article("dated", "x", published=datetime(2020, 1, 2, 3, 4, tzinfo=UTC)),
    ]
    rows = add(library, *articles)
    library.close()
    with DiskLibrary.open(path) as reader:
        back = reader.articles(rows)
        assert back[:3] == articles[:3]
        assert back[3].published == "2020-01-02T03:04:00+00:00"
        assert [reader.row_of(one.id) for one in articles] == rows == list(reader.rows())
        assert reader.row_of("b") is None
        with pytest.raises(KeyError, match="row 9"):
            reader.articles([9])


def test_a_batch_is_added_whole_or_not_at_all(library: DiskLibrary) -> None:
    add(library, article(1))
    for wrong in ([article(2), article(1)], [article(3), article(3)]):
        with pytest.raises(DuplicateId):
            add(library, *wrong)
    assert len(library) == 1
    assert found(library) == [0]


def test_an_empty_library_is_one_to_add_to(library: DiskLibrary) -> None:
    detector = Detector(library=library)
    assert detector.add([article(1), article(2)]) == 2
    assert len(library) == 2
    assert [match.a.id for match in detector.check(article(3))] == ["n1", "n2"]


def test_a_reader_sees_what_the_writer_commits_and_nothing_else(
    library: DiskLibrary, path: Path
) -> None:
    with DiskLibrary.open(path) as reader:
        assert found(reader) == []
        add(library, article(1))
        assert found(reader) == [0]
        with library.transaction():
            add(library, article(2))
            assert found(library) == [0, 1]
            assert found(reader) == [0]
        assert found(reader) == [0, 1]
        library.remove(["n1"])
        assert found(reader) == [1]
        add(library, *map(article, range(3, 400)))
        library.compact()
        assert len(found(reader)) == 398
        library.expire("2999")
        assert (found(reader), len(reader)) == ([], 0)
        for change in (lambda: add(reader, article(5)), lambda: reader.remove([]), reader.compact):
            with pytest.raises(DiskIndexError, match="opened for reading"):
                change()


def test_a_transaction_keeps_the_callers_rows_and_the_articles_together(
    library: DiskLibrary, path: Path
) -> None:
    with library.transaction() as connection:
        connection.execute("CREATE TABLE own_runs(place)")
    with pytest.raises(RuntimeError), library.transaction() as connection:
        connection.execute("INSERT INTO own_runs VALUES (1)")
        add(library, article(1))
        with pytest.raises(DuplicateId):
            add(library, article(2), article(1))
        raise RuntimeError
    assert (len(library), found(library)) == (0, [])
    with library.transaction() as connection:
        connection.execute("INSERT INTO own_runs VALUES (2)")
        add(library, article(1))
    assert library.connection.execute("SELECT place FROM own_runs").fetchall() == [(2,)]
    assert found(library) == [0]
    library.remove(["n1"])
    with pytest.raises(RuntimeError), library.transaction():
        library.remove(["n1"])
        add(library, article(1))
        raise RuntimeError
    assert (len(library), found(library)) == (0, [])
    assert library.verify().ok


def test_expiry_goes_by_the_published_date_else_by_arrival(library: DiskLibrary) -> None:
    dates = ["2017", "2017-05", "2017-05-31T23:59:59Z", "2017-06-01T01:00:00+02:00", "2017-06-01"]
    add(library, *(article(number, published=date) for number, date in enumerate(dates)))
    add(library, article(10), article(11, published="soon"))
    assert library.expire("2017-06") == 3
    assert [library.row_of(f"n{number}") for number in range(5)] == [0, None, None, None, 4]
    assert library.expire(datetime.now(UTC)) == 2
    assert len(library) == 2
    time.sleep(1.1)
    assert library.expire(datetime.now(UTC)) == 2
    with pytest.raises(ValueError, match="neither"):
        library.expire("last week")


def test_what_was_expired_gives_its_room_back(library: DiskLibrary) -> None:
    add(library, *map(article, range(2000)))
    library.index.builder.settle(seal=True)
    before = library.info()
    library.expire("2999")
    library.compact()
    after = library.info()
    assert (after.articles, after.different, after.segments) == (0, 0, 1)
    assert after.database_bytes < before.database_bytes / 5
    assert after.segment_bytes < before.segment_bytes / 100
    assert len(segment_files(library.path)) == 1
    assert library.verify().ok


def test_info_tells_what_is_there(library: DiskLibrary) -> None:
    assert (library.info().earliest, library.info().articles) == (None, 0)
    add(library, article(1, published="2001-01-01"), article(2, published="2002-01-01"))
    add(library, article(3, text=article(2).text, published="2002-01-01"))
    info = library.info()
    assert (info.articles, info.different, info.pending, info.segments) == (3, 2, 3, 0)
    assert info.earliest == datetime(2001, 1, 1, 23, 59, 59, tzinfo=UTC).timestamp()
    assert info.nets == Nets()
    assert info.database_bytes > 0


def test_a_second_writer_is_told_so(library: DiskLibrary, path: Path) -> None:
    with pytest.raises(IndexLocked, match="another process is writing"):
        DiskLibrary.open(path, write=True)
    library.close()
    DiskLibrary.open(path, write=True).close()


def test_no_child_outlives_a_killed_writer_holding_the_lock(path: Path) -> None:
    script = f"""
import os, subprocess, sys, time
from dedup.index.disk.library import DiskLibrary
library = DiskLibrary.create({str(path)!r})
child = os.fork()
if child == 0:
    print("forked", flush=True)
    time.sleep(60)
other = subprocess.Popen(["sleep", "60"])
print(child, other.pid, flush=True)
time.sleep(60)
"""
    writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    lines = [writer.stdout.readline(), writer.stdout.readline()]
    children = next(line for line in lines if "forked" not in line).split()
    writer.kill()
    writer.wait()
    try:
        DiskLibrary.open(path, write=True).close()
    finally:
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        writer.stdout.close()


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiskIndexError, match="no such index; create it first"):
        DiskLibrary.open(tmp_path / "nothing")
    (tmp_path / "file").write_text("x")
    for there in (tmp_path, tmp_path / "file"):
        for write in (False, True):
            with pytest.raises(DiskIndexError, match=r"not an index|no such index"):
                DiskLibrary.open(there, write=write)
    assert not (tmp_path / "lock").exists()
    with pytest.raises(DiskIndexError, match="is not empty"):
        DiskLibrary.create(tmp_path)
    (tmp_path / "articles.db").write_bytes(b"no database at all, but long enough to be one" * 99)
    with pytest.raises(DiskIndexError, match="not a database"):
        DiskLibrary.open(tmp_path)
    (tmp_path / "articles.db").unlink()
    sqlite3.connect(tmp_path / "articles.db").execute("CREATE TABLE someone_elses(x)")
    with pytest.raises(DiskIndexError, match="not ours"):
        DiskLibrary.open(tmp_path)


def test_an_index_is_created_once(library: DiskLibrary, path: Path) -> None:
    library.close()
    with pytest.raises(DiskIndexError, match="is an index already"):
        DiskLibrary.create(path)
    with pytest.raises(DedupError, match="need signatures of 128 values, not 64"):
        DiskLibrary.create(path.with_name("other"), SketchParameters(num_perm=64))


def test_other_formats_and_other_parameters_are_refused(library: DiskLibrary, path: Path) -> None:
    library.close()
    with pytest.raises(ParameterMismatch, match="seed is 1, not 2"):
        DiskLibrary.open(path, write=True, parameters=SketchParameters(seed=2))
    anew = "create an index anew"
    for written, advice in (("99", "newer version"), ("1", anew), ("2", anew)):
        connection = sqlite3.connect(path / "articles.db")
        with connection:
            connection.execute("UPDATE meta SET value = ? WHERE key = 'format'", (written,))
        connection.close()
        for write in (False, True):
            with pytest.raises(DiskIndexError, match=f"in format {written}, .*{advice}"):
                DiskLibrary.open(path, write=write)


def test_an_index_of_word_rules_v1_is_refused_with_what_to_do(
    library: DiskLibrary, path: Path
) -> None:
    library.close()
    connection = sqlite3.connect(path / "articles.db")
    with connection:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'parameters'",
            (SketchParameters(words="v1").to_json(),),
        )
    connection.close()
    for write in (False, True):
        with pytest.raises(ParameterMismatch) as caught:
            DiskLibrary.open(path, write=write)
        assert str(caught.value) == (
            f"the index {path} was made by word rules v1, and this version has v2; create an index "
            "anew and add its articles to it, or use the version that made it"
        )


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 9),
    st.lists(
        st.tuples(st.sampled_from(["add", "add", "remove", "undo", "reopen"]), st.integers(0, 4)),
        max_size=40,
    ),
)
def test_the_row_of_an_id_is_known_wherever_it_is_kept(tmp_path_factory, recent, steps) -> None:
    path = tmp_path_factory.mktemp("index") / "index"
    known: dict[str, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.index.disk.database.RECENT_IDS", recent)
        library = DiskLibrary.create(path)
        for step, number in steps:
            name = f"n{number}"
            if step == "remove":
                assert library.remove([name]) == (known.pop(name, None) is not None)
            elif step == "reopen":
                library.close()
                library = DiskLibrary.open(path, write=True)
            elif name in known:
                with pytest.raises(DuplicateId):
                    add(library, article(number))
            elif step == "undo":
                with pytest.raises(ZeroDivisionError), library.transaction():
                    add(library, article(number))
                    raise ZeroDivisionError
            else:
                (known[name],) = add(library, article(number))
            assert {f"n{n}": library.row_of(f"n{n}") for n in range(5)} == {
                f"n{n}": known.get(f"n{n}") for n in range(5)
            }
        assert library.verify().repaired == ()
        library.close()


def test_recent_ids_are_put_away_together(library: DiskLibrary, monkeypatch) -> None:
    monkeypatch.setattr("dedup.index.disk.database.RECENT_IDS", 3)
    kept = []
    for numbers in ((0,), (1,), (2, 3, 4), (5,), (6,), (7, 8)):
        add(library, *map(article, numbers))
        kept.append(library.index.database.one("SELECT count(*) FROM recent_ids"))
    assert kept == [1, 2, 0, 0, 1, 0]
    add(library, article(9))
    assert library.remove(["n0", "n9"]) == 2  # one put away, one recent
    assert [library.row_of(name) for name in ("n0", "n1", "n9")] == [None, 1, None]
    assert add(library, article(0), article(9)) == [10, 11]
    assert [library.row_of(name) for name in ("n0", "n1", "n9")] == [10, 1, 11]


@pytest.mark.parametrize(
    "damage",
    ["DELETE FROM ids WHERE id = 'n1'", "DELETE FROM recent_ids", "UPDATE ids SET row = 2",
     "INSERT INTO ids VALUES ('n9', 9)"],
)  # fmt: skip
def test_which_rows_ids_have_is_mended(library: DiskLibrary, damage: str) -> None:
    add(library, article(1), article(2))
    with library.transaction():
        library.index.database.put_away_ids()
    add(library, article(3))
    library.connection.execute(damage)
    assert library.verify().repaired == ("which rows ids have",)
    assert [library.row_of(f"n{number}") for number in (1, 2, 3, 9)] == [0, 1, 2, None]
    assert library.verify().repaired == ()


@pytest.mark.parametrize("damage", ["missing", "short", "flipped", "empty"])
def test_a_damaged_segment_costs_recall_until_it_is_rebuilt(path: Path, damage: str) -> None:
    filled(path)
    (file,) = segment_files(path)
    content = bytearray(file.read_bytes())
    if damage == "missing":
        file.unlink()
    elif damage == "short":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "empty":
        file.write_bytes(b"")
    else:
        for place in range(len(content) // 2, len(content) // 2 + 4000):
            content[place] ^= 255
        file.write_bytes(content)
    with DiskLibrary.open(path) as reader:
        assert set(found(reader)) <= set(range(400))
    with DiskLibrary.open(path, write=True) as library:
        if damage == "flipped":
            assert len(library.verify().repaired) == 1
        assert found(library) == list(range(400))
        report = library.verify()
        assert (report.ok, report.repaired, report.articles) == (True, (), 400)
        add(library, article(400))
        assert len(found(library)) == 401


def test_a_reader_that_misses_a_segment_still_sees_what_is_added(path: Path) -> None:
    filled(path, 300)
    with DiskLibrary.open(path, write=True) as library:
        segment_files(path)[0].unlink()
        with DiskLibrary.open(path) as reader:
            assert (found(reader), reader.info().damaged) == ([], 1)
            for number in range(300, 303):
                add(library, article(number))
                assert found(reader) == list(range(300, number + 1))
            library.remove(["n5", "n301"])
            assert found(reader) == [300, 302]
            assert len(found(library)) == 301
    with DiskLibrary.open(path, write=True) as library:
        assert len(found(library)) == 301


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32))
def test_flipped_bits_never_lead_to_what_is_not_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        path = Path(directory) / "index"
        DiskLibrary.create(path, PARAMETERS, Nets(bands=8, cap=20)).close()
        index = DiskIndex(path, write=True)
        stored = random_texts(rng, 200, 30, 150)
        rows = set(index.add(stored).tolist())
        index.builder.settle(seal=True)
        removed = rng.choice(200, int(rng.integers(0, 9)), replace=False)
        index.remove(removed)
        index.close()
        (file,) = segment_files(path)
        content = np.frombuffer(file.read_bytes(), np.uint8).copy()
        places = rng.integers(0, len(content), int(rng.integers(1, 400)))
        content[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
        file.write_bytes(content.tobytes())
        reader = DiskIndex(path, write=False)
        candidates = reader.candidates(stored)
        assert set(candidates.rows.tolist()) <= rows - set(removed.tolist())
        reader.signatures(candidates.rows)
        assert set(reader.find(stored).tolist()) <= (rows - set(removed.tolist())) | {-1}
        holders = reader.earliest_holders(stored.fingerprints, 3)
        assert set(holders.rows.tolist()) <= rows - set(removed.tolist())
        assert max(map(len, held_by(holders))) <= 3


def test_a_damaged_article_is_named(library: DiskLibrary) -> None:
    add(library, article(1), article(2), article(3))
    with library.transaction() as connection:
        connection.execute("UPDATE articles SET text = substr(text, 1, 40) WHERE id = 'n1'")
        connection.execute("UPDATE articles SET signature = zeroblob(512) WHERE id = 'n3'")
    report = library.verify()
    assert [line[:45] for line in report.problems] == [
        "articles.db: the text of 'n1' (row 0) is dama",
        "articles.db: the sketch of 'n3' (row 2) is no",
    ]
    assert library.verify(texts=False).ok


def test_wrong_counts_are_corrected(library: DiskLibrary) -> None:
    add(library, article(1), article(2), article(3, text=article(2).text))
    library.remove(["n2"])
    assert library.verify().repaired == ()
    with library.transaction() as connection:
        connection.execute("UPDATE state SET rows = 7, different = 9")
    assert library.verify().repaired == ("the counts of articles",)
    assert (len(library), library.index.distinct) == (2, 2)


def test_a_log_cut_short_leaves_the_last_whole_commit(path: Path, tmp_path: Path) -> None:
    library = DiskLibrary.create(path)
    ends = []
    for number in range(30):
        add(library, article(number))
        ends.append((path / "articles.db-wal").stat().st_size)
    copy = tmp_path / "copy"
    rng = np.random.default_rng(1)
    for cut in [0, *rng.integers(0, ends[-1], 15).tolist(), *ends[-4:]]:
        (copy / "segments").mkdir(parents=True)
        for name in ("articles.db", "articles.db-wal"):
            (copy / name).write_bytes((path / name).read_bytes())
        with (copy / "articles.db-wal").open("rb+") as log:
            log.truncate(cut)
        with DiskLibrary.open(copy, write=True) as mended:
            kept = len(mended)
            assert kept == sum(end <= cut for end in ends)
            assert found(mended) == list(range(kept))
            assert mended.verify() == type(mended.verify())(kept, (), (), 0)
            assert add(mended, article(99)) == [kept]
        for file in (*segment_files(copy), *(f for f in copy.iterdir() if f.is_file())):
            file.unlink()
        (copy / "segments").rmdir()
        copy.rmdir()
    library.close()


_ADD_UNTIL_FULL = """
import resource, sys
from dedup.article import Article, DedupError
from dedup.index.disk.library import DiskLibrary
from dedup.sketch.sketches import sketch
library = DiskLibrary.open(sys.argv[1], write=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
number = len(library)
try:
    while True:
        texts = [f"{number} {n} " + " ".join(f"{number}w{n}w{w}" for w in range(200))
                 for n in range(40)]
        articles = [Article(f"n{number + n}", text) for n, text in enumerate(texts)]
        library.add(articles, sketch(texts))
        number += len(articles)
        print(number, flush=True)
except DedupError as error:
    print(error)
    print(len(library), library.index.candidates(sketch(texts[:1])).rows.tolist())
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    library.add(articles, sketch(texts))
    print(len(library), flush=True)
"""


@pytest.mark.parametrize("room", [300_000, 1_000_000])
def test_a_full_disk_is_said_and_harms_nothing(path: Path, room: int) -> None:
    # A limit on the size of files stands for the full disk: the system refuses to write more.
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    DiskLibrary.create(path).close()
    command = [sys.executable, "-c", _ADD_UNTIL_FULL, str(path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    *acknowledged, said, state, after = done.stdout.splitlines()
    assert "no room left on the disk" in said
    assert state == f"{acknowledged[-1] if acknowledged else 0} []"
    assert int(after) == int(acknowledged[-1] if acknowledged else 0) + 40
    with DiskLibrary.open(path, write=True) as library:
        assert len(library) == int(after)
        assert library.verify().ok


_READ = """
import os, sys
from dedup.article import DedupError
from dedup.index.disk.library import DiskLibrary
from dedup.sketch.sketches import sketch
sketches = sketch([sys.argv[2]])
if os.geteuid() == 0:  # who may write everywhere; everything is imported by now
    os.setgid(65534)
    os.setuid(65534)
print(len(DiskLibrary.open(sys.argv[1]).index.candidates(sketches).rows))
try:
    DiskLibrary.open(sys.argv[1], write=True)
except DedupError as error:
    print(error)
"""


def test_a_directory_that_cannot_be_written_to_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as directory:  # one that others can look into
        Path(directory).chmod(0o755)
        path = Path(directory) / "index"
        filled(path, 300)
        for there in (path, *path.rglob("*")):
            there.chmod(0o555 if there.is_dir() else 0o444)
        command = [sys.executable, "-c", _READ, str(path), STORY]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.startswith("300\n"), done.stderr
        assert "Permission denied" in done.stdout
        for there in (path, path / "segments"):
            there.chmod(0o755)


def test_files_a_killed_writer_left_are_swept_by_the_next(path: Path) -> None:
    filled(path, 300)
    (path / "segments" / "0123456789abcdef.segment").write_bytes(b"half written")
    with DiskLibrary.open(path):
        assert len(segment_files(path)) == 2
    with DiskLibrary.open(path, write=True) as library:
        assert len(segment_files(path)) == 1
        assert len(found(library)) == 300


def test_segments_are_merged_so_that_few_are_asked(path: Path) -> None:
    DiskLibrary.create(path, PARAMETERS, Nets(bands=8)).close()
    index = SmallSegments(path, write=True)
    rng = np.random.default_rng(3)
    everything = random_texts(rng, 400, 40, 300)
    for number in range(400):
        index.add(cut_of(everything, [number]))
    index.builder.settle()
    assert len(index.store.segments) <= 6
    assert len(segment_files(path)) == len(index.store.segments)
    index.close()
