"""Sketches in files: ``.npz`` for programs, ``.jsonl`` for people and other languages.

An ``.npz`` holds plain arrays, nothing pickled: ``ids`` (unicode), ``params`` (one string of JSON)
and the arrays of `dedup.sketch.sketches.Sketches`. A ``.jsonl`` begins with a line that names the
schema, the parameters and the number of texts; each line after it is one text.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from dedup.article import DedupError
from dedup.sketch.parameters import (
    ParameterMismatch,
    SketchParameters,
    check_parameters,
    check_words,
)
from dedup.sketch.sketches import Sketches, offsets_of

SCHEMA = "dedup.sketch/1"

_DTYPES = {
    "signatures": np.uint32,
    "text_hashes": np.uint64,
    "word_counts": np.int32,
    "fingerprints": np.uint32,
    "fingerprint_offsets": np.int64,
}


class SketchFileError(DedupError):
    """A file of sketches cannot be read or written."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredSketches:
    """What a file of sketches holds; text ``ids[i]`` has place i in ``sketches``."""

    ids: list[str]
    sketches: Sketches
    parameters: SketchParameters


_Write = Callable[[IO[bytes], StoredSketches], None]
_Read = Callable[[Path], StoredSketches]


def save(
    path: str | os.PathLike[str],
    ids: Sequence[str],
    sketches: Sketches,
    parameters: SketchParameters,
) -> None:
    """Write sketches to a file, as its name ends: ``.npz`` or ``.jsonl``.

    The file appears whole or not at all; one of that name is replaced.

    Raises
    ------
    SketchFileError
        If the name ends otherwise, an id cannot be stored, or the file cannot be written.
    ValueError
        If ids, sketches and parameters do not belong together.
    """
    path = Path(path)
    write, _ = _format(path)
    if len(ids) != len(sketches) or sketches.signatures.shape[1] != parameters.num_perm:
        raise ValueError(
            f"{len(ids)} ids and {parameters.num_perm} permutations do not fit "
            f"{len(sketches)} signatures of {sketches.signatures.shape[1]}"
        )
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            with part.open("xb") as file:
                write(file, StoredSketches(list(ids), sketches, parameters))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise SketchFileError(
            f"{path} cannot be written ({error.strerror or error}); name a place that can"
        ) from error
    except ValueError as error:
        raise SketchFileError(f"{path} cannot be written: {error}") from error


def load(path: str | os.PathLike[str], expected: SketchParameters | None = None) -> StoredSketches:
    """Read sketches from a file that `save` wrote.

    Raises
    ------
    SketchFileError
        If the file cannot be read, is damaged, or is no file of sketches.
    ParameterMismatch
        If the sketches were made by other word rules than this version's, or with other parameters
        than ``expected``.
    """
    path = Path(path)
    _, read = _format(path)
    try:
        stored = read(path)
        _check(stored)
        check_words(stored.parameters, "it", "sketch its texts again with: dedup sketch")
    except ParameterMismatch as error:
        raise ParameterMismatch(f"{path}: {error}") from error
    except OSError as error:
        raise SketchFileError(
            f"{path} cannot be read ({error.strerror or error}); check its name and its permissions"
        ) from error
    except Exception as error:  # numpy parses a damaged header as Python, and so on
        raise SketchFileError(
            f"{path} is damaged, or is no file of sketches ({error or type(error).__name__}); "
            "write it again with: dedup sketch"
        ) from error
    if expected is not None:
        check_parameters(stored.parameters, expected, str(path))
    return stored


def _format(path: Path) -> tuple[_Write, _Read]:
    formats = {".npz": (_write_npz, _read_npz), ".jsonl": (_write_jsonl, _read_jsonl)}
    if path.suffix.lower() not in formats:
        raise SketchFileError(
            f"{path} must end in {' or '.join(formats)}, which says how the sketches are stored"
        )
    return formats[path.suffix.lower()]


def _check(stored: StoredSketches) -> None:
    """Refuse arrays that do not belong together, before anyone reads beyond one of them."""
    made, count = stored.sketches, len(stored.ids)
    for name, dtype in _DTYPES.items():
        array = getattr(made, name)
        if array.dtype != dtype or array.ndim != (2 if name == "signatures" else 1):
            raise ValueError(f"{name} is {array.dtype} in {array.ndim} dimensions")
    if made.signatures.shape != (count, stored.parameters.num_perm):
        raise ValueError(f"signatures of {count} texts have the shape {made.signatures.shape}")
    if len(made.text_hashes) != count or len(made.word_counts) != count:
        raise ValueError(f"there are {count} ids, but not so many text_hashes and word_counts")
    offsets = made.fingerprint_offsets
    if len(offsets) != count + 1 or offsets[0] != 0 or offsets[-1] != len(made.fingerprints):
        raise ValueError("fingerprint_offsets do not fit the fingerprints")
    if (np.diff(offsets) < 0).any():
        raise ValueError("fingerprint_offsets fall")


