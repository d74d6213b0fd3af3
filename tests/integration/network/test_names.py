"""Names: the host resolves, for Python and for C code alike, and only what some grant could use."""

from __future__ import annotations

import asyncio
import socket

import pytest

from yesman.model.errors import PluginFailedError
from yesman.runtime.names import SystemResolver

PUBLIC = "93.184.216.34"
API = "network.external:api.example.test"
C_LIBRARY = '''
class Info(ctypes.Structure):
    pass

Info._fields_ = [
    ("flags", ctypes.c_int), ("family", ctypes.c_int), ("type", ctypes.c_int), ("protocol", ctypes.c_int),
    ("length", ctypes.c_uint), ("address", ctypes.c_void_p), ("name", ctypes.c_char_p),
    ("next", ctypes.POINTER(Info)),
]

def c_lookup(host, family=0):
    """Ask the C library's getaddrinfo; returns addresses, or the number of its error."""
    found, row = ctypes.POINTER(Info)(), None
    hints = Info(family=family, type=1)
    number = LIBC.getaddrinfo(host.encode(), None, ctypes.byref(hints), ctypes.byref(found))
    if number:
        return number
    addresses = []
    while found:
        offset, size = (4, 4) if found.contents.family == 2 else (8, 16)
        packed = ctypes.string_at(found.contents.address + offset, size)
        addresses.append(socket.inet_ntop(found.contents.family, packed))
        found = found.contents.next
    return addresses

def ask(data):
    """Say ``data`` to the name server over TCP and return what it says."""
    with socket.socket() as own:
        own.settimeout(5)
        assert raw(inet("127.0.0.1", 53), number=own.fileno()) in ("connected", "EINPROGRESS")
        own.sendall(data)
        return own.recv(2000)

def query(host, kind=1, flags=0x0100, questions=1):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in host.split("."))
    message = struct.pack("!6H", 7, flags, questions, 0, 0, 0) + labels + struct.pack("!BHH", 0, kind, 1)
    return len(message).to_bytes(2, "big") + message

def code(answer):
    return answer[5] & 15, int.from_bytes(answer[8:10], "big")
'''


async def run(net, body: str, *grants: str):
    return await net.run(body, *grants, top=C_LIBRARY)


async def test_c_code_resolves_a_granted_name_and_connects_to_it(net, eventually):
    listener = net.public("api.example.test", 443)
    body = f"return raw(inet({PUBLIC!r}, 443)), c_lookup('api.example.test'), raw(inet({PUBLIC!r}, 443))"
    assert await run(net, body, API) == ["EACCES", [PUBLIC], "connected"]
    await eventually(lambda: listener.greeted == 1)


async def test_c_code_gets_addresses_of_both_families(net):
    net.book.add("api.example.test", f"{PUBLIC} 2606:4700::1111")
    body = "return sorted(c_lookup('api.example.test')), c_lookup('api.example.test', 10)"
    assert await run(net, body, API) == [["2606:4700::1111", PUBLIC], ["2606:4700::1111"]]


@pytest.mark.escape("network")
async def test_c_code_learns_no_name_without_a_grant_for_it_and_the_caller_hears_why(net):
    net.book.add("secret.example.test", "10.1.1.1")
    body = "raise RuntimeError(c_lookup('secret.example.test'))"
    with pytest.raises(PluginFailedError) as caught:
        await run(net, body, API)
    assert caught.value.message == "plugin 'demo' lacks permission 'network.external:secret.example.test'"
    assert net.book.asked == []


async def test_c_code_without_any_grant_hears_the_same(net):
    with pytest.raises(PluginFailedError, match=r"lacks permission 'network.external:api.example.test'"):
        await run(net, "raise RuntimeError(c_lookup('api.example.test'))")


@pytest.mark.escape("races")
async def test_a_name_that_turns_inside_is_resolved_and_not_reached(net):
    net.book.add("api.example.test", "127.0.0.1")
    listener = net.listener()
    body = f"return c_lookup('api.example.test'), raw(inet('127.0.0.1', {listener.port}))"
    assert await run(net, body, API) == [["127.0.0.1"], "EACCES"]
    assert listener.greeted == 0


