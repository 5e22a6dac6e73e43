"""An index on Redis: what the protocol does not say."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from index_backends import PARAMETERS, random_texts
from redis_servers import MISSING, SERVER, RedisServer, common_server

from dedup.article import Article, Credit, DedupError
from dedup.detector import Detector
from dedup.index.library import DuplicateId
from dedup.index.lookup import ask
from dedup.index.nets import Nets
from dedup.index.protocol import Candidates
from dedup.index.redis.library import RedisLibrary
from dedup.sketch.parameters import ParameterMismatch, SketchParameters
from dedup.sketch.sketches import sketch

pytestmark = pytest.mark.skipif(SERVER is None, reason=MISSING)


@pytest.fixture
def url() -> str:
    """The address of a new, empty index."""
    address = common_server().new_url()
    RedisLibrary.create(address).close()
    return address


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that a test may do anything to."""
    server = RedisServer(tmp_path, "--appendfsync", "always")
    yield server
    server.kill()


def text(number: int, words: int = 60) -> str:
    return " ".join(f"word{number}x{place}" for place in range(words))


def article(number: int, **fields: object) -> Article:
    return Article(f"a{number}", text(number), **fields)  # type: ignore[arg-type]


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """A server that says the same to everything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                connection, _ = listener.accept()
                with connection:
                    while connection.recv(4096):
                        connection.sendall(reply)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


def test_an_article_comes_back_as_it_was_added(url: str) -> None:
    credit = Credit("EFE", "credit-line", "EFE", (3, 6), date="--11-03")
    whole = Article(
        "in/\udce9.txt", "Texto con ñ \udce9.", "Title", "El Norte", "2017-11", "u", "es", (credit,)
    )
    with Detector.open(url) as detector:
        assert detector.add([whole]) == 1
    with Detector.open(url, write=False) as detector:
        assert detector.library.articles([0]) == [whole]
        assert whole.id in detector
        with pytest.raises(DedupError, match="was opened for reading"):
            detector.add([article(1)])


def test_two_workers_see_what_the_other_adds_and_removes(url: str) -> None:
    with Detector.open(url) as one, Detector.open(url) as other:
        one.add([article(1)])
        found = other.check(Article("copy", text(1)))
        assert [match.a.id for match in found] == ["a1"]
        with pytest.raises(DuplicateId):
            other.add([article(2), article(1)])
        assert len(one) == 1
        assert one.remove(["a1", "a7"]) == 1
        assert other.check(Article("copy", text(1))) == []
        assert len(other) == 0


def test_a_check_takes_five_round_trips_however_many_are_found(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys, who is found, its own words, who else holds what they share, and who those are."""
    with Detector.open(url) as detector:
        detector.add(article(number) for number in range(50))
        detector.add(
            Article(f"b{number}", f"{text(99)} {text(100 + number, 30)}") for number in range(50)
        )
    sent = []
    send = redis.connection.Connection.send_packed_command

    def counted(self: object, command: object, *args: object, **options: object) -> object:
        sent.append(command)
        return send(self, command, *args, **options)

    with Detector.open(url) as detector:
        detector.check(article(98))  # which loads the script
        monkeypatch.setattr(redis.connection.Connection, "send_packed_command", counted)
        assert len(detector.check(Article("copy", text(7)))) == 1
        assert len(sent) <= 5
        sent.clear()
        assert len(detector.check(Article("many", f"{text(99)} {text(97)}"), everything=True)) == 50
        assert len(sent) <= 5
        sent.clear()
        detector.add([article(60)])
        assert len(sent) <= 2


