"""The top of the command line: its commands, its help, and what a call loads."""

import subprocess
import sys

import pytest

COMMANDS = ["compare", "check", "scan", "audit", "sketch", "filter", "serve", "index", "bench"]


def test_help_lists_every_command_and_version_is_known(run) -> None:
    shown = run("--help").stdout
    assert all(f" {command} " in shown for command in COMMANDS)
    assert run("--version").stdout.startswith("dedup ")


@pytest.mark.parametrize("command", [*COMMANDS[:-2], "index add", "bench quality"])
def test_every_command_has_help_with_examples_of_it(run, command: str) -> None:
    done = run(*command.split(), "--help")
    assert done.returncode == 0
    assert f"dedup {command} " in done.stdout


def test_a_command_that_is_misspelt_gets_its_neighbours(run) -> None:
    done = run("comparre")
    assert done.returncode == 2
    assert "compare" in done.stderr


def test_shells_complete_commands_and_options(run) -> None:
    asked = {"_DEDUP_COMPLETE": "complete_bash"}
    code = "from dedup.cli import main; import sys; sys.argv = ['dedup']; main()"
    for line, expected in (("dedup fil", "filter"), ("dedup filter --drop", "--drop-when")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**asked, "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert expected in done.stdout.split(), done.stderr


def test_a_call_loads_its_command_alone() -> None:
    code = (
        "import sys; sys.argv = ['dedup', 'compare', '--help']\n"
        "from dedup.cli import main\n"
        "try: main()\n"
        "finally: print(*sorted(m for m in sys.modules if m.startswith('dedup.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["dedup.cli.compare", "dedup.cli.options"]
