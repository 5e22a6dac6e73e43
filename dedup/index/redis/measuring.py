"""How much of a server's memory an index takes, and how the server keeps it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from dedup.index.redis.errors import explained
from dedup.index.redis.server import Server
from dedup.index.redis.store import Store

_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes of memory in all and of texts, ids decided, the first and the last date."""

    bytes: int
    text_bytes: int
    decisions: int
    earliest: int | None
    latest: int | None


def measure(store: Store) -> Measured:
    """Measure an index by a sample of its records and buckets, and of the fields of its hashes."""
    server = store.server
    rows, buckets = store.rows(), int(store.fields("meta", ["buckets"])[0] or 0)
    some = random.Random(1)
    record_keys = [server.key(f"r:{row}") for row in some.sample(rows, min(_SAMPLE, len(rows)))]
    numbers = some.sample(range(buckets), min(_SAMPLE, buckets))
    hashes = ("t", "ids", "dated", "decisions", "versions", "members", "series", "meta")
    with server.pipeline() as pipe:
        for key in (*record_keys, *(server.key(f"b:{number}") for number in numbers)):
            pipe.memory_usage(key)
        for name in hashes:
            pipe.memory_usage(server.key(name), samples=50)
        pipe.hlen(server.key("decisions"))
        for end in (0, -1):
            pipe.zrange(server.key("dated"), end, end, withscores=True)
        *sizes, decisions, earliest, latest = pipe.execute()
    sizes = [size or 0 for size in sizes]
    of_records = sizes[: len(record_keys)]
    of_buckets = sizes[len(record_keys) : len(record_keys) + len(numbers)]
    total = sum(sizes[len(record_keys) + len(numbers) :])
    total += round(sum(of_records) * len(rows) / max(len(record_keys), 1))
    total += round(sum(of_buckets) * buckets / max(len(numbers), 1))
    texts = _text_bytes(store, record_keys) * len(rows) / max(len(record_keys), 1)
    dates = [int(found[0][1]) if found else None for found in (earliest, latest)]
    return Measured(total, round(texts), decisions, *dates)


def said_of_server(server: Server) -> str:
    """Say how a server keeps what it has acknowledged, and whether it forgets when it is full."""
    with server.pipeline() as pipe:
        pipe.info("persistence")
        pipe.info("memory")
        pipe.info("server")
        persistence, memory, about = pipe.execute()
    fsync = _setting(server, "appendfsync") or "unknown"
    kept = (
        f"append-only file, fsync {fsync}" if persistence.get("aof_enabled") else "snapshots only"
    )
    said = f"Redis {about.get('redis_version', '?')}; {kept}"
    policy = memory.get("maxmemory_policy", "noeviction")
    if memory.get("maxmemory") and policy != "noeviction":
        said += f"; when full it forgets keys ({policy}): set maxmemory-policy noeviction"
    return said


def _setting(server: Server, name: str) -> str | None:
    """Return a setting; None where the server does not tell, as hosted ones do not."""
    from redis.exceptions import ResponseError

    with explained(server.name):
        try:
            found = server.redis.config_get(name)
        except ResponseError:
            return None
    value = found.get(name)
    return value.decode() if isinstance(value, bytes) else value


def _text_bytes(store: Store, record_keys: list[bytes]) -> int:
    from dedup.index.redis.records import unpack_record

    if not record_keys:
        return 0
    with explained(store.name):
        raws = store.server.redis.mget(record_keys)
    width = store.parameters.num_perm
    return sum(len(unpack_record(raw, width).packed) for raw in raws if raw is not None)
