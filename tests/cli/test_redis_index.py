"""Commands on an index on Redis, as processes."""

import json
import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from redis_servers import MISSING, SERVER, common_server
from streaming import DEDUP, decisions, prose, records, start, write

pytestmark = pytest.mark.skipif(SERVER is None, reason=MISSING)


@pytest.fixture
def index(run) -> str:
    url = common_server().new_url()
    assert run("index", "create", url).returncode == 0
    return url


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "known.jsonl", list({r["id"]: r for r in records(40)}.values()))


def test_an_index_is_filled_asked_shown_and_emptied(run, index, source, tmp_path):
    done = run("index", "add", index, str(source))
    assert done.returncode == 0, done.stderr
    assert "40 articles added, 0 were there; it holds 40" in done.stderr
    assert "0 articles added, 40 were there" in run("index", "add", index, str(source)).stderr
    copied = json.loads(source.read_text().splitlines()[0])
    new = write(tmp_path / "new.jsonl", [{"id": "copy", "text": copied["text"]}])
    done = run("check", str(new), "--index", index, "--format", "jsonl")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["a"]["id"] == copied["id"]
    audit = run("audit", "--wire", index, "--incoming", str(new), "--format", "csv")
    assert copied["id"] in audit.stdout
    known = run("compare", str(new), str(new), "--known", index, "--format", "json")
    assert (known.returncode, json.loads(known.stdout)["relation"]) == (1, "identical")
    shown = run("index", "info", index).stdout
    assert f"{index}: 40 articles" in shown
    assert "append-only file, fsync no" in shown
    as_json = json.loads(run("index", "info", index, "--format", "json").stdout)
    assert (as_json["articles"], as_json["parameters"]["num_perm"]) == (40, 128)
    assert 0 < as_json["text_bytes"] < as_json["bytes"]
    assert "40 articles in about" in run("index", "compact", index).stderr
    assert "40 articles: is sound" in run("index", "verify", index).stderr
    other = write(
        tmp_path / "other.jsonl", [{"id": copied["id"], "text": prose(random.Random(), 90)}]
    )
    assert "is in the index with another text" in run("index", "add", index, str(other)).stderr
    assert "1 articles added" in run("index", "add", index, str(other), "--replace").stderr
    assert "1 articles removed; it holds 39" in run("index", "remove", index, "r7").stderr
    assert run("index", "remove", index, "r7").returncode == 2
    done = run("index", "expire", index, "--older-than", "1h")
    assert "0 articles expired; it holds 39" in done.stderr


def test_a_password_is_never_shown(run):
    for command in (
        ["index", "create"],
        ["index", "info"],
        ["filter"],
        ["check", "x", "--index"],
        ["compare", __file__, __file__, "--known"],
    ):
        done = run(*command, "redis://me:secret@127.0.0.1:1/0?prefix=news")
        assert done.returncode == 2
        assert "redis://127.0.0.1:1/0?prefix=news: no connection" in done.stderr
        assert "secret" not in done.stderr
        assert "Traceback" not in done.stderr


def test_without_the_extra_it_says_what_to_install():
    code = "import sys; sys.modules['redis'] = None; from dedup.cli import main; main()"
    for command in (["index", "create"], ["index", "info"], ["filter"]):
        done = subprocess.run(
            [DEDUP[0], "-c", code, *command, "redis://me:secret@host/0"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = "dedup: redis://host/0: an index on Redis needs: pip install '.[redis]'\n"
        assert (done.returncode, done.stderr) == (2, said)


def test_a_filter_on_redis_writes_what_one_on_disk_writes(run, index, tmp_path):
    source = write(tmp_path / "in.jsonl", records(60))
    assert run("index", "create", str(tmp_path / "index")).returncode == 0
    on_disk = run("filter", str(tmp_path / "index"), stdin=source.read_bytes())
    done = run("filter", index, stdin=source.read_bytes())
    assert (done.returncode, done.stdout) == (0, on_disk.stdout)
    assert run("filter", index, stdin=source.read_bytes()).stdout == on_disk.stdout


def test_killed_runs_started_again_end_with_the_file_of_an_undisturbed_one(run, index, tmp_path):
    source = write(tmp_path / "in.jsonl", [*records(900), b"broken"])
    assert run("index", "create", str(tmp_path / "index")).returncode == 0
    whole = tmp_path / "whole.jsonl"
    run("filter", str(tmp_path / "index"), "--input", str(source), "--output", str(whole))
    out = tmp_path / "out.jsonl"
    args = ("filter", index, "--input", source, "--output", out, "--workers", "0")
    rng = random.Random(3)
    for _ in range(5):
        process = start(*args, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.6, 1.4))
        process.kill()
        process.wait()
    assert run(*map(str, args)).returncode == 2  # of the broken record
    assert out.read_bytes() == whole.read_bytes()
    assert run("index", "verify", index).returncode == 0


def test_two_filters_share_an_index(index, tmp_path):
    made = records(160, seed=4)
    halves = [write(tmp_path / f"in{number}.jsonl", made[number::2]) for number in range(2)]
    outs = [tmp_path / f"out{number}.jsonl" for number in range(2)]
    running = [
        start("filter", index, "--input", half, "--output", out, stderr=subprocess.PIPE)
        for half, out in zip(halves, outs, strict=True)
    ]
    for process in running:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    found = [one for out in outs for one in decisions(out)]
    assert len(found) == len(made)
    groups = {one["group"] for one in found}
    firsts = {
        line["id"]
        for out in outs
        for line in map(json.loads, out.open())
        if line["dedup"]["match"] is None
    }
    assert groups <= firsts


def test_a_server_that_goes_away_ends_a_run_with_one_line(run, tmp_path):
    from redis_servers import RedisServer

    server = RedisServer(tmp_path)
    url = server.url("news")
    assert run("index", "create", url).returncode == 0
    process = start("filter", url, stdin=-1, stdout=-1, stderr=-1)
    process.stdin.write(json.dumps(records(1)[0]).encode() + b"\n")
    process.stdin.flush()
    assert process.stdout.readline()
    server.kill()
    _, said = process.communicate(json.dumps(records(3)[2]).encode() + b"\n", timeout=30)
    assert process.returncode == 2
    assert b"no connection" in said
    assert b"Traceback" not in said
    assert os.path.exists(tmp_path / "appendonlydir")  # noqa: PTH110 - the server had a file
