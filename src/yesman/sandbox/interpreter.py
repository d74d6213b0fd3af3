"""Which interpreter plugins run on, and where its standard library lies. Asks, never acts."""

from __future__ import annotations

import sys
from pathlib import Path

import yesman

PACKAGE = Path(yesman.__file__).resolve().parent
BOOT = PACKAGE / "worker" / "boot.py"


def base_python() -> Path:
    """Return the interpreter plugins run on: the one beneath our virtual environment, if any."""
    return Path(getattr(sys, "_base_executable", sys.executable) or sys.executable).resolve()


def interpreter_paths() -> tuple[str, ...]:
    """Return the real paths of the standard library that a child must be able to read."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [
        Path(sys.base_prefix) / "lib" / version,
        Path(sys.base_exec_prefix) / "lib" / version,
        Path(sys.base_prefix) / "lib",
    ]
    return tuple(dict.fromkeys(str(path.resolve()) for path in candidates if path.is_dir()))


def program(module: str, argument: str, *, bytecode: bool = False) -> list[str]:
    """Return the command that runs ``module.main(argument)`` with the standard library and nothing else.

    With ``bytecode`` what it imports is compiled once for all runs, as Python does by itself.
    """
    flags = ["-I", "-S"] if bytecode else ["-I", "-S", "-B"]
    return [str(base_python()), *flags, str(BOOT), str(PACKAGE), module, argument]
