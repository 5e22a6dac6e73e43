"""Report pages read by a parser, and what every one of them must keep to."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- <script>",
    "]]> &lt;b&gt;",
    "javascript:alert(1)",
    "\u202egnp.exe\u2066 \x1b[31m\x00\x9b \ud800 \u2028",
]
WORDS = (
    "Ferry crews on the Tagus began a second week of stoppages on Monday after talks with the "
    "operator broke down leaving forty thousand commuters without a crossing at the busiest hours."
)

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Page(HTMLParser):
    """A page read: its elements with their text, and whether every one was closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.misnested: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        element = (tag, dict(attrs), [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.misnested.append(tag)
        else:
            self.open.pop()

    def handle_data(self, data) -> None:
        for _, _, text in self.open:
            text.append(data)

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str | None], str]]:
        return [
            (attrs, "".join(text))
            for name, attrs, text in self.elements
            if name == tag
            and all(
                value in (attrs.get(key.rstrip("_")) or "").split()
                for key, value in attributes.items()
            )
        ]


def policy_of(page: Page) -> str:
    return next(
        attrs["content"] or ""
        for attrs, _ in page.all("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )


def assert_safe(page: Page) -> None:
    """Check that the page holds our own script and style, no handler and no foreign address."""
    assert not page.misnested
    policy = policy_of(page)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        for attrs, text in page.all(tag):
            if attrs.get("type") != "application/json":
                digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                assert f"'sha256-{digest}'" in policy
                assert "src" not in attrs
    for tag, attrs, _ in page.elements:
        assert tag not in ("iframe", "object", "embed", "base", "form", "link", "img")
        assert not [name for name in attrs if name.startswith("on") or name == "style"]
        assert "src" not in attrs
        if "href" in attrs:
            assert re.match(r"https?://|#", attrs["href"] or "")
