"""Time each reader against the floor of the library it stands on, in interleaved rounds.

    python benchmarks/reading_speed.py --output benchmarks/results/reading_speed.json

Articles are invented, 3 KB each, in one file a format. The floor parses the same bytes with the
same library and makes nothing of them (``json.loads`` a line, lxml's parser, trafilatura's
``extract``); for XML it is lxml's C parser, although the reader stands on expat. ``--pages`` adds a
folder of real pages (``.html``, ``.html.gz``).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import html
import io
import json
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow
import trafilatura
from lxml import etree
from pyarrow import feather, ipc, parquet
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dedup.reading.inputs import Problem, read_articles

ROUNDS = 7
MANY, FEW = 2000, 100
Call = Callable[[], object]


def articles(number: int) -> list[dict[str, str]]:
    """Return invented records of about 3 KB in eight paragraphs."""
    rng = random.Random(5)
    words = ["".join(rng.choices("aeionrstlcdu", k=rng.randint(2, 9))) for _ in range(5000)]
    records = []
    for key in range(number):
        paragraphs = [
            " ".join(rng.choices(words, k=60)).capitalize() + f" {key}." for _ in range(8)
        ]
        records.append({"id": f"a-{key}", "title": f"Title {key}", "text": "\n".join(paragraphs)})
    return records


def page(record: dict[str, str]) -> str:
    """Write a page with menus and a footer around an article."""
    links = "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(60))
    text = "".join(f"<p>{line}</p>" for line in record["text"].splitlines())
    linked = json.dumps({"@type": "NewsArticle", "headline": record["title"]})
    return (
        f"<!doctype html><html lang=es><head><meta charset=utf-8><title>{record['title']}</title>"
        f'<script type="application/ld+json">{linked}</script></head><body><nav><ul>{links}</ul>'
        f"</nav><article><h1>{record['title']}</h1>{text}</article><footer>{links}</footer></body>"
    )


def news_item(record: dict[str, str]) -> str:
    """Write an article as a NewsML-G2 item with NITF inside."""
    text = "".join(f"<p>{html.escape(line)}</p>" for line in record["text"].splitlines())
    return (
        f'<newsItem guid="{record["id"]}"><contentMeta><headline>{record["title"]}</headline>'
        "</contentMeta><contentSet><inlineXML><nitf><body><body.content>"
        f"{text}</body.content></body></nitf></inlineXML></contentSet></newsItem>"
    )


def write_tables(folder: Path, records: list[dict[str, str]]) -> None:
    """Write the formats of many records."""
    lines = [json.dumps(record) for record in records]
    (folder / "a.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "a.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    (folder / "a.json").write_text(json.dumps(records), "utf-8")
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*records[0]])
        writer.writeheader()
        writer.writerows(records)
    table = pyarrow.Table.from_pylist(records)
    parquet.write_table(table, folder / "a.parquet")
    feather.write_feather(table, str(folder / "a.feather"))
    items = "".join(news_item(record) for record in records)
    (folder / "g2.xml").write_text(
        f"<newsMessage><itemSet>{items}</itemSet></newsMessage>", "utf-8"
    )
    entries = "".join(
        f"<item><guid>{record['id']}</guid><title>{record['title']}</title><description>"
        + html.escape("".join(f"<p>{line}</p>" for line in record["text"].splitlines()))
        + "</description></item>"
        for record in records
    )
    (folder / "a.rss").write_text(f"<rss><channel>{entries}</channel></rss>", "utf-8")


def write_pages(folder: Path, records: list[dict[str, str]]) -> None:
    """Write a folder of texts, one of pages, and an archive of them."""
    (folder / "texts").mkdir()
    (folder / "pages").mkdir()
    with (folder / "a.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for record in records:
            (folder / "texts" / f"{record['id']}.txt").write_text(record["text"], "utf-8")
            content = page(record)
            (folder / "pages" / f"{record['id']}.html").write_text(content, "utf-8")
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], "HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    f"http://a.example/{record['id']}",
                    "response",
                    payload=io.BytesIO(content.encode()),
                    http_headers=headers,
                )
            )


def extract_all(folder: Path) -> None:
    """Run trafilatura over a folder of pages."""
    for path in sorted(folder.iterdir()):
        raw = path.read_bytes()
        trafilatura.extract(gzip.decompress(raw) if path.suffix == ".gz" else raw)


def extract_archive(path: Path) -> None:
    """Run trafilatura over the responses of an archive."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            trafilatura.extract(record.content_stream().read())


