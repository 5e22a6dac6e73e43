"""The HTTP service: what it refuses, and that it goes on."""

import json
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from service_process import answer, connected, service

pytest.importorskip("fastapi", reason="the server extra is not installed")
pytest.importorskip("uvicorn", reason="the server extra is not installed")

from dedup.article import DedupError
from dedup.integrations.service.settings import ServiceSettings, is_loopback, read_token

ARTICLE = {"id": "a", "text": "Dockers walked out on Tuesday over casual contracts."}
TOKEN = "correct-horse"
RIGHT = {"authorization": f"Bearer {TOKEN}"}
HEAD = b"POST /check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A service with small limits and a token."""
    options = ("--max-body", "0.1", "--receive-timeout", "1", "--connections", "20")
    index = tmp_path_factory.mktemp("strict") / "index"
    with service(index, *options, DEDUP_TOKEN=TOKEN) as running:
        running.client.headers.update(RIGHT)
        yield running
        assert running.post("/check", ARTICLE).status_code == 200
        assert running.metric('dedup_worker_restarts_total{kind="check"}') == 0


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory):
    """A service without a token, as it is unless told otherwise."""
    with service(tmp_path_factory.mktemp("open") / "index") as running:
        yield running


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "a token is needed"),
        ({"authorization": "Bearer wrong"}, "the token is not right"),
        ({"authorization": f"Bearer {TOKEN}x"}, "the token is not right"),
        ({"authorization": f"Basic {TOKEN}"}, "the token is not right"),
        ({"authorization": "Bearer"}, "the token is not right"),
        ({b"authorization": b"Bearer \xff\xfe"}, "the token is not right"),
    ],
)
def test_without_the_right_token_nothing_is_done(strict, sent, said):
    client = strict.client
    for method, path in (("POST", "/check"), ("POST", "/add"), ("GET", "/metrics")):
        url = f"{strict.url}{path}"
        refused = client.send(httpx.Request(method, url, headers=sent, content=b"not even JSON"))
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.json()["error"].startswith(said)


def test_a_probe_needs_no_token(strict):
    client = strict.client
    for path in ("/health", "/ready", "/openapi.json", "/docs"):
        request = client.build_request("GET", path)
        del request.headers["authorization"]
        assert client.send(request).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 422, "body: Field required"),
        (b"{", 400, "the body is not valid JSON: "),
        (b'{"id": "a", "text": "b"', 400, "the body is not valid JSON: "),
        (b"\xff\xfe\xfd", 400, "the body is not JSON that can be read"),
        (b"\x00", 400, "the body is not valid JSON: "),
        (b"[" * 50_000, 400, "the body is not JSON that can be read"),
        (b'{"id": "a", "text": ' + b"9" * 5000 + b"}", 400, "the body is not JSON that can be"),
        (b"[]", 422, "body: "),
        (b"null", 422, "body: "),
        (b'{"id": "a", "text": 5}', 422, "body.text: Input should be a valid string"),
        (b'{"id": "a", "text": ""}', 422, "body.text: String should have at least 1 character"),
        (b'{"id": "", "text": "b"}', 422, "body.id: String should have at least 1 character"),
        (b'{"text": "b"}', 422, "body.id: Field required"),
        (b'{"id": "a", "text": "\\ud800"}', 422, "body.text: Input should be a valid string"),
        (b'{"id": "\\udfff", "text": "b"}', 422, "body.id: Input should be a valid string"),
        (b'{"id": NaN, "text": Infinity}', 422, "body.text: Input should be a valid string"),
    ],
)
def test_what_is_no_article_is_refused_in_one_sentence(strict, body, status, said):
    headers = {"content-type": "application/json"}
    for path in ("/check", "/check?top=3"):
        refused = strict.client.post(path, content=body, headers=headers)
        assert refused.status_code == status
        assert refused.json()["error"].startswith(said)
        assert list(refused.json()) == ["error"]


@pytest.mark.parametrize(
    "text", ["\u0000", "a\u0000b " * 30, "\u202e\u2028\x1b[31m words in red", " ", "\U0010ffff" * 9]
)
def test_any_character_may_stand_in_a_text(strict, text):
    found = strict.post("/compare", {"a": {"text": text}, "b": {"text": text}})
    assert found.status_code == 200
    assert strict.post("/check", {"id": "x", "text": text}).status_code == 200
    assert strict.post("/add", {"articles": [{"id": "x", "text": text}]}).status_code == 200
    assert strict.post("/remove", {"ids": ["x"]}).json()["removed"] == 1