async def test_a_name_nobody_has_is_absent_in_c_and_in_python(net):
    body = """
        try:
            return socket.getaddrinfo("no.example.test", 80)
        except socket.gaierror as error:
            return error.errno, c_lookup("no.example.test")
        """
    assert await run(net, body, "network.external") == [socket.EAI_NONAME, socket.EAI_NONAME]


async def test_a_name_of_this_machine_is_judged_by_the_address_the_host_says(net):
    """The hosts file is read by the host, never by the plugin: what counts is the address."""
    net.rig.resolver = SystemResolver()
    listener = net.listener()
    body = f"""
        before = raw(inet("127.0.0.1", {listener.port}))
        found = c_lookup("localhost", 2)
        return before, found, raw(inet("127.0.0.1", {listener.port})), attempt(open, "/etc/hosts")
        """
    for granted, outcome in (
        ("network.internal:localhost", "connected"),
        ("network.external:localhost", "EACCES"),
    ):
        assert await run(net, body, granted) == ["EACCES", ["127.0.0.1"], outcome, "EACCES"]


@pytest.mark.escape("network")
async def test_other_questions_have_no_answer_or_are_refused(net):
    net.book.add("api.example.test", PUBLIC)
    body = """
        return {
            "A": code(ask(query("api.example.test"))),
            "A in capitals": code(ask(query("API.example.TEST"))),
            "AAAA": code(ask(query("api.example.test", 28))),
            "MX": code(ask(query("api.example.test", 15))),
            "TXT": code(ask(query("api.example.test", 16))),
            "ANY": code(ask(query("api.example.test", 255))),
            "not granted": code(ask(query("evil.example.test"))),
            "not granted, TXT": code(ask(query("data.evil.example.test", 16))),
            "reverse": code(ask(query("34.216.184.93.in-addr.arpa", 12))),
        }
        """
    assert await run(net, body, API) == {
        "A": [0, 1], "A in capitals": [0, 1], "AAAA": [0, 0], "MX": [0, 0], "TXT": [0, 0], "ANY": [0, 0],
        "not granted": [5, 0], "not granted, TXT": [5, 0], "reverse": [3, 0],
    }  # fmt: skip
    assert {name.lower() for name in net.book.asked} == {"api.example.test"}


@pytest.mark.parametrize(
    "data",
    [
        "b'GET / HTTP/1.1\\r\\n\\r\\n'",
        "b'\\xff\\xff' + bytes(600)",
        "b'\\0\\0'",
        "b'\\0\\5hello'",
        "query('api.example.test', flags=0x8180)",  # an answer
        "query('api.example.test', flags=0x2800)",  # an update
        "query('api.example.test', questions=0)",
        "query('api.example.test', questions=2)",
        "b'\\0\\x20' + struct.pack('!6H', 7, 0x0100, 1, 0, 0, 0) + b'\\xc0\\x0c' + bytes(18)",  # a loop
    ],
)
@pytest.mark.escape("network")
async def test_what_is_no_question_is_hung_up_on(net, data):
    body = f"""
        try:
            return len(ask({data}))
        except ConnectionResetError:
            return 0
        """
    assert await run(net, body, API) == 0


@pytest.mark.escape("network")
async def test_a_dns_server_of_ones_own_must_be_named_with_its_port(net):
    listener = net.listener()
    net.leads.lead("10.0.0.53", 53, listener)
    body = "return raw(inet('10.0.0.53', 53))"
    await run(net, body, "network.internal", "network.internal:10.0.0.53")
    assert listener.greeted == 0
    assert await run(net, body, "network.internal:10.0.0.53:53") == "connected"
    assert net.leads.routed == ["10.0.0.53:53"]