def test_candidates_without_a_record_are_ignored_and_verify_mends_what_it_can(url: str) -> None:
    with Detector.open(url) as detector:
        library = detector.library
        assert isinstance(library, RedisLibrary)
        detector.add([article(1), Article("twin", text(1)), article(2), article(3)])
        key, client = library.store.server.key, common_server().client()
        client.delete(key("r:0"), key("r:2"))
    with Detector.open(url) as detector:
        library = detector.library
        assert isinstance(library, RedisLibrary)
        assert detector.check(Article("copy", text(2))) == []
        for bucket in client.scan_iter(key("b:*")):
            client.set(bucket, client.get(bucket)[8:])
        report = library.verify()
        assert not report.ok
        assert sorted(report.problems) == [
            "'a1' is gone; add it again",
            "'a2' is gone; add it again",
        ]
        assert any("missing from some of their keys" in line for line in report.repaired)
        assert any("keys named articles that are not there" in line for line in report.repaired)
        again = library.verify()
        assert (again.ok, again.repaired, again.articles) == (True, (), 2)
        assert (len(detector), library.index.distinct) == (2, 2)
        assert detector.add([article(2)]) == 1
        for number, name in ((1, "twin"), (2, "a2"), (3, "a3")):
            (match,) = detector.check(Article("copy", text(number)))
            assert match.a.id == name


def test_a_damaged_record_is_an_error_that_verify_names(url: str) -> None:
    with Detector.open(url) as detector:
        library = detector.library
        assert isinstance(library, RedisLibrary)
        detector.add([article(1)])
        key = library.store.server.key("r:0")
        common_server().client().setrange(key, 700, b"\0\0\0")
    with Detector.open(url) as detector:
        with pytest.raises(DedupError, match="record of row 0 is damaged"):
            detector.check(Article("copy", text(1)))
        report = detector.library.verify()  # type: ignore[attr-defined]
        assert report.problems == ("the record of 'a1' is damaged",)


def test_expiring_forgets_what_is_older(url: str) -> None:
    library = RedisLibrary.open(url, write=True)
    articles = [
        article(1, published="2017"),
        article(2, published="2017-11-03"),
        article(3, published="2018-01-01T00:00:00Z"),
        article(4),
    ]
    library.add(articles, sketch([one.text for one in articles]))
    assert library.expire("2018") == 2
    assert [one.id for one in library.articles(library.rows())] == ["a3", "a4"]
    info = library.info()
    assert (info.articles, info.different) == (2, 2)
    library.close()


def test_texts_can_stay_elsewhere(url: str) -> None:
    store = {f"a{number}": text(number) for number in range(4)}
    with Detector.open(
        url, texts=lambda ids: {one: store[one] for one in ids if one in store}
    ) as d:
        d.add(article(number) for number in range(4))
        info = d.library.info()  # type: ignore[attr-defined]
        assert info.text_bytes == 0
    del store["a1"]
    store["a2"] += " changed"
    with Detector.open(url, texts=lambda ids: [store.get(one) for one in ids]) as detector:
        library = detector.library
        assert isinstance(library, RedisLibrary)
        found = [
            [match.a.id for match in detector.check(Article("copy", text(number)))]
            for number in range(4)
        ]
        assert found == [["a0"], [], [], ["a3"]]
        assert library.records.texts_missing == 2
    with (
        Detector.open(url) as detector,
        pytest.raises(DedupError, match="open the index with texts="),
    ):
        detector.check(Article("copy", text(0)))
    with (
        Detector.open(url, texts=lambda ids: []) as detector,
        pytest.raises(DedupError, match="returned 0 texts for 1 ids"),
    ):
        detector.check(Article("copy", text(0)))


def test_indexes_are_kept_apart_by_their_prefix_and_guarded() -> None:
    server = common_server()
    one, other = server.new_url(), server.new_url()
    RedisLibrary.create(one, SketchParameters(num_perm=64), Nets(bands=64)).close()
    with pytest.raises(DedupError, match="no such index; create it first"):
        Detector.open(other)
    with pytest.raises(DedupError, match="is an index already"):
        RedisLibrary.create(one)
    with pytest.raises(ParameterMismatch, match="num_perm is 64, not 128"):
        RedisLibrary.open(one, parameters=SketchParameters())
    prefix = one.split("=")[1]
    client = server.client()
    client.hset(f"{{{prefix}}}:meta", "format", 2)
    with pytest.raises(DedupError, match=r"made by a newer version.*install the newer version"):
        Detector.open(one)
    client.delete(f"{{{prefix}}}:meta")
    client.hset(f"{{{prefix}}}:meta", "mine", 2)
    with pytest.raises(DedupError, match="is no index of ours; take another prefix"):
        Detector.open(one)
    client.delete(f"{{{prefix}}}:meta")
    client.set(f"{{{prefix}}}:meta", "mine")
    with pytest.raises(DedupError, match="something else is kept under these keys"):
        Detector.open(one)


