"""The benchmarks are a program beside the package: found by path, as ``python -m benchmarks`` finds them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
