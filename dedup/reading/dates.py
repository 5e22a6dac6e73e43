"""Dates as files write them, in ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$"
)
_PARTIAL = re.compile(r"\d{4}(?:-\d\d)?$")


def iso_date(value: object) -> str | None:
    """Write a date as ``YYYY-MM-DD`` or ``YYYY-MM-DDThh:mm:ss`` with its offset; None if unread.

    Reads ISO 8601 in basic and extended form, RFC 822 (feeds) and Unix times of seconds.
    """
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC).isoformat()
        except (OverflowError, OSError, ValueError):
            return None
    text = value.strip() if isinstance(value, str) else ""
    if _PARTIAL.match(text):
        return text
    if match := _ISO.match(text):
        return _iso(*match.groups())
    try:
        return parsedate_to_datetime(text).isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _iso(
    year: str,
    month: str,
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    zone: str | None,
) -> str | None:
    date = f"{year}-{month}-{day}"
    if hour is not None:
        date += f"T{hour}:{minute}:{second or '00'}"
        if zone in ("Z", "UTC", "GMT"):
            date += "+00:00"
        elif zone:
            digits = zone[1:].replace(":", "").ljust(4, "0")
            date += f"{zone[0]}{digits[:2]}:{digits[2:]}"
    try:
        datetime.fromisoformat(date)
    except ValueError:
        return None
    return date
