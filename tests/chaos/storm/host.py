"""The server and the folders of the host's own tests, for tests that keep one server for many faults."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

_PLACE = Path(__file__).resolve().parents[2] / "integration" / "host" / "conftest.py"


def _loaded() -> Any:
    name = "host_fixtures_for_chaos"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _PLACE)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


Server: Any = _loaded().Server
Mounted: Any = _loaded().Mounted
Wire: Any = _loaded().Wire
Plugins: Any = _loaded().Plugins
