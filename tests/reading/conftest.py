"""What the reader tests share: one way to read files, whatever their format."""

from pathlib import Path

import pytest
from reading_files import Outcome, Read, read_paths


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and read it: its items, the errors, the notices."""

    def read_file(name: str, content: bytes | str, **options: object) -> Outcome:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_paths([str(path)], **options)

    return read_file


@pytest.fixture
def read_all() -> Read:
    return read_paths
