"""Streams for ``dedup filter`` as a process."""

import json
import random
import subprocess
import sys
from pathlib import Path

MAIN = "from dedup.cli import main; main()"
DEDUP = [sys.executable, "-c", MAIN]

WORDS = [a + b for a in ("ba", "de", "gi", "ko", "lu", "ma", "ne") for b in ("ran", "lit", "sor")]


def prose(rng: random.Random, words: int) -> str:
    return ". ".join(
        " ".join(rng.choice(WORDS) for _ in range(10)).capitalize() for _ in range(words // 10)
    )


def records(count: int, seed: int = 1) -> list[dict]:
    """Records a third of which are copies, with repeated ids and fields of all kinds."""
    rng = random.Random(seed)
    made: list[dict] = []
    for number in range(count):
        text = prose(rng, 80)
        if made and rng.random() < 0.3:
            text = rng.choice(made)["text"] + " " + prose(rng, 10)
        made.append({"id": f"r{number}", "text": text, "extra": {"n": [number, "ñ"]}})
        if rng.random() < 0.05:
            made.append(rng.choice(made))
    return made


def write(path: Path, lines: list) -> Path:
    """Write records, and bytes as they are, a line each."""
    parts = [
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()
        for line in lines
    ]
    path.write_bytes(b"".join(part + b"\n" for part in parts))
    return path


def start(*args: object, **options) -> subprocess.Popen:
    """Start ``dedup``."""
    return subprocess.Popen([*DEDUP, *map(str, args)], **options)


def decisions(path: Path) -> list[dict]:
    """The decisions in an output."""
    return [json.loads(line)["dedup"] for line in path.read_bytes().splitlines()]
