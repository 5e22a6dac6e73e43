"""The machine a measurement was made on, and what a process takes of it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

_VERSIONS = ("datasketch", "gaoya", "numba", "numpy", "rensa", "xxhash")


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, memory and load, and the versions of what was measured."""
    versions = {}
    for name in _VERSIONS:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return {
        "processor": _first_after(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": _gigabytes(_first_after(Path("/proc/meminfo"), "MemTotal")),
        "load_before": [round(load, 2) for load in os.getloadavg()]
        if hasattr(os, "getloadavg")
        else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": versions,
    }


def peak_megabytes() -> float | None:
    """Return the most memory this process has held so far, None where the system does not say.

    Linux tells of this program alone in /proc; its ``ru_maxrss`` may be that of the program this
    one was started from.
    """
    held = _first_after(Path("/proc/self/status"), "VmHWM")
    if held:
        return int(held.split()[0]) / 1024
    try:
        import resource
    except ImportError:
        return None
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _gigabytes(kilobytes: str | None) -> float | None:
    return round(int(kilobytes.split()[0]) / 2**20, 1) if kilobytes else None


def _first_after(file: Path, name: str) -> str | None:
    with suppress(OSError):
        for line in file.read_text(errors="replace").splitlines():
            if line.startswith(name):
                return line.partition(":")[2].strip()
    return None
