"""Addresses of indexes on Redis: ``redis://user:password@host:6379/0?prefix=news``."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dedup.article import DedupError

SCHEMES = ("redis", "rediss", "unix")
DEFAULT_PREFIX = "dedup"

_OPTIONS = {
    "db",
    "username",
    "password",
    "client_name",
    "socket_timeout",
    "socket_connect_timeout",
    "socket_keepalive",
    "health_check_interval",
    "ssl_ca_certs",
    "ssl_ca_path",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_cert_reqs",
    "ssl_check_hostname",
}
"""What may stand behind the question mark beside the prefix; the client library takes it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index is.

    ``url`` is for the client library; it may hold a password, so it is neither shown nor compared.
    ``name`` is what people are shown. Every key of the index begins with ``prefix``, in braces.
    """

    url: str
    name: str
    prefix: str

    def __repr__(self) -> str:
        return f"Address({self.name!r})"


def parse_address(url: str) -> Address:
    """Parse the address of an index.

    Raises
    ------
    DedupError
        If it is none; the message holds no password.
    """
    scheme = url.split("://", 1)[0]
    if scheme not in SCHEMES:
        raise DedupError(f"{scheme}://: indexes are directories, or on {', '.join(SCHEMES)}://")
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        raise DedupError(
            f"{scheme}://: the address cannot be read; write {scheme}://host:6379/0?prefix=news"
        ) from None
    prefix = options.pop("prefix", DEFAULT_PREFIX)
    host = parts.hostname or ""
    where = f"[{host}]" if ":" in host else host
    shown = {"prefix": prefix} if prefix != DEFAULT_PREFIX else {}
    if scheme == "unix" and "db" in options:
        shown = {"db": options["db"], **shown}
    name = f"{scheme}://{where}{f':{port}' if port else ''}{parts.path}"
    name += f"?{urlencode(shown)}" if shown else ""
    if not prefix or not prefix.isprintable() or set(prefix) & set("{}: ") or len(prefix) > 100:
        raise DedupError(f"{name}: a prefix is 1 to 100 characters, without spaces, colons, braces")
    for option in options:
        if option not in _OPTIONS:
            raise DedupError(
                f"{name}: there is no option {option!r}; there are prefix, "
                f"{', '.join(sorted(_OPTIONS))}"
            )
    if scheme != "unix" and parts.path.strip("/") and not parts.path.strip("/").isdecimal():
        raise DedupError(f"{name}: behind the host stands the number of a database, as in /0")
    client = urlunsplit((scheme, parts.netloc, parts.path, urlencode(options), ""))
    return Address(client, name, prefix)