@pytest.mark.parametrize("query", ["top=0", "top=x", "top=1001", "all=maybe", "top=%00"])
def test_a_parameter_that_cannot_be_is_refused(strict, query):
    refused = strict.post(f"/check?{query}", ARTICLE)
    assert refused.status_code == 422
    assert refused.json()["error"].startswith("query.")


def test_other_paths_methods_and_kinds_of_body_are_refused(strict):
    client = strict.client
    assert client.get("/nothing").status_code == 404
    refused = client.get("/check")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    form = client.post("/check", data={"id": "a", "text": "b"})
    assert form.status_code == 415
    assert form.json()["error"].startswith("send JSON")
    plain = client.post(
        "/check", content=json.dumps(ARTICLE), headers={"content-type": "text/plain"}
    )
    assert plain.status_code == 415
    many = client.post("/remove", json={"ids": ["a"] * 257})
    assert many.status_code == 422


def test_a_large_request_is_refused_by_what_it_says_and_by_what_it_is(strict):
    large = {"id": "a", "text": "word " * 40_000}
    said = "a request is at most 0.0999994 MB; send less at once"
    by_length = strict.post("/check", large)
    chunks = (json.dumps(large)[start : start + 5000].encode() for start in range(0, 200_000, 5000))
    by_count = strict.client.post(
        "/check", content=chunks, headers={"content-type": "application/json"}
    )
    assert "transfer-encoding" in by_count.request.headers
    for refused in (by_length, by_count):
        assert (refused.status_code, refused.json()["error"]) == (413, said)


def test_a_request_that_says_it_is_enormous_is_not_waited_for(strict):
    head = HEAD + f"authorization: Bearer {TOKEN}\r\ncontent-length: ".encode()
    with connected(strict, head + b"99999999999\r\n\r\n") as connection:
        assert b" 413 " in connection.recv(100)
    for length in (b"9" * 30, b"-5", b"1_0", b""):
        status, said, _ = answer(connected(strict, head + length + b"\r\n\r\n"))
        assert (status, said["error"]) == (400, "this is not an HTTP request")


def test_what_is_no_http_is_refused(strict):
    for sent in (
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"HELLO\r\n\r\n",
    ):
        status, said, content = answer(connected(strict, sent))
        assert (status, said) == (400, {"error": "this is not an HTTP request"})
        assert content.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    broken = HEAD + b"authorization: Bearer " + TOKEN.encode() + b"\r\n"
    broken += b"transfer-encoding: chunked\r\n\r\n2\r\n{}nothing\r\n"
    assert answer(connected(strict, broken))[0] == 400
    strict.until(lambda: strict.metric('dedup_requests_total{route="/check",status="499"}') >= 1)
    long = b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n"
    assert answer(connected(strict, long))[0] == 400


def test_a_client_that_sends_slowly_is_cut_off(strict):
    head = HEAD + b"authorization: Bearer " + TOKEN.encode() + b"\r\n"
    beginnings = {
        "nothing": b"",
        "part of the head": head[:40],
        "part of the body": head + b"content-length: 60\r\n\r\n{",
        "part of a chunk": head + b"transfer-encoding: chunked\r\n\r\n50\r\n{",
        "a second head": b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\nGET /hea",
    }
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        ends = dict(
            zip(beginnings, pool.map(lambda s: drip(strict, s), beginnings.values()), strict=True)
        )
    assert time.monotonic() - start < 8
    for name, content in ends.items():
        last = content[content.rindex(b"HTTP/1.1 ") :]
        assert last.startswith(b"HTTP/1.1 408 "), name
        assert json.loads(last.partition(b"\r\n\r\n")[2]) == {
            "error": "the request took too long to arrive"
        }
    assert strict.client.get("/health").status_code == 200


def drip(running, sent: bytes) -> bytes:
    """Send a beginning, then a byte now and then; return what is answered until the end."""
    content = b""
    with connected(running, sent) as connection:
        connection.settimeout(0.2)
        for _ in range(40):
            try:
                part = connection.recv(1 << 16)
                content += part
                if not part:
                    return content
            except TimeoutError:
                if sent:
                    connection.sendall(b"x" if content == b"" else b"y")
            except ConnectionError:
                return content
    raise AssertionError("the connection was never closed")


def test_a_client_that_never_reads_is_cut_off(strict):
    request = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n"
    with connected(strict) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(0.5)
        strict.until(lambda: _closed(connection, 500 * request), 15)
    assert strict.client.get("/health").status_code == 200


def _closed(connection: socket.socket, sent: bytes) -> bool:
    try:
        connection.send(sent)
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