def test_an_index_of_word_rules_v1_is_refused_with_what_to_do() -> None:
    server = common_server()
    url = server.new_url()
    RedisLibrary.create(url).close()
    key = f"{{{url.split('=')[1]}}}:meta"
    server.client().hset(key, "parameters", SketchParameters(words="v1").to_json())
    told = r"word rules v1, and this version has v2; create an index anew, under another prefix"
    with pytest.raises(ParameterMismatch, match=told):
        Detector.open(url)


def test_what_others_write_under_the_prefix_is_not_taken_for_ours(url: str) -> None:
    client = common_server().client()
    with Detector.open(url) as detector:
        library = detector.library
        assert isinstance(library, RedisLibrary)
        key = library.store.server.key
        list(detector.filter([article(1)]))
        client.hset(key("ids"), "a1", "first")
        with pytest.raises(DedupError, match="stands where there should be a number"):
            detector.remove(["a1"])
        client.hset(key("decisions"), "a2", "[1]")
        with pytest.raises(DedupError, match="kept under decisions is damaged"):
            list(detector.filter([article(2)]))
        client.set(key("r:0"), "mine")
    with Detector.open(url) as detector:
        with pytest.raises(DedupError, match="the record of row 0 is damaged"):
            detector.check(Article("copy", text(1)))
        for bucket in client.scan_iter(key("b:*")):
            client.append(bucket, "!")
        with pytest.raises(DedupError, match="redis://"):
            detector.library.verify()  # type: ignore[attr-defined]


def test_an_index_that_was_made_anew_is_not_written_to(url: str) -> None:
    with Detector.open(url) as detector:
        client = common_server().client()
        client.delete(detector.library.store.server.key("meta"))  # type: ignore[attr-defined]
        RedisLibrary.create(url).close()
        with pytest.raises(DedupError, match="was removed, or made anew, while it was open"):
            detector.add([article(1)])


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://host/0", "indexes are directories, or on redis, rediss, unix://"),
        ("redis://me:secret@host:port/0", "the address cannot be read"),
        ("redis://me:secret@host/news", "redis://host/news: behind the host stands the number"),
        ("redis://me:secret@host?prefix=a{b", "a prefix is 1 to 100 characters"),
        ("redis://me:secret@host?decode=1", "there is no option 'decode'"),
        ("redis://me:secret@127.0.0.1:1/0", "redis://127.0.0.1:1/0: no connection"),
        ("unix://me:secret@/none/redis.sock", "unix:///none/redis.sock: no connection"),
        ("rediss://me:secret@127.0.0.1:1/0?ssl_ca_certs=/none", "127.0.0.1:1/0: "),
    ],
)
def test_addresses_that_cannot_be_used_are_refused_without_their_password(
    address: str, message: str
) -> None:
    with pytest.raises(DedupError) as refused:
        Detector.open(address)
    assert message in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "still loading its data"),
        (b"-NOPERM this user has no permissions\r\n", "this user may not run scripts"),
        (b"-MISCONF Redis is configured to save\r\n", "cannot save its data to disk"),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", "one node of a cluster"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "127.0.0.1"),
    ],
)
def test_what_a_server_refuses_is_said_in_one_line(reply: bytes, message: str) -> None:
    with answering(reply) as port, pytest.raises(DedupError) as refused:
        Detector.open(f"redis://127.0.0.1:{port}/0")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_passwords_full_servers_and_replicas_are_told_apart(own_server: RedisServer) -> None:
    client = own_server.client()
    address = own_server.url("news")
    RedisLibrary.create(address).close()
    with Detector.open(address) as detector:
        detector.add([article(1)])
        client.config_set("maxmemory", "1mb")
        with pytest.raises(DedupError, match=r"no memory left \(maxmemory\); what was being"):
            detector.add([article(2)])
        assert detector.check(Article("copy", text(1)))
        client.config_set("maxmemory", "0")
        client.replicaof("127.0.0.1", "1")
        with pytest.raises(DedupError, match="is a replica, which cannot be written"):
            detector.add([article(2)])
        client.replicaof("no", "one")
        assert detector.add([article(2)]) == 1
    client.config_set("requirepass", "hidden")
    for user in ("", ":wrong@"):
        with pytest.raises(DedupError, match="wants another user or password") as refused:
            Detector.open(own_server.url("news", user))
        assert "wrong" not in str(refused.value)
    with Detector.open(own_server.url("news", ":hidden@")) as detector:
        assert len(detector) == 2
        assert "hidden" not in repr(detector.library.info())  # type: ignore[attr-defined]


