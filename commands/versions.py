"""Which versions are at work: ours, Python's and the schema's."""

import platform
from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Our version, from the installed distribution, else from the clone's pyproject.toml."""
    try:
        return version("duban")
    except PackageNotFoundError:
        return _of_clone()


def _of_clone() -> str:
    import tomllib
    from pathlib import Path

    path = Path(__file__).parent.parent / "pyproject.toml"
    try:
        return str(tomllib.loads(path.read_text("utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "0"


def told() -> str:
    """The line of ``--version``."""
    return f"duban {own_version()} (Python {platform.python_version()})"
