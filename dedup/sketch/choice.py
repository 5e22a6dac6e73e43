"""The choice between the NumPy path and the kernel: which is sooner done, loading counted.

Measured on one core: the NumPy path takes 16 MB of text a second and starts at once; the kernel
takes 450 MB a second, but loading it from numba's cache takes 0.5 s and compiling it 4.4 s.
"""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path

from dedup.sketch.compiling import can_be_kept, is_compiled

LOADING_PAYS = 8_000_000
"""Bytes of text from which the compiled kernel is loaded: 0.5 s of the NumPy path."""

COMPILING_PAYS = 25_000_000
"""Bytes from which it is compiled and kept, to the good of later runs: 1.6 s of the NumPy path."""

COMPILING_ONCE_PAYS = 70_000_000
"""Bytes from which it is compiled where it cannot be kept: 4.4 s of the NumPy path."""

KERNEL = "dedup.sketch.kernel"


class Spending:
    """Bytes sketched without the kernel so far; a stream of small batches ends up paying for it.

    Those that are known to come count too.
    """

    def __init__(self) -> None:
        self.size = 0

    def expect(self, size: int) -> None:
        """Count bytes that are known to come."""
        self.size += size

    def kernel_pays(self, size: int) -> bool:
        """Tell whether the kernel should take a batch of so many bytes; if not, count them."""
        if KERNEL in sys.modules:
            return True
        if self.size + size >= needed_size():
            return True
        self.size += size
        return False


def needed_size() -> float:
    """Return the bytes of text from which loading the kernel pays here, infinite if it cannot."""
    if sys.byteorder != "little" or util.find_spec("numba") is None:
        return float("inf")
    if is_compiled(Path(__file__).with_name("kernel.py"), "sketch_buffer"):
        return LOADING_PAYS
    if can_be_kept(Path(__file__).parent):
        return COMPILING_PAYS
    return COMPILING_ONCE_PAYS
