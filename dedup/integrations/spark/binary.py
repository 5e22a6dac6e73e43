"""Binary columns of Arrow as NumPy arrays, and back, without a Python object a value."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def buffer_of(column: Any) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:  # noqa: ANN401
    """Return the bytes of a column, uint8[size], and where each value stands, int64[n + 1].

    The column is of ``large_string`` or ``large_binary``, and has no nulls.
    """
    _, offsets, content = column.buffers()
    if not len(column):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    first = column.offset
    places = np.frombuffer(offsets, np.int64)[first : first + len(column) + 1]
    taken = np.empty(0, np.uint8) if content is None else np.frombuffer(content, np.uint8)
    return taken, places


def values(column: Any, dtype: npt.DTypeLike) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:  # noqa: ANN401
    """Return the values in a column of arrays, one after the other, and where each array begins.

    The offsets, int64[n + 1], count values.
    """
    content, offsets = buffer_of(column.cast(pa.large_binary()))
    size = np.dtype(dtype).itemsize
    taken = content[offsets[0] : offsets[-1]]
    return np.frombuffer(taken.tobytes(), dtype), (offsets - offsets[0]) // size


def binaries(content: npt.NDArray[Any], offsets: npt.NDArray[np.int64]) -> Any:  # noqa: ANN401
    """Return a column of bytes, ``content[offsets[i]:offsets[i + 1]]`` by bytes."""
    buffers = [
        None,
        pa.py_buffer(np.ascontiguousarray(offsets, np.int32)),
        pa.py_buffer(np.ascontiguousarray(content)),
    ]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)
