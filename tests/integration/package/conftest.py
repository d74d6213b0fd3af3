"""A package index of tiny wheels, made by hand, served from a folder or over loopback."""

from __future__ import annotations

import base64
import functools
import hashlib
import os
import sys
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.package import Environments, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator


class Wheelhouse:
    """A folder of wheels, which is also a PEP 503 index under ``simple/``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "simple"
        self.index.mkdir(parents=True)

    def add(self, name, version="1.0", *, files=None, requires=(), python=">=3", tag="py3-none-any"):
        content = dict(files or {f"{name}.py": f"VERSION = {version!r}\n"})
        info = f"{name}-{version}.dist-info"
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}\n"
        content[f"{info}/METADATA"] = head + "".join(f"Requires-Dist: {each}\n" for each in requires)
        content[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
        content[f"{info}/RECORD"] = "".join(map(_record, content, content.values())) + f"{info}/RECORD,,\n"
        wheel = self.folder / f"{name}-{version}-{tag}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in content.items():
                archive.writestr(path, text)
        self.list(name, wheel)
        return wheel

    def list(self, name, file):
        (self.index / name).mkdir(exist_ok=True)
        with (self.index / name / "index.html").open("a") as page:
            page.write(f"<a href='../../{file.name}'>{file.name}</a>\n")


def _record(path, text):
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(text)}\n"


class _Quiet(SimpleHTTPRequestHandler):
    def do_GET(self):
        if status := self.server.status:  # type: ignore[attr-defined]  # set below
            self.send_error(status)
        else:
            super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def house(tmp_path) -> Wheelhouse:
    return Wheelhouse(tmp_path / "house")


@pytest.fixture
def served(house) -> Iterator[ThreadingHTTPServer]:
    """The wheelhouse over loopback; set ``served.status`` to make every answer an error."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=house.folder))
    server.status = 0  # type: ignore[attr-defined]  # read by the handler
    server.url = f"http://127.0.0.1:{server.server_port}/simple"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def environ(tmp_path, house) -> dict[str, str]:
    """A user whose only source of packages is the folder of wheels."""
    (tmp_path / "home").mkdir()
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(house.folder), "PIP_CONFIG_FILE": os.devnull}
    return {"HOME": str(tmp_path / "home"), "PATH": os.defpath, **offline}


@pytest.fixture
def root(tmp_path) -> Iterator[Path]:
    yield tmp_path / "state" / "environments"
    remove_tree(tmp_path / "state")  # read-only folders would stop pytest's own clean-up


@pytest.fixture
def python() -> Path:
    """The base interpreter: starting it runs nothing of any virtual environment."""
    return Path(sys._base_executable)  # type: ignore[attr-defined]  # CPython has it


@pytest.fixture
def environments(root, environ, python) -> Environments:
    return Environments(root, root.parent / "cache", python, environ=environ)


@pytest.fixture
def over_http(root, environ, python, served) -> Environments:
    """The same, but asking the index over loopback."""
    asking = {
        name: value for name, value in environ.items() if name not in ("PIP_NO_INDEX", "PIP_FIND_LINKS")
    }
    asking |= {"PIP_INDEX_URL": served.url, "UV_HTTP_RETRIES": "0"}
    return Environments(root, root.parent / "cache", python, environ=asking)
