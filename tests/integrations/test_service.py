"""The HTTP service: what it answers."""

import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from county_papers import OTHERS, PAIR
from news_site import fixture_files
from service_process import MAIN, Service, service

pytest.importorskip("fastapi", reason="the server extra is not installed")
pytest.importorskip("uvicorn", reason="the server extra is not installed")
pytest.importorskip("redis", reason="the redis extra is not installed")

from redis_servers import MISSING, SERVER, common_server

from dedup import Article, Detector
from dedup.index.disk.library import DiskLibrary
from dedup.index.nets import Nets
from dedup.index.opening import create_library
from dedup.integrations.service.jobs import Reader, Writer
from dedup.integrations.service.messages import Add, Check
from dedup.reading.jsonl import Fields, article_of
from dedup.reporting.json import result_json
from dedup.sketch.parameters import DEFAULT_PARAMETERS

WIRE, *REST = fixture_files()


def record(path: Path, **fields: object) -> dict:
    return {"id": path.stem, "text": path.read_text("utf-8"), **fields}


def known() -> list[dict]:
    return [record(path) for path in fixture_files() if path.parent.name == "wire"]


def incoming() -> list[dict]:
    return [record(path) for path in fixture_files() if path.parent.name == "incoming"]


def article(fields: dict) -> Article:
    return Article(fields["id"], fields["text"])


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    index = tmp_path_factory.mktemp("service") / "index"
    with service(index, "--workers", "2") as running:
        running.index = index
        added = running.post("/add", {"articles": known()})
        assert added.json() == {"added": len(known()), "replaced": 0, "known": 0}
        yield running


@pytest.fixture(scope="module")
def detector():
    made = Detector()
    made.add(map(article, known()))
    return made


def test_a_check_gives_what_the_detector_gives(served, detector):
    for one in incoming():
        found = served.post("/check", {**one, "a field": "of theirs"})
        matches = detector.check(article(one))[:5]
        wanted = result_json(matches, [], [], standing_only=detector.standing_only)
        assert found.json() == json.loads(json.dumps(wanted))


def test_a_batch_gives_the_matches_of_its_articles_in_order(served, detector):
    found = served.post("/check/batch?all=true&top=1", {"articles": incoming()}).json()
    wanted = [
        match.to_dict()
        for matches in detector.check_all(map(article, incoming()), everything=True)
        for match in matches[:1]
    ]
    assert found["matches"] == json.loads(json.dumps(wanted))
    assert len({match["b"]["id"] for match in wanted}) > 5


def test_two_articles_are_compared_with_their_spans(served, detector):
    a, b = known()[0], incoming()[0]
    found = served.post("/compare", {"a": a, "b": {"text": b["text"]}})
    wanted = detector.compare(article(a), Article("b", b["text"])).to_dict()
    assert found.json() == json.loads(json.dumps(wanted))
    assert found.json()["spans"]


def test_articles_are_compared_among_those_of_the_index(served):
    a, b = ({"text": one.text} for one in PAIR)
    alone = served.post("/compare", {"a": a, "b": b}).json()
    others = [{"id": one.id, "text": one.text} for one in OTHERS]
    served.post("/add", {"articles": others})
    among = served.post("/compare", {"a": a, "b": b}).json()
    served.post("/remove", {"ids": [one.id for one in OTHERS]})
    assert (alone["relation"], among["relation"]) == ("partial", "boilerplate")
    assert [(s["kind"], s["known_in"]) for s in among["spans"]] == [("standing", len(OTHERS))]
    assert [(s["kind"], s.get("known_in")) for s in alone["spans"]] == [("narrative", None)]


def test_metadata_counts_as_in_the_program(served, detector):
    a = {**known()[0], "published": "2024-03-16", "credit": "EFE", "source": "a paper"}
    b = {**known()[0], "id": "b", "published": "2024-03-14", "title": "A headline", "url": ""}
    found = served.post("/compare", {"a": a, "b": b})
    wanted = detector.compare(article_of(a, Fields()), article_of(b, Fields())).to_dict()
    assert found.json() == json.loads(json.dumps(wanted))
    assert "EFE" in [credit["agency"] for credit in wanted["a"]["credits"]]


def test_what_was_added_is_found_by_every_worker_and_what_was_removed_by_none(served):
    text = "The mayor of a town nobody knows opened a bridge that leads nowhere on Friday."
    assert served.post("/add", {"articles": [{"id": "new", "text": text}]}).json()["added"] == 1
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: check(served, text), range(16)))
    assert found == [["new"]] * 16
    removed = served.post("/remove", {"ids": ["new", "unknown", "new"]})
    assert removed.json() == {"removed": 1, "missing": ["unknown"]}
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: check(served, text), range(16))) == [[]] * 16


