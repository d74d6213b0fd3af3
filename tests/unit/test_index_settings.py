"""Set-up reaches packages the way the machine's pip does."""

from __future__ import annotations

import importlib.util
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "tools" / "index_settings.py"
spec = importlib.util.spec_from_file_location("index_settings", FILE)
assert spec
assert spec.loader
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


def test_settings_of_pip_conf_become_uv_variables(tmp_path):
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://one.example/simple\nextra-index-url =\n  https://a\n  https://b\n"
    )
    environ = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(file)}
    added = tool.as_uv(tool.pip_settings(environ), environ)
    assert added["UV_DEFAULT_INDEX"] == "https://one.example/simple"
    assert added["UV_INDEX"] == "https://a https://b"


def test_the_environment_beats_the_file_and_uv_beats_pip(tmp_path):
    file = tmp_path / "pip.conf"
    file.write_text("[install]\nindex-url = https://file\nfind-links = /a /b\n")
    environ = {"PIP_CONFIG_FILE": str(file), "PIP_INDEX_URL": "https://environment"}
    settings = tool.pip_settings(environ)
    assert settings["index-url"] == "https://environment"
    added = tool.as_uv(settings, {"UV_INDEX_URL": "https://older-spelling"})
    assert "UV_DEFAULT_INDEX" not in added
    assert added["UV_FIND_LINKS"] == "/a,/b"


def test_a_broken_file_is_left_to_pip(tmp_path):
    file = tmp_path / "pip.conf"
    file.write_bytes(b"\xff\xfe not ini")
    assert "index-url" not in tool.pip_settings({"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(file)})
