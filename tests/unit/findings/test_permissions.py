"""What code uses against what is asked for: each kind of use, and what only looks like one."""

from __future__ import annotations

import pytest

from yesman.findings import tables
from yesman.findings.api import SINCE
from yesman.findings.syntax import Source, parse
from yesman.findings.uses import SERVICES, uses_of
from yesman.plugins import PluginContext, ui
from yesman.plugins import __all__ as public

CONTEXT = "self.context."
# code -> the permission that it needs
USES = {
    "import requests": "network.external",
    "from urllib import request": "network.external",
    "import http.client as c": "network.external",
    "if x:\n    import socket": "network.external",
    "import subprocess": "system.execute",
    "import os\nos.system('ls')": "system.execute",
    "from os import execv as run\nrun('/bin/ls', [])": "system.execute",
    "import asyncio\nasyncio.create_subprocess_exec('ls')": "system.execute",
    "open('/home/me/list')": "filesystem.read:/home/me/list",
    "open('/home/me/list', 'w')": "filesystem.write:/home/me/list",
    "open('/home/me/list', mode='ab')": "filesystem.write:/home/me/list",
    "from pathlib import Path\nPath('/srv/x').read_text()": "filesystem.read:/srv/x",
    "import pathlib\npathlib.Path('/srv/x').open('w')": "filesystem.write:/srv/x",
    "import os\nos.makedirs('/srv/x')": "filesystem.write:/srv/x",
    CONTEXT + "session_manager.list_sessions()": "session.read",
    CONTEXT + "session_manager.create_session('a')": "session.modify",
    CONTEXT + "session_manager.create_session('a', None, None)": "session.modify",
    CONTEXT + "session_manager.create_session('a', command=['top'])": "session.type",
    "s = context.session_manager\ns.close_session('a')": "session.modify",
    CONTEXT + "tmux_manager.send_keys('a', 'b')": "session.type",
    CONTEXT + "plugin_manager.disable_plugin('a')": "plugin.manage",
    CONTEXT + "providers.get('git', I)": "provider.use",
    CONTEXT + "notifications.send('a', 'b')": "session.modify",
    "import httpx\nhttpx.get('https://api.github.com/x')": "network.external:api.github.com:443",
    "import httpx\nhttpx.get(f'http://10.0.0.1:8080/{x}')": "network.internal:10.0.0.1:8080",
    "import asyncio\nasyncio.open_connection(host, 25)": "network.external",
    "from asyncio import open_connection as oc\noc(host, 25)": "network.external",
    "import asyncio as a\na.open_connection('127.0.0.1', port)": "network.internal:127.0.0.1",
    "import asyncio\nasyncio.open_connection('mail.acme.io', 25)": "network.external:mail.acme.io:25",
    "import asyncio\nloop.create_connection(P, 'localhost', 80)": "network.internal:localhost:80",
    "import asyncio\nasyncio.get_running_loop().create_datagram_endpoint(P)": "network.external",
    "import smtplib": "network.external",
    "import asyncpg": "network.external",
    "import webbrowser": "system.execute",
    "import psutil\npsutil.Popen(['ls'])": "system.execute",
    "from pathlib import Path\n(Path.home() / '.netrc').read_text()": "filesystem.read:~/.netrc",
    "from pathlib import Path\n(Path.home() / 'a' / 'b').open('a')": "filesystem.write:~/a/b",
    "from pathlib import Path\nPath('~/x').expanduser().touch()": "filesystem.write:~/x",
    "from pathlib import Path\nPath('/srv', 'x').resolve().iterdir()": "filesystem.read:/srv/x",
    "import os\nopen(os.path.expanduser('~/x'))": "filesystem.read:~/x",
    "import os\nopen(os.path.join('/srv', 'x', 'y'))": "filesystem.read:/srv/x/y",
    "import shutil\nshutil.copy('/srv/x', '/srv/y')": "filesystem.write:/srv/y",
    "import shutil\nshutil.copytree('/srv/x', new)": "filesystem.read:/srv/x",
    "import sqlite3\nsqlite3.connect('/srv/db')": "filesystem.write:/srv/db",
    "import tarfile\ntarfile.open('/srv/t', 'r:xz')": "filesystem.read:/srv/t",
    "import zipfile\nzipfile.ZipFile('/srv/z', 'w')": "filesystem.write:/srv/z",
}
NO_USES = [
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import requests",
    "'''See https://api.github.com/x'''\nimport json",
    "URL = 'https://example.com/x'",
    "open('list')",
    "open(name)",
    "open('/dev/null', 'w')",
    "open('/usr/share/dict/words')",
    "from .requests import get",
    "import requests_like",
    "self.providers.get('x')",
    "cache.get('x')",
    "import asyncio\nasyncio.sleep(1)",
    "pool.create_connection()",
    "from pathlib import Path\n(Path(folder) / 'x').read_text()",
    "from pathlib import Path\n('/srv' / Path(name)).read_text()",
    "open('~/x')  # a folder of that name",
    "text.replace('/a', '/b')",
    "'/srv/x'.replace('/a', '/b')",
]


def source(text: str) -> Source:
    return Source("src/main.py", parse(text.encode(), "src/main.py"))


@pytest.mark.parametrize("code", USES)
def test_a_use_is_seen(code):
    assert USES[code] in {use.permission for use in uses_of(source(code), SERVICES)}


@pytest.mark.parametrize("code", NO_USES)
def test_what_only_looks_like_one_is_not(code):
    assert uses_of(source(code), SERVICES.keys() - {"providers"}) == []


