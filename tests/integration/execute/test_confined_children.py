"""What a plugin starts is confined as the plugin is; each attack stands beside a control that works."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from typing import Self

CHILD = """
    def in_child(act):
        \"\"\"Return what ``act`` returned, or the error's name, in a forked child.\"\"\"
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, repr(attempt(act)).encode())
            os._exit(0)
        os.close(writing)
        os.wait()
        with os.fdopen(reading) as said:
            return said.read().strip("'")
    def call(name, *arguments):
        if getattr(LIBC, name)(*arguments) == -1:
            raise OSError(ctypes.get_errno(), name)
        return "done"
    def syscall(number, *arguments):
        if LIBC.syscall(number, *map(ctypes.c_long, arguments)) == -1:
            raise OSError(ctypes.get_errno(), str(number))
        return "done"
    ADDRESS = (2).to_bytes(2, "little") + (9).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
"""


async def test_a_program_reads_and_writes_within_the_grants_only(execute, tmp_path):
    for name in ("granted", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    script = (
        f"cd {tmp_path}; cat granted/file; echo x >granted/new; cat other/file; echo x >other/new; ls /proc"
    )
    grants = ("system.execute", f"filesystem.write:{tmp_path}/granted")
    code, out, error = await execute.run(f"return shell({script!r})", *grants)
    assert (code, out) == (2, "text")
    assert error.lower().count("permission denied") == 3
    assert not (tmp_path / "other/new").exists()
    assert (tmp_path / "granted/new").exists()


SECRETS = (
    "/etc/passwd",
    "/etc/shadow",
    "/root/.bashrc",
    "/proc/self/environ",
    "/proc/1/cmdline",
    "/etc/hostname",
)


@pytest.mark.parametrize("path", SECRETS)
async def test_no_program_reads_more_of_the_system_than_programs_need(execute, path):
    code, out, _ = await execute.run(
        f"return shell('cat {path}; cat /usr/share/zoneinfo/UTC >/dev/null && echo read')", "system.execute"
    )
    assert out == "read\n", code


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("lambda: call('ptrace', 16, os.getppid(), 0, 0)", "EPERM"),  # PTRACE_ATTACH
        ("lambda: call('ptrace', 0, 0, 0, 0)", "EPERM"),  # PTRACE_TRACEME
        ("lambda: call('process_vm_readv', os.getppid(), None, 0, None, 0, 0)", "EPERM"),
        ("lambda: syscall(438, 3, 0, 0)", "EPERM"),  # pidfd_getfd
        ("lambda: os.kill(HOST, 0)", "EPERM"),
        ("lambda: os.kill(HOST, 9)", "EPERM"),
        ("lambda: os.kill(-1, 0) or 'only its own'", "only its own"),
        ("lambda: call('unshare', 0x10000000)", "EPERM"),
        ("lambda: syscall(56, 17 | 0x10000000, 0, 0, 0, 0)", "EPERM"),  # a user namespace
        ("lambda: syscall(56, 17 | 0x8000, 0, 0, 0, 0)", "EPERM"),  # CLONE_PARENT
        ("lambda: syscall(435, 0, 0)", "ENOSYS"),  # clone3
        ("lambda: syscall(317, 1, 8, 0)", "EPERM"),  # another listener
        ("lambda: syscall(444, 0, 0, 1)", "ENOSYS"),  # Landlock: no seventeenth layer, nor a second
        ("lambda: call('prctl', 36, 1, 0, 0, 0)", "EPERM"),  # PR_SET_CHILD_SUBREAPER
        ("lambda: call('prctl', 4, 0, 0, 0, 0)", "EPERM"),  # PR_SET_DUMPABLE
        ("lambda: call('prctl', 22, 1, 0, 0, 0)", "EPERM"),  # PR_SET_SECCOMP
        ("lambda: call('setuid', 0)", "EPERM"),
        ("lambda: call('chroot', b'/tmp')", "EPERM"),
        ("lambda: call('memfd_create', b'x', 0)", "EPERM"),
        ("lambda: call('setrlimit', 10, (ctypes.c_ulong * 2)(1, 1))", "EPERM"),
        ("lambda: call('prlimit', os.getppid(), 10, (ctypes.c_ulong * 2)(1, 1), None)", "EPERM"),
        ("lambda: call('connect', LIBC.socket(2, 1, 0), ADDRESS, 16)", "EACCES"),
        ("lambda: call('socket', 2, 2, 0)", "EPERM"),
        ("lambda: call('bind', LIBC.socket(2, 1, 0), ADDRESS, 16)", "EPERM"),
        ("lambda: os.setsid() or 'still marked'", "still marked"),
    ],
)
async def test_a_child_can_no_more_than_the_plugin(execute, act, expected):
    if os.uname().machine != "x86_64" and "syscall(" in act:
        act = "lambda: EXPECTED"
    body = (
        f"{CHILD}\n    HOST = {os.getpid()}\n    return in_child({act.replace('EXPECTED', repr(expected))})"
    )
    assert await execute.run(body, "system.execute") == expected


async def test_two_plugins_cannot_signal_each_other(execute):
    other = await execute.start("return os.getpid()", "system.execute")
    for signal_number in (0, 9):
        said = await execute.run(f"return shell('kill -{signal_number} {other.pid}')", "system.execute")
        assert said[0] == 1, said
        assert "ermitted" in said[2]
    assert await execute.rig.go(other) == other.pid


async def test_set_user_id_programs_give_nothing(execute):
    script = "su -c id; mount -t tmpfs x /mnt; ping -c 1 127.0.0.1; id -u"
    _, out, error = await execute.run(f"return shell({script!r})", "system.execute")
    assert out.split() == [str(os.getuid())]
    assert len(error.splitlines()) >= 2


async def test_exec_gives_no_capability_back(execute):
    program = (
        "import ctypes; head = (ctypes.c_uint32 * 2)(0x20080522, 0); sets = (ctypes.c_uint32 * 6)();"
        "ctypes.CDLL(None).capget(head, sets); print(sum(sets))"
    )
    body = f"return output('/usr/bin/python3', '-I', '-S', '-c', {program!r})"
    assert await execute.run(body, "system.execute") == ["0\n", ""]


async def test_a_script_needs_its_interpreter_granted_too(execute, tmp_path):
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "script"
    script.write_text("#!/bin/sh\necho ran\n")
    script.chmod(0o755)
    body = f"""
    try: return subprocess.run([{str(script)!r}], capture_output=True, text=True).stdout
    except PermissionError as error: return errno.errorcode[error.errno]
    """
    assert await execute.run(body, f"system.execute:{script}") == "EACCES"
    assert await execute.run(body, f"system.execute:{script}", "system.execute:/bin/sh") == "ran\n"
    assert await execute.run(body, f"system.execute:{tmp_path}/tools", "system.execute:/bin/sh") == "ran\n"


async def test_what_a_plugin_writes_it_cannot_execute(execute, tmp_path):
    body = """
    code = open("/usr/bin/true", "rb").read()
    os.close(os.open("own", os.O_CREAT | os.O_WRONLY, 0o755))
    open("own", "wb").write(code)
    reading, writing = os.pipe()
    if os.fork() == 0:
        LIBC.execv(b"./own", (ctypes.c_char_p * 2)(b"own", None))
        os.write(writing, errno.errorcode[ctypes.get_errno()].encode())
        os._exit(0)
    os.wait()
    return os.read(reading, 100).decode()
    """
    assert await execute.run(body, "system.execute") == "EACCES"
    granted = tmp_path / "both"
    granted.mkdir()
    policy = execute.rig.policy(
        execute.rig.write(None), f"filesystem.write:{granted}", f"system.execute:{granted}"
    )
    assert policy.execute == ()


GREET = """
    import socket
    out = []
    for port in PORTS:
        with socket.socket() as own:
            try:
                own.connect(("127.0.0.1", port))
                out.append(own.recv(10).decode())
            except OSError as error:
                out.append(error.errno)
    print(out)
