"""Timing a function call by call."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def timed(function: Callable[[int], object], count: int) -> list[float]:
    """Call a function with 0, 1 … and return how long each call took, in seconds."""
    times = []
    for number in range(count):
        start = time.perf_counter()
        function(number)
        times.append(time.perf_counter() - start)
    return times


def milliseconds(times: list[float]) -> float:
    """Return the median of times in seconds, in milliseconds."""
    return round(1e3 * statistics.median(times), 3)