def check(served: Service, text: str) -> list[str]:
    found = served.post("/check", {"id": "theirs", "text": text}).json()
    return [match["a"]["id"] for match in found["matches"]]


def test_adding_again_adds_nothing_and_another_text_only_where_it_is_to_replace(served):
    first = {"id": "again", "text": "Rain fell on the capital for the ninth day in a row."}
    other = {"id": "again", "text": "Snow fell in the mountains for the first time this year."}
    more = {"id": "more", "text": "The river rose by two metres in a single night, they said."}
    assert served.post("/add", {"articles": [first]}).json()["added"] == 1
    assert served.post("/add", {"articles": [first, first]}).json()["known"] == 2
    refused = served.post("/add", {"articles": [more, other]})
    assert refused.status_code == 409
    assert refused.json()["error"].startswith("the id 'again' is there with another text; nothing")
    assert check(served, more["text"]) == []
    replaced = served.post("/add?replace=true", {"articles": [more, other]})
    assert replaced.json() == {"added": 1, "replaced": 1, "known": 0}
    assert check(served, first["text"]) == []
    assert check(served, other["text"]) == ["again"]
    twice = served.post("/add", {"articles": [{**more, "id": "x"}, {**first, "id": "x"}]})
    assert twice.status_code == 409
    served.post("/remove", {"ids": ["again", "more"]})


def test_an_id_can_be_any_text(served):
    ids = ["a/b?c=d&e", "ñ\u0000\u2028\n", "\U0001f600" * 100]
    texts = [f"A story of its own about {number} goats in the hills." for number in range(3)]
    pairs = zip(ids, texts, strict=True)
    added = served.post("/add", {"articles": [{"id": i, "text": t} for i, t in pairs]})
    assert added.json()["added"] == 3
    assert [check(served, text) for text in texts] == [[one] for one in ids]
    assert served.post("/remove", {"ids": ids}).json() == {"removed": 3, "missing": []}


def test_changes_that_come_together_are_committed_together(served):
    rng = random.Random(4)
    commits = served.metric("dedup_commits_total")
    ids = [f"together/{number}" for number in range(200)]

    def add(name: str) -> int:
        text = " ".join(rng.choice(["sea", "sky", "hill", "road", "house"]) for _ in range(40))
        return served.post("/add", {"articles": [{"id": name, "text": text}]}).json()["added"]

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(add, ids)) == 200
    assert served.metric("dedup_commits_total") - commits < 150
    assert served.metric("dedup_articles") == len(known()) + 200
    assert served.post("/remove", {"ids": ids}).json()["removed"] == 200


def test_one_change_that_fails_does_not_take_those_beside_it_with_it(tmp_path, monkeypatch):
    DiskLibrary.create(tmp_path / "index").close()
    writer = Writer(str(tmp_path / "index"))
    add = writer._detector.add

    def add_or_fail(articles):
        articles = list(articles)
        if any(one.id == "b" for one in articles):
            raise ZeroDivisionError("a bug")
        return add(articles)

    monkeypatch.setattr(writer._detector, "add", add_or_fail)
    text = "Rain fell on the capital for the ninth day in a row"
    group = [Add([Article(name, f"{text} {name}")], replace=False) for name in "abc"]
    written = writer.run(group)
    writer.close()
    assert [type(outcome).__name__ for outcome in written.outcomes] == ["Done", "Refused", "Done"]
    assert written.outcomes[1].status == 500
    assert written.outcomes[1].message.startswith("ZeroDivisionError: a bug (")
    with Detector.open(tmp_path / "index", write=False) as detector:
        assert [name in detector for name in "abc"] == [True, False, True]


def test_checks_go_on_while_what_they_find_is_removed(served):
    text = known()[0]["text"]
    copies = [{"id": f"copy/{n}", "text": f"{text} {n} and so on"} for n in range(20)]
    names = [copy["id"] for copy in copies]
    batch = {"articles": [{"id": f"new/{n}", "text": text} for n in range(8)]}

    def change(_: int) -> None:
        served.post("/add", {"articles": copies}).raise_for_status()
        served.post("/remove", {"ids": names}).raise_for_status()

    with ThreadPoolExecutor(5) as pool:
        changing = pool.map(change, range(12))
        found = list(pool.map(lambda _: served.post("/check/batch", batch), range(40)))
        list(changing)
    assert {one.status_code for one in found} == {200}


