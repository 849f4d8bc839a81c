"""What an installation gets: our names and no one else's, every data file, and pinned packages."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
OURS = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the wheel as an installation would, and list its files."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return zipfile.ZipFile(file).namelist()


def pins(lock: Path) -> dict[str, list[Version]]:
    """Read which versions *lock* pins; a package may have one for each platform."""
    found: dict[str, list[Version]] = {}
    for name, pinned in re.findall(r"^([a-z0-9-]+)==([^ ;]+)", lock.read_text("utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(Version(pinned))
    return found


def needs(extra: str) -> list[Requirement]:
    """List the packages that *extra* asks for, those of the extras within it included."""
    asked = [Requirement(line) for line in PROJECT["optional-dependencies"][extra]]
    inner = [need for asks in asked if asks.name == "duban" for name in asks.extras for need in needs(name)]
    return [need for need in asked if need.name != "duban"] + inner


def test_no_other_distribution_owns_our_names() -> None:
    owners = packages_distributions()

    assert {
        name: owners.get(Path(name).stem, []) for name in OURS if set(owners.get(Path(name).stem, [])) - {"duban"}
    } == {}


def test_the_installed_version_is_that_of_the_tree() -> None:
    assert version("duban") == PROJECT["version"]


def test_the_wheel_holds_our_names_and_nothing_beside_them(wheel: list[str]) -> None:
    assert {name.split("/")[0] for name in wheel} == {*OURS, f"duban-{PROJECT['version']}.dist-info"}


def test_the_wheel_holds_every_data_file(wheel: list[str]) -> None:
    files = [file for name in OURS for file in [ROOT / name, *(ROOT / name).rglob("*")] if file.is_file()]
    expected = {str(file.relative_to(ROOT)) for file in files if file.suffix != ".pyc"}

    assert expected - set(wheel) == set()
    assert any(name.startswith("workflows/") and name.endswith(".yaml") for name in wheel)


def test_the_wheel_is_marked_against_upload() -> None:
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_host_and_hashes_every_package(lock: Path) -> None:
    text = lock.read_text("utf-8")

    assert re.findall(r"\w+://|--(?!hash=)", text) == []  # no address, and no option that could name one
    assert [block for block in re.split(r"\n(?=\S)", text) if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(("level", "extras"), [("run", ["postgres", "build"]), ("test", ["test"]), ("dev", ["dev"])])
def test_a_lock_pins_what_the_project_asks_for(level: str, extras: list[str]) -> None:
    pinned = pins(ROOT / "requirements" / f"{level}.txt")
    asked = [*map(Requirement, PROJECT["dependencies"]), *(need for extra in extras for need in needs(extra))]

    assert [str(need) for need in asked if not any(map(need.specifier.contains, pinned.get(need.name, [])))] == []


def test_the_locks_agree_with_each_other() -> None:
    largest = pins(ROOT / "requirements" / "dev.txt")

    assert [(lock.stem, name) for lock in LOCKS for name, found in pins(lock).items() if found != largest[name]] == []
