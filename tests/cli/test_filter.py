"""``dedup filter`` as a process."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from streaming import decisions, prose, records, start, write

from dedup.filtering.processes import BULK_BYTES


@pytest.fixture
def index(run, tmp_path: Path) -> Path:
    path = tmp_path / "index"
    assert run("index", "create", str(path)).returncode == 0
    return path


def test_every_record_comes_out_in_order_with_its_bytes_and_a_decision(run, index, tmp_path):
    source = write(tmp_path / "in.jsonl", records(40))
    done = run("filter", str(index), stdin=source.read_bytes())
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for line, given in zip(lines, source.read_text("utf-8").splitlines(), strict=True):
        assert line.startswith(given[:-1] + ', "dedup": {"kept": ')
    found = [json.loads(line)["dedup"] for line in lines]
    dropped = sum(not one["kept"] for one in found)
    assert dropped
    assert f"{len(lines)} read = {len(lines) - dropped} kept + 0 rejected + {dropped} dropped" in (
        done.stderr
    )
    again = run("filter", str(index), stdin=source.read_bytes())
    assert again.stdout == done.stdout


def test_what_a_rule_drops_goes_to_rejected_with_what_cannot_be_read(run, index, tmp_path):
    good = records(30)
    bad = [b"[1]", b'{"id": "x"}', b'{"id": "x", "text": " "}', b'{"id": "x", "text": "\xff\xfe"}']
    long = json.dumps({"id": "long", "text": "word " * 300_000}).encode()
    source = write(tmp_path / "in.jsonl", [*good[:10], *bad, long, *good[10:], b'{"id": "y", "te'])
    out, rejected = tmp_path / "out.jsonl", tmp_path / "rejected.jsonl"
    done = run(
        *("filter", str(index), "--input", str(source), "--output", str(out)),
        *("--rejected", str(rejected), "--drop-when", "narrative_percent>=50", "--max-size", "1"),
    )
    assert done.returncode == 2
    for number, reason in enumerate(
        [
            "not a JSON object",
            "no field 'text'; it has 'id'",
            "field 'text' is empty",
            "not valid UTF-8 at byte",
            "larger than 1 MB",
        ],
        11,
    ):
        assert f"{source}:{number}: {reason}" in done.stderr
    put_aside = [json.loads(line) for line in rejected.read_bytes().splitlines()]
    refused = [one for one in put_aside if "reason" in one]
    dropped = [one for one in put_aside if "dedup" in one]
    assert [one["line"] for one in refused] == [
        11,
        12,
        13,
        14,
        15,
        source.read_bytes().count(b"\n"),
    ]
    assert refused[0] == {"reason": "not a JSON object", "line": 11, "record": "[1]"}
    assert refused[4]["bytes"] == len(long) + 1
    assert dropped
    assert not any(one["dedup"]["kept"] for one in dropped)
    kept = decisions(out)
    assert all(one["kept"] for one in kept)
    total = len(good) + 6
    assert len(kept) + len(put_aside) == total
    assert f"{total} read = {len(kept)} kept + 6 rejected + {len(dropped)} dropped\n" in done.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--drop-when", "percent>"], "drop rule 'percent>'"),
        (["--drop", "copy"], "--drop: 'copy' is no relation; there are identical"),
        (["--within", "soon"], "'soon' is no duration"),
        (["--input", "/none.jsonl"], "/none.jsonl: cannot be read"),
        (["--output", "/none/out.jsonl"], "/none/out.jsonl: cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, index, args, message):
    done = run("filter", str(index), *args)
    assert (done.returncode, message in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


def test_a_finished_run_goes_on_behind_its_input_and_changes_nothing_else(run, index, tmp_path):
    made = records(60)
    source, out = write(tmp_path / "in.jsonl", made[:30]), tmp_path / "out.jsonl"
    args = ("filter", str(index), "--input", str(source), "--output", str(out))
    assert run(*args).returncode == 0
    first = out.read_bytes()
    done = run(*args)
    assert (done.returncode, out.read_bytes()) == (0, first)
    write(source, made)
    done = run(*args)
    assert "30 of them read before" in done.stderr
    assert out.read_bytes().startswith(first)
    assert len(decisions(out)) == len(made)


def test_files_that_are_not_the_runs_are_refused(run, index, tmp_path):
    source, out = write(tmp_path / "in.jsonl", records(20)), tmp_path / "out.jsonl"
    args = ("filter", str(index), "--input", str(source), "--output", str(out))
    out.write_text("mine\n")
    assert "is there already and not of this run" in run(*args).stderr
    assert out.read_text() == "mine\n"
    out.unlink()
    assert run(*args).returncode == 0
    whole = out.read_bytes()
    out.write_bytes(whole[:-1])
    done = run(*args)
    assert (done.returncode, "put back what was taken away" in done.stderr) == (2, True)
    out.write_bytes(whole)
    write(source, records(20, seed=2))
    done = run(*args)
    assert (done.returncode, "is not the file" in done.stderr) == (2, True)
    done = run("filter", str(index), "--input", str(source), "--output", str(source))
    assert (done.returncode, "must be different files" in done.stderr) == (2, True)


def test_a_killed_run_started_again_ends_with_the_files_of_an_undisturbed_one(run, tmp_path):
    source = write(tmp_path / "in.jsonl", [*records(1500), b"broken", *records(300, seed=2)])

    def args(name: str) -> list[str]:
        folder = tmp_path / name
        if not folder.exists():
            folder.mkdir()
            assert run("index", "create", f"{folder}/index").returncode == 0
        return [
            *("filter", f"{folder}/index", "--input", str(source), "--output", f"{folder}/out"),
            *("--rejected", f"{folder}/rejected", "--drop-when", "narrative_percent>=80"),
        ]

    start_time = time.monotonic()
    run(*args("whole"))
    whole = time.monotonic() - start_time
    rng = random.Random(3)
    for _ in range(6):
        process = start(*args("killed"), stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.3, 0.9) * whole / 2)
        process.kill()
        process.wait()
    assert run(*args("killed")).returncode == 2  # of the broken record
    for file in ("out", "rejected"):
        assert (tmp_path / "killed" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()
    assert run("index", "verify", str(tmp_path / "killed" / "index")).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_between_records(index, tmp_path, number):
    process = start("filter", index, stdin=-1, stdout=-1, stderr=-1)
    for record in records(3):
        process.stdin.write(json.dumps(record).encode() + b"\n")
    process.stdin.flush()
    first = process.stdout.readline()
    assert b'"dedup"' in first
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert b"3 read = " in said


def test_a_trickle_is_answered_within_a_second_and_sigusr1_says_how_far_it_is(index):
    process = start("filter", index, stdin=-1, stdout=-1, stderr=-1)
    waits = []
    for record in records(6):
        process.stdin.write(json.dumps(record).encode() + b"\n")
        process.stdin.flush()
        sent = time.monotonic()
        process.stdout.readline()
        waits.append(time.monotonic() - sent)
        time.sleep(0.05)
    assert max(waits[1:]) < 1
    process.send_signal(signal.SIGUSR1)
    assert b"read = " in process.stderr.readline()
    process.stdin.close()
    assert process.wait(20) == 0


def test_a_closed_pipe_ends_it_cleanly_and_nothing_decided_is_lost(index, tmp_path):
    source = write(tmp_path / "in.jsonl", records(400))
    process = start("filter", index, "--input", source, stdout=-1, stderr=-1)
    first = process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait(30) == 0
    assert b"nobody reads the output any more" in said or b"read = " in said
    again = start("filter", index, "--input", source, stdout=-1, stderr=-1)
    out, _ = again.communicate(timeout=60)
    assert out.startswith(first)
    assert out.count(b"\n") == source.read_bytes().count(b"\n")


def test_a_reader_that_does_not_read_does_not_keep_it_from_stopping(index, tmp_path):
    source = write(tmp_path / "in.jsonl", records(600))
    process = start("filter", index, "--input", source, stdout=-1, stderr=subprocess.DEVNULL)
    time.sleep(4)
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def test_max_drop_stops_before_anything_of_it_is_written(run, index, tmp_path):
    text = prose(random.Random(1), 90)
    made = [{"id": f"x{n}", "text": text} for n in range(50)]
    source, out = write(tmp_path / "in.jsonl", made), tmp_path / "out.jsonl"
    args = ("filter", str(index), "--input", str(source), "--output", str(out))
    done = run(*args, "--max-drop", "0.5")
    assert done.returncode == 2
    assert "49 of 50 records would be dropped, more than --max-drop 0.5 allows" in done.stderr
    assert out.read_bytes() == b""
    assert run(*args, "--max-drop", "0.99").returncode == 0
    assert len(decisions(out)) == 50


def test_series_within_and_prefer_reach_the_filter(run, index, tmp_path):
    text = prose(random.Random(1), 90)
    made = [
        {"id": "a", "text": text, "story": 7, "published": "2020-01-05"},
        {"id": "b", "text": text, "story": 7, "published": "2020-01-06"},
        {"id": "c", "text": text, "published": "2020-01-04"},
        {"id": "d", "text": text, "published": "2021-01-01"},
    ]
    source, out = write(tmp_path / "in.jsonl", made), tmp_path / "out.jsonl"
    done = run(
        *("filter", str(index), "--input", str(source), "--output", str(out), "--series", "story"),
        *("--within", "30d", "--prefer", "earliest"),
    )
    assert done.returncode == 0, done.stderr
    _, update, earlier, apart = decisions(out)
    assert (update["kept"], update["update"], update["match"]) == (True, True, "a")
    assert (earlier["kept"], earlier["supersedes"], earlier["group"]) == (True, "a", "a")
    assert (apart["kept"], apart["derived"], apart["group"]) == (True, False, "d")


def test_only_one_process_filters_into_an_index(run, index):
    process = start("filter", index, stdin=-1, stdout=-1, stderr=-1)
    process.stdin.write(json.dumps(records(1)[0]).encode() + b"\n")
    process.stdin.flush()
    process.stdout.readline()
    done = run("filter", str(index))
    assert (done.returncode, "another process is writing" in done.stderr) == (2, True)
    process.kill()
    process.communicate()
    assert run("filter", str(index)).returncode == 0


def test_workers_who_are_waited_for_change_nothing(run, tmp_path):
    made = [{**record, "page": "x" * 9000} for record in records(1000)]
    source = write(tmp_path / "in.jsonl", [*made[:300], b"no record", *made[300:]])
    assert source.stat().st_size > BULK_BYTES
    written = []
    for workers in ("0", "2"):
        into, out = tmp_path / f"index{workers}", tmp_path / f"out{workers}.jsonl"
        assert run("index", "create", str(into)).returncode == 0
        files = ("--input", str(source), "--output", str(out))
        done = run("filter", str(into), *files, "--workers", workers)
        assert (done.returncode, " + 1 rejected + " in done.stderr) == (2, True), done.stderr
        written.append(out.read_bytes())
    assert written[0] == written[1]


def test_workers_end_with_a_killed_filter(index, tmp_path):
    source = write(tmp_path / "in.jsonl", records(3000))
    out = tmp_path / "out.jsonl"
    args = ("--input", source, "--output", out, "--workers", "2")
    process = start("filter", index, *args, stderr=subprocess.DEVNULL)

    def children() -> list[int]:
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []

    deadline = time.monotonic() + 30
    while not (pids := children()) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert pids
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
