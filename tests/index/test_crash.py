"""A writer killed at any moment loses nothing it acknowledged; benchmarks/ has the long version."""

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "crash_index.py"


def test_killed_writers_lose_nothing_and_leave_nothing_twice(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("crash_index", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    crash_index = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(crash_index)
    result = crash_index.crash(tmp_path, kills=15, seed=7)
    assert result["steps_acknowledged"]["add"] > 12
