"""Small sketches with planted collisions, and the backends that every protocol test runs on."""

import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from redis_servers import SERVER, common_server

from dedup.index.disk.index import DiskIndex
from dedup.index.disk.library import DiskLibrary
from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.index.protocol import Index
from dedup.index.redis.library import RedisLibrary
from dedup.index.reference import ReferenceIndex
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches

PARAMETERS = SketchParameters(num_perm=8)

Make = Callable[..., Index]


def make_memory(nets: Nets | None = None) -> Index:
    return MemoryIndex(PARAMETERS, nets or Nets(bands=8))


class SmallRuns(MemoryIndex):
    """The index in memory as it is after many additions: runs and a tail of a few slots."""

    _tail_holds = 3


class RunsAlone(MemoryIndex):
    """The index in memory without a tail."""

    _many = 1


def make_small_runs(nets: Nets | None = None) -> Index:
    return SmallRuns(PARAMETERS, nets or Nets(bands=8))


def make_runs_alone(nets: Nets | None = None) -> Index:
    return RunsAlone(PARAMETERS, nets or Nets(bands=8))


MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where waiting for the disk would only cost time."""


class SmallSegments(DiskIndex):
    """The index on disk as it is after many additions."""

    _sealed_from = 3


def _make_disk(kind: type[DiskIndex], nets: Nets | None) -> Index:
    directory = tempfile.TemporaryDirectory(prefix="dedup-test-", dir=MEMORY)
    path = Path(directory.name) / "index"
    DiskLibrary.create(path, PARAMETERS, nets or Nets(bands=8)).close()
    index = kind(path, write=True)
    weakref.finalize(index, directory.cleanup)
    return index


def make_disk(nets: Nets | None = None) -> Index:
    return _make_disk(DiskIndex, nets)


def make_small_segments(nets: Nets | None = None) -> Index:
    return _make_disk(SmallSegments, nets)


def make_reference(nets: Nets | None = None) -> Index:
    return ReferenceIndex(PARAMETERS, nets or Nets(bands=8))


def make_redis(nets: Nets | None = None) -> Index:
    return RedisLibrary.create(common_server().new_url(), PARAMETERS, nets or Nets(bands=8)).index


BACKENDS: dict[str, Make] = {
    "memory": make_memory,
    "memory, small runs": make_small_runs,
    "memory, runs alone": make_runs_alone,
    "disk": make_disk,
    "disk, small segments": make_small_segments,
    "reference": make_reference,
}
if SERVER:  # test_redis.py skips and says so where it is missing
    BACKENDS["redis"] = make_redis


def texts(*sketched: tuple[int, list[int], set[int]]) -> Sketches:
    """Sketches of (text hash, signature values, fingerprints); hash 0 has no words."""
    fingerprints = [sorted(prints) for _, _, prints in sketched]
    return Sketches(
        np.array([values for _, values, _ in sketched], np.uint32).reshape(-1, 8),
        np.array([text for text, _, _ in sketched], np.uint64),
        np.array([0 if text == 0 else 9 for text, _, _ in sketched], np.int32),
        np.array([value for prints in fingerprints for value in prints], np.uint32),
        np.cumsum([0, *map(len, fingerprints)]).astype(np.int64),
    )


def random_texts(rng: np.random.Generator, count: int, values: int, different: int) -> Sketches:
    """Sketches whose values come from so few that they collide; equal texts are equal throughout.

    Text 0 has no words, text 1 no shingle.
    """
    made = []
    for text in rng.integers(0, different, count).tolist():
        own = np.random.default_rng([text, values])
        signature = own.integers(0, values, 8).tolist()
        prints = set(own.integers(0, 4 * values, int(own.integers(0, 8))).tolist())
        if text < 2:
            signature, prints = [0xFFFFFFFF] * 8, set()
        made.append((text, signature, prints))
    return texts(*made)


nets = st.builds(
    Nets,
    bands=st.integers(1, 4),
    rows=st.integers(1, 2),
    minimum_bands=st.none() | st.integers(1, 3),
    minimum_fingerprints=st.none() | st.integers(1, 3),
    minimum_evidence=st.integers(1, 6),
    cap=st.integers(1, 30),
    limit=st.integers(1, 30),
) | st.builds(
    Nets,
    bands=st.integers(1, 8),
    minimum_bands=st.integers(1, 3),
    minimum_evidence=st.none(),
)