def asking(*permissions: str) -> str:
    return "+permissions:\n" + "".join(f"  - name: {text}\n    reason: x\n" for text in permissions)


@pytest.mark.parametrize(
    ("permission", "code", "missing"),
    [
        ("network.internal", "import requests", 0),
        ("network.external:api.github.com", "import requests\nX = 'https://api.github.com/x'", 0),
        ("network.external:api.github.com", "import requests\nX = 'https://uploads.github.com/x'", 1),
        ("network.external:api.github.com", "import requests\nX = 'https://api.github.com:80/x'", 0),
        ("network.external:api.github.com:443", "import requests\nX = 'http://api.github.com/x'", 1),
        ("filesystem.read", "open('/srv/x')", 0),
        ("filesystem.read:/srv", "open('/srv/x')", 0),
        ("filesystem.write:/srv", "open('/srv/x')", 0),
        ("filesystem.read:/srv", "open('/srv/x', 'w')", 1),
        ("filesystem.read:/srv/y", "open('/srv/x')", 1),
        ("session.modify:work-*", "self.context.session_manager.close_session(name)", 0),
        ("system.execute:/usr/bin/git", "import subprocess", 0),
    ],
)
def test_scopes_are_heeded(found, permission, code, missing):
    rules = [f.rule for f in found({"plugin.yaml": asking(permission), "src/main.py": f"+{code}\n"})]
    assert rules.count("permission-missing") == missing


@pytest.mark.parametrize(
    ("permission", "code", "more"),
    [
        ("filesystem.write", "import shutil", {}),
        ("filesystem.read", "open(name)", {}),
        ("system.execute", "import os", {}),
        ("network.external", "import importlib", {}),
        ("network.external", "import something_else", {}),
        ("network.external", "x = 1", {"requirements.txt": "six\n", "src/a.py": "import six\n"}),
        ("network.internal", "import asyncio\nasyncio.open_connection(host, 25)", {}),
        ("network.internal", "from asyncio import open_connection as oc\noc(host, 25)", {}),
        ("network.internal", "loop.create_connection(P, host, 25)", {}),
        ("network.external", "import smtplib", {}),
        ("session.read", "self.context.event_bus.publish('x')", {}),
        ("session.type", "self.context.tmux_manager.send_keys(a, b)", {}),
    ],
)
def test_what_may_be_used_is_not_called_unused(found, permission, code, more):
    files = {"plugin.yaml": asking(permission), "src/main.py": f"+{code}\n", **more}
    assert [f.rule for f in found(files) if f.rule == "permission-unused"] == []


def test_asyncio_alone_is_no_way_to_the_network(found):
    files = {"plugin.yaml": asking("network.internal"), "src/main.py": "+import asyncio\n"}
    assert [f.rule for f in found(files)] == ["permission-unused"]


@pytest.mark.parametrize(
    "permission", ["network.internal", "filesystem.write", "session.type", "plugin.manage"]
)
def test_what_nothing_can_use_is(found, permission):
    (finding,) = found({"plugin.yaml": asking(permission)})
    assert (finding.rule, finding.file, finding.line) == ("permission-unused", "plugin.yaml", 5)


def test_one_use_is_told_once_a_file(found):
    twice = "+import requests\nimport requests.sessions\n"
    told = found({"src/main.py": twice, "src/b.py": "import httpx\n"})
    assert [(f.file, f.line) for f in told] == [("src/b.py", 1), ("src/main.py", 6)]


@pytest.mark.parametrize("deep", ["a" + ".b" * 5_000, "(" * 150 + "1" + ")" * 150, "-" * 2_000 + "1"])
@pytest.mark.parametrize("around", ["if {}: import requests", "x = {}", "import requests.{}"])
def test_hostile_source_is_looked_at_or_refused(found, deep, around):
    rules = {f.rule for f in found({"src/main.py": f"+{around.format(deep)}\n"})}
    assert rules <= {"entry", "permission-missing"}


def test_the_table_of_versions_is_the_public_surface():
    fields = {f"context.{name}" for name in PluginContext.__dataclass_fields__}
    assert set(SINCE) == set(public) | fields | {"ui", *(f"ui.{name}" for name in ui.__all__)}


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("from yesman.plugins import ui\nui.Table", None),
        ("from yesman.plugins.ui import Table, Text", None),
        ("import yesman.plugins.ui\nyesman.plugins.ui.Table", None),
        ("from yesman.plugins import ui\nui.Tabel", "api-unknown"),
        ("from yesman.plugins.ui import Tabel", "api-unknown"),
        ("from yesman.plugins.ui import _Part", "api-private"),
    ],
)
def test_the_nodes_of_panels_are_public(found, code, rule):
    assert [each.rule for each in found({"src/main.py": f"+{code}\n"})] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("slot", "asked", "rules"),
    [
        ("session", "session.read", []),
        ("session", "session.read:work-*", []),
        ("session", "", ["permission-missing"]),
        ("tab", "session.read", ["permission-unused"]),
    ],
)
def test_a_panel_with_sessions_is_told_of_them_with_permission_only(found, slot, asked, rules):
    permission = f"permissions:\n  - {{name: '{asked}', reason: to say so}}\n" if asked else ""
    panels = f"provides:\n  - panels:\n      - {{name: mine, title: Mine, slot: {slot}}}\n"
    told = found({"plugin.yaml": f"+{panels}{permission}"})
    assert [(each.rule, each.file, each.line) for each in told] == [
        (rule, "plugin.yaml", 6 if rule == "permission-missing" else 8) for rule in rules
    ]


def test_no_module_needs_two_permissions():
    assert not tables.NETWORK_MODULES & tables.PROCESS_MODULES
