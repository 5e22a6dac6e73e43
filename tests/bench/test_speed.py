"""The speed suite in a short form, on the fixtures: that it runs, not how fast."""

import json
from pathlib import Path

import pytest

from dedup.article import DedupError
from dedup.bench import peers
from dedup.bench.machine import describe_machine, peak_megabytes
from dedup.bench.speed import COPY, DATASKETCH, SCORE, interleaved, measure_speed, speed_tables
from dedup.bench.tables import as_text
from dedup.reading.inputs import ReadOptions

WIRE = str(Path(__file__).parents[2] / "fixtures" / "wire")
COPIED = " ".join(f"word{number}" for number in range(200))
TEXTS = [COPIED, COPIED.upper() + " and more", "nothing of the kind " * 20]


@pytest.fixture(scope="module")
def result() -> dict:
    return measure_speed([WIRE], ReadOptions(), most=6, rounds=1)


def test_stages_floors_and_whole_runs_are_measured_in_one_table(result) -> None:
    assert result["articles"] == 6
    assert {COPY, DATASKETCH, SCORE} <= set(result["stages"])
    assert all(stage["seconds"] > 0 for stage in result["stages"].values())
    assert result["end_to_end"]["dedup"]["ratio_to_dedup"] == 1.0
    text = as_text(speed_tables(json.loads(json.dumps(result, allow_nan=False))))
    assert "floor: memory copy" in text and "End to end" in text


def test_every_tool_that_is_installed_takes_part_and_others_are_named(result) -> None:
    missing = [tool for tool in ("rensa", "gaoya") if not peers.installed(tool)]
    assert [told.split()[0] for told in result["skipped"] if "numba" not in told] == missing
    for tool, (module, _) in peers.TOOLS.items():
        assert (tool in result["end_to_end"]) == peers.installed(module)


@pytest.mark.parametrize("tool", peers.TOOLS)
def test_each_tool_finds_a_copy_and_nothing_else(tool: str) -> None:
    module, pairs = peers.TOOLS[tool]
    pytest.importorskip(module)
    assert pairs(TEXTS) == {(0, 1)}


def test_rounds_are_interleaved_and_the_first_is_not_counted() -> None:
    order: list[str] = []
    times = interleaved(
        {name: lambda name=name: order.append(name) for name in "ab"}, 2, lambda: None
    )
    assert "".join(order) == "ababab"
    assert [len(taken) for taken in times.values()] == [2, 2]


def test_nothing_to_measure_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DedupError, match="no articles were found"):
        measure_speed([str(tmp_path)], ReadOptions(), most=6, rounds=1)


def test_the_machine_is_described_without_its_name() -> None:
    import platform

    machine = describe_machine()
    assert machine["cores"] and machine["versions"]["datasketch"]
    assert platform.node() not in json.dumps(machine) or len(platform.node()) < 4
    assert (peak_megabytes() or 0) > 10
