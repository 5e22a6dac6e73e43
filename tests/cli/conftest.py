"""Running the command line as a process."""

import os
import subprocess
import sys

import pytest

MAIN = "from dedup.cli import main; main()"


@pytest.fixture
def run():
    """Return how to run ``dedup`` with arguments, standard input and environment."""

    def run_dedup(*args: str, stdin: bytes = b"", **env: str):
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *args],
            input=stdin,
            capture_output=True,
            env={**os.environ, **env},
            check=False,
        )
        return subprocess.CompletedProcess(
            args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return run_dedup