ADDING = """
import sys
from dedup.detector import Detector
from dedup.article import Article
with Detector.open(sys.argv[1]) as detector:
    for number in range(int(sys.argv[2]), 1000000, int(sys.argv[3])):
        text = " ".join(f"word{number % 997}x{place}" for place in range(60))
        detector.add([Article(f"a{number}", text)])
        print(number, flush=True)
"""


def _adding(url: str, *args: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", ADDING, url, *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_nothing_acknowledged_is_lost_when_workers_and_the_server_are_killed(
    own_server: RedisServer,
) -> None:
    address = own_server.url("news")
    RedisLibrary.create(address).close()
    acknowledged: set[str] = set()
    for killed in (False, True):
        workers = [_adding(address, (1 + killed) * 100_000 + number, 2) for number in range(2)]
        for worker in workers:
            assert worker.stdout is not None
            acknowledged |= {f"a{int(worker.stdout.readline())}" for _ in range(20)}
        if killed:
            own_server.kill()
        else:
            workers[0].send_signal(signal.SIGKILL)
            time.sleep(0.2)
            workers[1].send_signal(signal.SIGKILL)
        for worker in workers:
            rest, said = worker.communicate(timeout=30)
            acknowledged |= {f"a{int(line)}" for line in rest.split()}
            if killed:
                assert worker.returncode == 1
                assert b"RedisIndexError: redis://127.0.0.1" in said
        if killed:
            own_server.start()
        with Detector.open(address) as detector:
            missing = [one for one in acknowledged if one not in detector]
            assert missing == []
            report = detector.library.verify()  # type: ignore[attr-defined]
            assert (report.ok, report.repaired) == (True, ())
            last = max(int(one[1:]) for one in acknowledged) % 997
            assert detector.check(Article("copy", text(last)))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.integers(4, 60), st.sampled_from([5, 500]), st.booleans())
def test_following_gives_what_looking_up_again_would(
    seed: int, values: int, cap: int, removing: bool
) -> None:
    rng = np.random.default_rng(seed)
    known, added, asked = (random_texts(rng, size, values, 50) for size in (30, 20, 9))
    address = common_server().new_url()
    with (
        RedisLibrary.create(address, PARAMETERS, Nets(bands=8, cap=cap)) as other,
        RedisLibrary.open(address, write=True) as library,
    ):
        other.index.add(known)
        store, index = library.store, library.index
        with store.collecting(store.snapshot()):
            other.index.add(added)  # before the lookup, but after the moment it is of
            index.candidates(asked)
        if removing:
            other.index.remove([3, 40])
        with store.collecting(store.snapshot()):
            again = index.candidates(asked)
            expected = other.index.candidates(asked)
            for name in Candidates.__slots__:
                assert getattr(again, name).tolist() == getattr(expected, name).tolist()
            for one in ask(asked, store.nets):
                keys = one.keys, one.groups, one.fingerprint
                assert index.holders(*keys).tolist() == other.index.holders(*keys).tolist()