def test_what_goes_between_being_found_and_being_read_is_looked_for_again(tmp_path, monkeypatch):
    DiskLibrary.create(tmp_path / "index").close()
    text = known()[0]["text"]
    with Detector.open(tmp_path / "index") as writer:
        writer.add([Article("stays", f"{text} and so on"), Article("goes", text)])
        reader = Reader(str(tmp_path / "index"))
        index = reader._detector.library.index
        find, found = index.candidates, []

        def find_and_lose(sketches):
            found.append(find(sketches))
            writer.remove(["goes"])
            return found[-1]

        monkeypatch.setattr(index, "candidates", find_and_lose)
        done = json.loads(reader.run(Check([Article("new", text)], 5, everything=False)).body)
        reader.close()
    assert [len(one.rows) for one in found] == [2, 1]
    assert [match["a"]["id"] for match in done["matches"]] == ["stays"]


def test_it_says_that_it_is_up_and_ready_and_what_it_counted(served):
    assert served.client.get("/health").json() == {"status": "ok"}
    assert served.client.get("/ready").json() == {"status": "ok"}
    page = served.client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert served.metric('dedup_requests_total{route="/health",status="200"}') >= 1
    assert served.metric('dedup_workers{kind="check"}') == 2
    assert served.metric('dedup_workers{kind="write"}') == 1


def test_a_service_that_only_reads_lets_another_process_write(tmp_path):
    with service(tmp_path / "index", "--read-only") as running:
        assert "read only" in running.said
        with Detector.open(tmp_path / "index") as writer:
            writer.add(map(article, known()))
        assert check(running, known()[0]["text"]) == [known()[0]["id"]]
        refused = running.post("/add", {"articles": incoming()})
        assert refused.status_code == 403
        assert refused.json() == {"error": "this service only reads (--read-only)"}


@pytest.mark.skipif(SERVER is None, reason=MISSING)
def test_two_services_share_an_index_on_redis():
    url = common_server().new_url()
    create_library(url, DEFAULT_PARAMETERS, Nets()).close()
    first = {"id": "a", "text": "Rain fell on the capital for the ninth day in a row on Monday."}
    other = {"id": "a", "text": "Snow fell in the mountains for the first time this year, it said."}
    with service(url) as one, service(url) as two:
        assert one.post("/add", {"articles": [first, *known()]}).json()["added"] == 1 + len(known())
        assert two.post("/add", {"articles": [first]}).json()["known"] == 1
        assert check(two, first["text"]) == ["a"]
        assert two.post("/add", {"articles": [other]}).status_code == 409
        assert two.post("/add?replace=true", {"articles": [other]}).json()["replaced"] == 1
        assert (check(one, first["text"]), check(one, other["text"])) == ([], ["a"])
        assert one.post("/remove", {"ids": ["a", "b"]}).json() == {"removed": 1, "missing": ["b"]}
        assert check(two, other["text"]) == []
        both = [{"id": f"both/{n}", "text": f"{first['text']} {n}"} for n in range(60)]

        def add(number: int) -> dict:
            running = (one, two)[number % 2]
            return running.post("/add", {"articles": [both[number // 2]]}).json()

        with ThreadPoolExecutor(8) as pool:
            added = list(pool.map(add, range(120)))
        assert sum(answer["added"] for answer in added) == 60
        assert sum(answer["known"] for answer in added) == 60


def serve(*options: object, **environment: str) -> tuple[int, str]:
    """Start a service that is not expected to run; return its status and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "serve", *map(str, options)],
        capture_output=True,
        text=True,
        check=False,
        env=environment or None,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_what_cannot_be_served_is_said_in_one_line(served, tmp_path):
    index = served.index
    assert serve(tmp_path / "none", "--port", 0) == (
        2,
        f"dedup: {tmp_path / 'none'}: no such index; create it first\n",
    )
    status, said = serve(index, "--port", 0)
    assert (status, said.count("\n")) == (2, 1)
    assert "another process is writing to this index" in said
    status, said = serve(index, "--port", served.port, "--read-only")
    assert status == 2
    assert (
        said == f"dedup: 127.0.0.1:{served.port}: cannot be listened at (Address already in use)\n"
    )


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path):
    code = f"import sys; sys.modules['uvicorn'] = None; {MAIN}"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "dedup: serving needs uvicorn, which is not installed: pip install '.[server]'\n"
    )