def csv_rows(path: Path) -> None:
    """Read a table into lists."""
    with path.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass


def loads_lines(lines: list[bytes]) -> None:
    """Parse JSON Lines."""
    for line in lines:
        json.loads(line)


def floors(folder: Path) -> dict[str, tuple[Path, int, str, Call]]:
    """Return for each format its file, its number of articles, and its floor by name."""
    at = folder.joinpath
    return {
        "text": (
            at("texts"),
            FEW,
            "read and decode",
            lambda: [path.read_bytes().decode() for path in sorted(at("texts").iterdir())],
        ),
        "jsonl": (
            at("a.jsonl"),
            MANY,
            "json.loads a line",
            lambda: loads_lines(at("a.jsonl").read_bytes().splitlines()),
        ),
        "jsonl.gz": (
            at("a.jsonl.gz"),
            MANY,
            "gzip and json.loads a line",
            lambda: loads_lines(gzip.decompress(at("a.jsonl.gz").read_bytes()).splitlines()),
        ),
        "json": (at("a.json"), MANY, "json.loads", lambda: json.loads(at("a.json").read_bytes())),
        "csv": (at("a.csv"), MANY, "csv.reader", lambda: csv_rows(at("a.csv"))),
        "parquet": (
            at("a.parquet"),
            MANY,
            "pyarrow to_pylist",
            lambda: parquet.read_table(at("a.parquet")).to_pylist(),
        ),
        "arrow": (
            at("a.feather"),
            MANY,
            "pyarrow to_pylist",
            lambda: ipc.open_file(str(at("a.feather"))).read_all().to_pylist(),
        ),
        "newsml": (at("g2.xml"), MANY, "lxml parse", lambda: etree.parse(at("g2.xml"))),
        "rss": (at("a.rss"), MANY, "lxml parse", lambda: etree.parse(at("a.rss"))),
        "html": (at("pages"), FEW, "trafilatura.extract", lambda: extract_all(at("pages"))),
        "warc": (
            at("a.warc.gz"),
            FEW,
            "warcio and trafilatura.extract",
            lambda: extract_archive(at("a.warc.gz")),
        ),
    }


def seconds(call: Call) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def read_whole(path: Path, number: int) -> None:
    """Read a file or folder with the reader, which must find every article."""
    problems: list[Problem] = []
    found = sum(1 for _ in read_articles([str(path)], problems.append))
    if found != number:
        raise SystemExit(f"{path}: {found} articles read, {number} written: {problems[:2]}")


def measure(path: Path, number: int, name: str, floor: Call) -> dict[str, float | str]:
    """Return microseconds an article, reader and floor taken in turn, and their ratio."""
    taken: tuple[list[float], list[float]] = ([], [])
    for round_number in range(ROUNDS + 1):
        pair = seconds(lambda: read_whole(path, number)), seconds(floor)
        if round_number:
            taken[0].append(pair[0])
            taken[1].append(pair[1])
    reader, bare = (statistics.median(times) / number * 1e6 for times in taken)
    return {
        "us_per_article": round(reader, 1),
        "floor": name,
        "floor_us_per_article": round(bare, 1),
        "times_floor": round(reader / bare, 2),
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--pages", type=Path, help="a folder of real pages")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records = articles(MANY)
        write_tables(folder, records)
        write_pages(folder, records[:FEW])
        formats = {key: measure(*floor) for key, floor in floors(folder).items()}
    if options.pages:
        number = len(list(options.pages.iterdir()))
        formats["html (real pages)"] = measure(
            options.pages, number, "trafilatura.extract", lambda: extract_all(options.pages)
        )
    result = {
        "command": "python benchmarks/reading_speed.py --output " + str(options.output),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "articles": {"bytes": 3000, "tables": MANY, "texts and pages": FEW},
        "formats": formats,
    }
    text = json.dumps(result, indent=2)
    print(text)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
