import os
import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.filtering.lines import SHOWN, LineReader


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_lines_come_whole_and_offsets_add_up(parts) -> None:
    content = b"\n".join(part.replace(b"\n", b"") for part in parts)
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    reader = LineReader(read, 20)
    batches = list(reader.batches())
    reader.close()
    os.close(read)
    lines = [line for batch in batches for line in batch.lines]
    *ended, rest = content.split(b"\n")
    expected = [part + b"\n" for part in ended] + [rest] * bool(rest)
    numbered = [(n, line) for n, line in enumerate(expected, 1) if len(line) > 20 or line.strip()]
    assert [(line.number, line.content) for line in lines] == numbered
    assert [line.too_long for line in lines] == [
        len(line) if len(line) > 20 else None for _, line in numbered
    ]
    assert batches[-1].offset == len(content)
    assert batches[-1].last


def test_a_line_over_the_limit_is_cut_and_the_next_one_read() -> None:
    read, write = os.pipe()

    def feed() -> None:
        for _ in range(300):
            os.write(write, b"x" * 10_000)
        os.write(write, b"\nnext\n")
        os.close(write)

    thread = threading.Thread(target=feed)
    thread.start()
    reader = LineReader(read, 1_000_000)
    (long, following) = [line for batch in reader.batches() for line in batch.lines]
    thread.join()
    assert (long.number, long.too_long, len(long.content)) == (1, 3_000_001, SHOWN)
    assert (following.number, following.content) == (2, b"next\n")


def test_a_trickle_is_not_kept_waiting() -> None:
    read, write = os.pipe()
    reader = LineReader(read, 100)
    batches = reader.batches()
    for number in range(3):
        os.write(write, b"%d\n" % number)
        start = time.monotonic()
        assert [line.content for line in next(batches).lines] == [b"%d\n" % number]
        assert time.monotonic() - start < 0.5
    os.close(write)


def test_it_stops_when_told_though_nothing_comes() -> None:
    read, write = os.pipe()
    reader = LineReader(read, 100)
    threading.Timer(0.1, reader.stop).start()
    assert list(reader.batches()) == []
    os.close(write)