"""


async def test_a_program_connects_within_the_same_grants(execute):
    with Greeter() as granted, Greeter() as other:
        program = "".join(line[4:] + "\n" for line in GREET.splitlines()).replace(
            "PORTS", str([granted.port, other.port])
        )
        body = f"return output('/usr/bin/python3', '-I', '-c', {program!r})[0]"
        said = await execute.run(body, "system.execute", f"network.internal:127.0.0.1:{granted.port}")
    assert said == "['hello', 13]\n"


async def test_descriptors_of_a_child_are_its_own(execute):
    """The same number is another socket in parent and child: the broker must take the caller's."""
    with Greeter() as granted:
        body = f"""
        import _socket
        target = ("127.0.0.1", {granted.port})
        parents = _socket.socket(2, 1)
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.close(parents.fileno())
            own = _socket.socket(2, 1)
            own.connect(target)
            os.write(writing, repr([own.fileno() == parents.fileno(), own.recv(10)]).encode())
            os._exit(0)
        os.wait()
        return [os.read(reading, 100).decode(), attempt(parents.getpeername)]
        """
        said = await execute.run(body, "system.execute", f"network.internal:127.0.0.1:{granted.port}")
    assert said == ["[True, b'hello']", "ENOTCONN"]


class Greeter:
    """A loopback listener that says hello."""

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client:
                client.sendall(b"hello")

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
