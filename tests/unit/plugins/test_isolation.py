"""The author API needs the standard library and nothing else, click included."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from yesman import plugins

SRC = Path(plugins.__file__).parents[2]
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from yesman.plugins import PluginCommand
command = PluginCommand("cmd", "Does it.", print, [{"name": "title"}])
described, loaded = command.describe(), sorted(sys.modules)
try:
    command.to_click_command()
    answer = "made"
except ModuleNotFoundError as reason:
    answer = reason.name
print(json.dumps({"loaded": loaded, "click": answer, "option": described["options"][0]["name"]}))
"""


def bare_interpreter() -> dict:
    argv = [sys.executable, "-I", "-S", "-B", "-c", PROGRAM, str(SRC)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


def test_a_bare_interpreter_loads_only_the_standard_library():
    answer = bare_interpreter()
    strangers = {
        name
        for name in answer["loaded"]
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "__main__", "yesman"}
    }
    ours = {name for name in answer["loaded"] if name.startswith("yesman.")}
    assert strangers == set()
    assert all(name.startswith("yesman.plugins") for name in ours)
    assert "yesman.plugins._command" in ours
    assert "yesman.plugins._click" not in ours


def test_click_is_asked_for_only_when_a_click_command_is():
    answer = bare_interpreter()
    assert answer["option"] == "--title"
    assert answer["click"] == "click"
