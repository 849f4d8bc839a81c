"""The whole suite runs in parts at once, and a run in parts says no less than a run in one."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent

SUITE = {
    "conftest.py": f"import sys\nsys.path.append({str(HERE)!r})\nfrom parts import pytest_runtest_protocol, mark\n",
    "test_one.py": "def test_1(ran): ran('1')\ndef test_2(ran): ran('2')\n",
    "test_two.py": "def test_3(ran): ran('3')\n",
    "test_three.py": "import parts\ndef test_4(ran):\n    ran('4')\n    parts.mark(parts.POSTGRESQL)\n",
}
"""A small suite, whose tests write down that they ran; the last stands for those that PostgreSQL serves."""

RAN = """
import pytest
@pytest.fixture
def ran():
    def write(what):
        with open("ran", "a") as file:
            file.write(what)
    return write
"""


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the script `dev` as a module, working on the small suite."""
    loader = SourceFileLoader("dev_script", str(HERE.parent / "dev"))
    spec = spec_from_loader("dev_script", loader)
    assert spec
    module = module_from_spec(spec)
    with monkeypatch.context() as patch:
        patch.setattr("sys.dont_write_bytecode", True)
        loader.exec_module(module)
    for name, text in SUITE.items():
        (tmp_path / name).write_text(text + (RAN if name == "conftest.py" else ""))
    monkeypatch.chdir(tmp_path)
    return module


def test_every_test_runs_once_and_the_last_lines_sum_up(
    dev: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")

    assert dev.in_parts(2) == 0

    said = capfd.readouterr()
    assert sorted((tmp_path / "ran").read_text()) == ["1", "2", "3", "4"]
    assert "part 2 of 2:" in said.err
    assert said.err.splitlines()[-1] == "dev: tests: part 1 passed, part 2 passed"


def test_a_failure_in_either_part_fails_the_run_and_is_shown(
    dev: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_two.py").write_text("def test_3(): assert 'three' == 3\n")

    assert dev.in_parts(2) == 1

    assert "assert 'three' == 3" in capfd.readouterr().out


def test_a_run_in_parts_that_never_reached_postgresql_fails_on_the_build_machine(
    dev: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    (tmp_path / "test_three.py").unlink()

    assert dev.in_parts(2) == 1

    assert "FAILED: no test ran on PostgreSQL" in capfd.readouterr().err


def test_who_ends_the_run_ends_every_part(dev: ModuleType, tmp_path: Path) -> None:
    ending = "def test_3():\n    import os, signal\n    os.kill(os.getppid(), signal.SIGTERM)\n    signal.pause()\n"
    (tmp_path / "test_two.py").write_text(ending)

    assert dev.in_parts(2) == 128 + 15
