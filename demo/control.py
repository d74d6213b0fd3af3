"""The hostile plugin's attacks without the sandbox: shows that they work where nothing stops them.

    python control.py key FILE | memory PID | network PORT

Prints what the plugin's command would return, as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def main(kind: str, target: str) -> None:
    """Attack and print."""
    sys.path.insert(0, str(Path(__file__).resolve().parent / "hostile"))
    attacks = importlib.import_module("src.attacks")
    ways = {
        "key": lambda: attacks.on_key(target),
        "memory": lambda: attacks.on_memory(int(target)),
        "network": lambda: attacks.on_network("127.0.0.1", int(target)),
    }
    print(json.dumps(attacks.attack(ways[kind](), report=True)))


if __name__ == "__main__":
    main(*sys.argv[1:])
