"""How a run says where its time went."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import cpu_times

BUSY = """
import subprocess, sys, time

def test_busy():
    until = time.process_time() + {here}
    while time.process_time() < until: pass
    subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < {below}: pass"], check=True)
"""


def test_each_file_has_its_seconds_with_those_of_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(cpu_times.NAME, "")
    end = cpu_times.begin()
    for name, here, below in (("test_one.py", 0.3, 0.0), ("test_two.py", 0.0, 0.9)):
        (tmp_path / name).write_text(BUSY.format(here=here, below=below))
    command = [sys.executable, "-m", "pytest", "-p", "tests.cpu_times"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True)  # noqa: S603
    end(tmp_path / "noted" / "times.json")
    assert cpu_times.tell(tmp_path / "noted" / "times.json", 1) == 0
    heading, slowest = capsys.readouterr().out.splitlines()
    assert heading.startswith("--- the slowest of 2 files, in processor seconds of ")
    seconds, path = slowest.split()
    assert path == "test_two.py"
    assert float(seconds) >= 0.9


def test_without_a_run_before_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cpu_times.tell(tmp_path / "times.json", 20) == 1
    assert "./run test" in capsys.readouterr().err