def test_one_connection_too_many_is_turned_away_and_the_next_is_not(strict):
    strict.client.get("/health")
    held = [connected(strict) for _ in range(19)]
    status, said, content = answer(connected(strict, b"GET /health HTTP/1.1\r\n\r\n"))
    assert (status, b"retry-after: 1" in content) == (503, True)
    assert said == {"error": "too many connections are open; try again in a moment"}
    for connection in held:
        connection.close()
    strict.until(lambda: strict.client.get("/health").status_code == 200)


def test_more_than_can_be_held_is_turned_away_while_it_is_being_sent(tmp_path):
    part = HEAD + b"content-length: 10000\r\n\r\n" + b"x" * 9000
    options = ("--max-body", "0.01", "--receive-timeout", "2")
    with service(tmp_path / "index", *options) as running:
        held = [connected(running, part) for _ in range(60)]
        turned_away = [connection for connection in held if b" 503 " in begun(connection)]
        assert 20 < len(turned_away) < 40
        assert running.metric('dedup_turned_away_total{reason="memory"}') == len(turned_away)
        for connection in held:
            connection.close()
        running.until(lambda: running.post("/check", ARTICLE).status_code == 200)


def begun(connection: socket.socket) -> bytes:
    """What is answered at once."""
    connection.settimeout(0.01)
    try:
        return connection.recv(100)
    except TimeoutError:
        return b""


def test_a_page_of_another_name_cannot_use_a_service_without_a_token(open_to_all):
    client = open_to_all.client
    for name in ("evil.example", "localhost.evil.example:80", "10.0.0.1", "[bad"):
        assert client.get("/health", headers={"host": name}).status_code == 421
    for name in ("localhost", "localhost:9", "127.0.0.1:8080", "[::1]:8080", "127.8.9.1"):
        assert client.get("/health", headers={"host": name}).status_code == 200
    crossed = client.options(
        "/add", headers={"origin": "http://evil.example", "access-control-request-method": "POST"}
    )
    assert "access-control-allow-origin" not in crossed.headers


def test_overload_is_turned_away_and_then_it_goes_on(tmp_path):
    text = " ".join(f"word{number % 97}" for number in range(3000))
    heavy = {"a": {"text": text}, "b": {"text": f"{text} and more"}}
    with service(tmp_path / "index", "--queue", "2") as running:
        with ThreadPoolExecutor(40) as pool:
            found = list(pool.map(lambda _: running.post("/compare", heavy), range(120)))
        statuses = [one.status_code for one in found]
        assert set(statuses) == {200, 503}
        for one in found:
            if one.status_code == 503:
                assert one.headers["retry-after"] == "1"
                assert one.json()["error"] == "too many requests are waiting; try again in a moment"
        turned_away = running.metric('dedup_turned_away_total{reason="queue"}')
        assert turned_away == statuses.count(503) > 0
        assert running.post("/compare", heavy).status_code == 200
        assert running.client.get("/ready").status_code == 200


def test_what_takes_too_long_is_ended_and_the_next_is_served(tmp_path):
    # Two texts of the same two words over and over take seconds, even compiled.
    draw = random.Random(1).choice
    long = {side: {"text": " ".join(draw(("yes", "no")) for _ in range(60_000))} for side in "ab"}
    with service(tmp_path / "index", "--timeout", "0.3") as running:
        late = running.post("/compare", long)
        assert (late.status_code, late.headers["retry-after"]) == (503, "1")
        assert late.json()["error"] == "it took more than 0.3 seconds; ask for less at once"
        running.until(lambda: running.post("/check", ARTICLE).status_code == 200)
        assert running.metric('dedup_worker_restarts_total{kind="check"}') >= 1


def test_other_machines_need_a_token_unless_told_otherwise():
    for host in ("0.0.0.0", "::", "192.0.2.7"):
        with pytest.raises(DedupError, match="can be reached from other machines and there is no"):
            ServiceSettings("index", host=host).check()
        ServiceSettings("index", host=host, token="t").check()
        ServiceSettings("index", host=host, insecure=True).check()
    for host in ("127.0.0.1", "::1", "localhost", "127.3.4.5"):
        ServiceSettings("index", host=host).check()
        assert is_loopback(host)


def test_a_token_comes_from_its_file_or_the_environment(tmp_path):
    file = tmp_path / "token"
    file.write_text(" of-a-file\n")
    assert read_token(file, "of-the-environment") == "of-a-file"
    assert read_token(None, "of-the-environment\n") == "of-the-environment"
    assert read_token(None, None) is None
    for content, said in (("", "the token is empty"), ("two words", "one word of printable ASCII")):
        file.write_text(content)
        with pytest.raises(DedupError, match=said):
            read_token(file, None)
    with pytest.raises(DedupError, match="the token is empty"):
        read_token(None, "")
    with pytest.raises(DedupError, match="the token cannot be read"):
        read_token(tmp_path / "none", None)
