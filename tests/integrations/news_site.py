"""A news site made of the repository's fixtures, served on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

FIXTURES = Path(__file__).parents[2] / "fixtures"
STORIES = ("dam", "portstrike")
EMPTY = "gallery.html"


def fixture_files(*stories: str) -> list[Path]:
    """The agency stories, then what outlets made of them and wrote themselves."""
    return [
        path
        for folder in ("wire", "incoming")
        for path in sorted((FIXTURES / folder).glob("*.txt"))
        if path.name.startswith(tuple(stories or STORIES)) and len(paragraphs(path)) > 1
    ]


def paragraphs(path: Path) -> list[str]:
    """The paragraphs of a fixture, its headline first."""
    return [part.strip() for part in path.read_text("utf-8").split("\n\n") if part.strip()]


def write_site(folder: Path) -> list[Path]:
    """Write a page for each fixture, one without text, and a front page that links them."""
    files = fixture_files()
    for path in files:
        headline, *body = paragraphs(path)
        page = "".join(f"<p>{escape(part)}</p>" for part in body)
        (folder / f"{path.stem}.html").write_text(
            f"<!doctype html><meta charset=utf-8><h1>{escape(headline)}</h1>"
            f"<article>{page}</article>",
            "utf-8",
        )
    (folder / EMPTY).write_text("<!doctype html><h1>Pictures of the day</h1><article></article>")
    names = [*(f"{path.stem}.html" for path in files), EMPTY]
    links = "".join(f"<li><a href='{name}'>{name}</a>" for name in names)
    (folder / "index.html").write_text(f"<!doctype html><ul>{links}</ul>")
    return files


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