@pytest.mark.escape("network")
async def test_nobody_else_can_ask_a_plugins_name_server(net):
    net.book.add("api.example.test", PUBLIC)
    plugin = await net.rig.start(
        net.rig.command("return c_lookup('api.example.test')", top=net.top + C_LIBRARY), API
    )
    assert await net.rig.go(plugin) == [PUBLIC]
    place = net.rig.networks[-1]._names.place()
    reader, writer = await asyncio.open_connection(str(place.address), place.port)
    assert await reader.read() == b""
    writer.close()
    other = f"return raw(inet('127.0.0.1', {place.port}))\n"
    assert await run(net, other, "network.external") == "EACCES"


async def test_python_names_what_is_missing_with_the_port(net):
    with pytest.raises(PluginFailedError, match=r"'network.external:api.example.test:443'"):
        await run(
            net, "socket.create_connection(('api.example.test', 443))", "network.external:www.example.test"
        )


async def test_python_resolves_like_the_standard_library(net):
    net.book.add("api.example.test", f"{PUBLIC} 2606:4700::1111")
    net.book.add("xn--bcher-kva.test", PUBLIC)
    net.book.add("link.test", "fe80::1%7")
    body = """
        rows = socket.getaddrinfo("api.example.test", "https", type=socket.SOCK_STREAM)
        return {
            "rows": [[int(row[0]), int(row[1]), row[2], row[3], list(row[4])] for row in rows],
            "v4 only": [row[4][0] for row in socket.getaddrinfo("api.example.test", 1, socket.AF_INET)],
            "by name": socket.gethostbyname("api.example.test"),
            "all by name": socket.gethostbyname_ex("api.example.test"),
            "idna": socket.gethostbyname("b\\u00fccher.test"),
            "zone": socket.getaddrinfo("link.test", 1)[0][4],
            "zone as given": socket.getaddrinfo("fe80::2%3", 1)[0][4],
            "nobody": socket.getaddrinfo(None, 1)[0][4][0],
            "numeric": socket.getaddrinfo("127.1", "80")[0][4],
        }
        """
    assert await run(net, body, "network.external") == {
        "rows": [[2, 1, 6, "", [PUBLIC, 443]], [10, 1, 6, "", ["2606:4700::1111", 443, 0, 0]]],
        "v4 only": [PUBLIC], "by name": PUBLIC, "all by name": ["api.example.test", [], [PUBLIC]],
        "idna": PUBLIC, "zone": ["fe80::1", 1, 0, 7], "zone as given": ["fe80::2", 1, 0, 3],
        "nobody": "::1", "numeric": ["127.0.0.1", 80],
    }  # fmt: skip


@pytest.mark.parametrize("host", ["a\\0b.test", "a b.test", "x" * 300, ".", "..", "\\u2028.test", ""])
async def test_what_cannot_be_a_name_is_a_plain_resolver_error(net, host):
    body = f"""
        try:
            socket.getaddrinfo("{host}", 80)
        except socket.gaierror as error:
            return "gaierror"
        """
    assert await run(net, body, "network.external") == "gaierror"


@pytest.mark.escape("resources")
async def test_a_plugin_that_looks_up_many_slow_names_delays_no_other(net, eventually):
    class Slow:
        def __init__(self) -> None:
            self.waiting = 0

        async def resolve(self, host, _family):
            if host.startswith("slow"):
                self.waiting += 1
                await asyncio.Event().wait()
            return [PUBLIC]

    net.rig.resolver = slow = Slow()
    body = """
        for n in range(16):
            threading.Thread(target=socket.gethostbyname, args=(f"slow{n}.test",), daemon=True).start()
        threading.Event().wait()
        """
    plugin = await net.rig.start(net.rig.command(body, top=net.top), "network.external")
    waiting = asyncio.ensure_future(net.rig.go(plugin))
    await eventually(lambda: slow.waiting == 4)
    assert await run(net, "return socket.gethostbyname('fast.test')", "network.external") == PUBLIC
    assert slow.waiting == 4
    await plugin.kill("the test is over")
    await asyncio.gather(waiting, return_exceptions=True)
