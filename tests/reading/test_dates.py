"""Dates as files write them."""

from datetime import UTC, datetime

import pytest

from dedup.reading.dates import iso_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("20240315T101500+0100", "2024-03-15T10:15:00+01:00"),
        ("20240315T101500Z", "2024-03-15T10:15:00+00:00"),
        ("2024-03-15T10:15:00.123+0100", "2024-03-15T10:15:00+01:00"),
        ("2024-03-15 10:15", "2024-03-15T10:15:00"),
        ("2024-03-15", "2024-03-15"),
        ("2024-03", "2024-03"),
        ("Fri, 15 Mar 2024 10:15:00 +0100", "2024-03-15T10:15:00+01:00"),
        (0, "1970-01-01T00:00:00+00:00"),
        (datetime(2024, 3, 15, tzinfo=UTC), "2024-03-15T00:00:00+00:00"),
        ("2024-13-45", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1e300, None),
    ],
)
def test_dates_are_written_in_iso_8601(written: object, iso: str | None) -> None:
    assert iso_date(written) == iso