def _write_npz(file: IO[bytes], stored: StoredSketches) -> None:
    for number, identity in enumerate(stored.ids):
        if identity.endswith("\0"):  # numpy would take it for padding
            raise ValueError(f"id {number}, {identity!r}, ends in a NUL; name a .jsonl instead")
    # An array of strings gives each the room of the longest.
    longest = max(map(len, stored.ids), default=0)
    if longest * len(stored.ids) > 1 << 28:
        raise ValueError(f"an id has {longest} characters, too many; name a .jsonl instead")
    arrays: dict[str, npt.NDArray[Any]] = {
        "ids": np.array(stored.ids, np.str_),
        "params": np.array(stored.parameters.to_json()),
    }
    arrays |= {name: getattr(stored.sketches, name) for name in _DTYPES}
    np.savez(file, allow_pickle=False, **arrays)


def _read_npz(path: Path) -> StoredSketches:
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("not a zip archive")
        file.seek(0)
        with np.load(file, allow_pickle=False) as archive:
            missing = {"ids", "params", *_DTYPES} - set(archive.files)
            if missing:
                raise ValueError(f"without {', '.join(sorted(missing))}")
            ids, params = archive["ids"], archive["params"]
            if ids.dtype.kind != "U" or ids.ndim != 1 or params.dtype.kind != "U" or params.ndim:
                raise ValueError("ids or params are no strings")
            arrays = {name: archive[name] for name in _DTYPES}
    parameters = SketchParameters.from_json(params.item())
    return StoredSketches(ids.tolist(), Sketches(**arrays), parameters)


def _write_jsonl(file: IO[bytes], stored: StoredSketches) -> None:
    made = stored.sketches
    header = {
        "schema": SCHEMA,
        "params": stored.parameters.to_dict(),
        "count": len(stored.ids),
    }
    file.write(json.dumps(header).encode() + b"\n")
    for number, identity in enumerate(stored.ids):
        line = {
            "id": identity,
            "words": int(made.word_counts[number]),
            "text_hash": f"{made.text_hashes[number]:016x}",
            "signature": made.signatures[number].tolist(),
            "fingerprints": made.fingerprints_of(number).tolist(),
        }
        file.write(json.dumps(line).encode() + b"\n")


def _read_jsonl(path: Path) -> StoredSketches:
    with path.open("rb") as file:
        header = json.loads(file.readline())
        if not isinstance(header, dict) or header.get("schema") != SCHEMA:
            raise ValueError(f"its first line does not name the schema {SCHEMA}")
        parameters = SketchParameters.from_dict(header["params"])
        lines = []
        for number, line in enumerate(file, 2):
            try:
                lines.append(_read_line(line, parameters.num_perm))
            except Exception as error:
                raise ValueError(f"line {number}: {error}") from error
    if len(lines) != header["count"]:
        raise ValueError(f"{len(lines)} texts, where its first line says {header['count']}")
    ids, words, hashes, signatures, fingerprints = zip(*lines, strict=True) if lines else ((),) * 5
    made = Sketches(
        np.array(signatures, np.uint32).reshape(len(lines), parameters.num_perm),
        np.array(hashes, np.uint64),
        np.array(words, np.int32),
        np.concatenate([np.empty(0, np.uint32), *fingerprints]),
        offsets_of([len(row) for row in fingerprints]),
    )
    return StoredSketches(list(ids), made, parameters)


def _read_line(
    line: bytes, num_perm: int
) -> tuple[str, int, int, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    values = json.loads(line)
    if not isinstance(values["id"], str) or type(values["words"]) is not int:
        raise ValueError("id is no string, or words no integer")
    signature = _hashes(values["signature"])
    if len(signature) != num_perm:
        raise ValueError(f"a signature of {len(signature)} values, not {num_perm}")
    text_hash = int.from_bytes(bytes.fromhex(values["text_hash"]))
    return values["id"], values["words"], text_hash, signature, _hashes(values["fingerprints"])


def _hashes(values: list[int]) -> npt.NDArray[np.uint32]:
    if not all(type(value) is int and 0 <= value < 1 << 32 for value in values):
        raise ValueError("a hash is not an integer of 32 bits")
    return np.array(values, np.uint32)
