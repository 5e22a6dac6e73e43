"""The frame of every page: templates, content security policy, and text from outside made safe."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from dedup.reporting.printable import printable

_SCRIPT_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_NO_URL = re.compile(
    '[\x00-\x20\x7f-\xa0\\\\"<>\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)


def render(template: str, title: str, scripts: tuple[str, ...], **values: object) -> str:
    """Fill a template into the frame, with the style sheet and scripts it needs inside the page.

    The page's policy allows exactly these, by hash: nothing else runs, nothing is fetched.
    """
    style = _static("report.css")
    code = Markup("").join(_static(name) for name in scripts)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(code)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template(template)
        .render(title=printable(title), policy=policy, style=style, code=code, **values)
    )


def compact_json(value: Any) -> str:  # noqa: ANN401
    """Write JSON without spaces, every character as it is."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def data_block(text: str) -> Markup:
    """Make JSON fit to stand in a script element: nothing in it can end the element."""
    for char, escape in _SCRIPT_ESCAPES.items():
        text = text.replace(char, escape)
    return Markup(text)  # noqa: S704 - made safe just above


def web_address(url: str | None) -> str | None:
    """Return an address that may be made a link: http or https with a host, nothing hidden."""
    if not url or _NO_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def language_tag(language: str | None) -> str | None:
    """Return a language that has the form of one (BCP 47), else None."""
    return language if language and _LANGUAGE.fullmatch(language) else None


@cache
def _static(name: str) -> Markup:
    """Read a style sheet or script of ours, which may stand in the page as it is."""
    path = files("dedup.reporting.html").joinpath("static", name)
    return Markup(path.read_text("utf-8"))  # noqa: S704 - a file of this package


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("dedup.reporting.html"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _hash(inline: str) -> str:
    digest = hashlib.sha256(inline.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
