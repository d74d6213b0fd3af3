"""What a plugin reaches, by Python and by raw system calls: what was granted, and nothing else."""

from __future__ import annotations

import pytest

from yesman.model.errors import PluginFailedError

PUBLIC = "93.184.216.34"
API = "network.external:api.example.test:443"


async def denied(running) -> str:
    """Return the message of a call that must fail as a refusal."""
    with pytest.raises(PluginFailedError) as caught:
        await running
    assert caught.value.failure == "permission", caught.value
    assert caught.value.code == 3
    return caught.value.message


async def test_a_granted_name_is_reached_on_its_port(net):
    listener = net.public("api.example.test", 443)
    assert await net.run("return greeting('api.example.test', 443)", API) == "hello"
    assert (listener.greeted, net.leads.routed) == (1, [f"{PUBLIC}:443"])


@pytest.mark.parametrize(
    ("call", "permission"),
    [
        ("greeting('api.example.test', 80)", "network.external:api.example.test:80"),
        ("greeting('93.184.216.35', 443)", "network.external:93.184.216.35:443"),
        ("greeting('other.example.test', 443)", "network.external:other.example.test:443"),
        ("greeting('127.0.0.1', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('10.0.0.1', 443)", "network.internal:10.0.0.1:443"),
        ("greeting('0.0.0.0', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('::1', 443)", "network.internal:[::1]:443"),
        ("greeting('::ffff:127.0.0.1', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('64:ff9b::7f00:1', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('2002:7f00:1::', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('127.1', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('0x7f000001', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('2130706433', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('0177.0.0.1', 443)", "network.internal:127.0.0.1:443"),
        ("greeting('169.254.169.254', 80)", "network.internal:169.254.169.254:80"),
        ("greeting('::ffff:169.254.169.254', 80)", "network.internal:169.254.169.254:80"),
    ],
)
@pytest.mark.escape("network")
async def test_whatever_else_is_refused_by_the_name_of_what_is_missing(net, call, permission):
    net.book.add("api.example.test", PUBLIC)
    body = f"socket.getaddrinfo('api.example.test', 443)\nreturn {call}"
    assert await denied(net.run(body, API)) == f"plugin 'demo' lacks permission '{permission}'"
    assert net.leads.routed == []


@pytest.mark.parametrize("host", ["224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1"])
@pytest.mark.escape("network")
async def test_some_addresses_are_for_nobody(net, host):
    message = await denied(net.run(f"greeting({host!r}, 9)", "network.external", "network.internal"))
    assert "no permission can allow it" in message


@pytest.mark.escape("races")
async def test_an_address_alone_is_not_a_granted_name_until_the_host_resolved_it(net):
    net.public("api.example.test", 443)
    body = f"""
        before = raw(inet({PUBLIC!r}, 443))
        socket.getaddrinfo("api.example.test", 443)
        return before, raw(inet({PUBLIC!r}, 443)), raw(inet({PUBLIC!r}, 80))
        """
    assert await net.run(body, API) == ["EACCES", "connected", "EACCES"]


@pytest.mark.escape("races")
async def test_a_granted_public_name_that_turns_inside_is_refused(net):
    listener = net.public("api.example.test", 443)
    net.book.add("api.example.test", PUBLIC, "127.0.0.1")
    body = f"""
        first = greeting("api.example.test", 443)
        return first, greeting("api.example.test", {listener.port})
        """
    message = await denied(net.run(body, "network.external:api.example.test"))
    assert message.endswith(f"'network.internal:api.example.test:{listener.port}'")
    assert listener.greeted == 1


@pytest.mark.escape("races")
async def test_what_a_plugin_pinned_does_not_count_for_another(net):
    net.public("api.example.test", 443)
    await net.run("return greeting('api.example.test', 443)", API)
    assert await net.run(f"return raw(inet({PUBLIC!r}, 443))", API) == "EACCES"


@pytest.mark.escape("network")
async def test_internal_grants_reach_loopback_and_not_the_internet(net):
    listener = net.listener()
    body = f"return greeting('127.0.0.1', {listener.port}), raw(inet('93.184.216.34', 443))"
    assert await net.run(body, "network.internal") == ["hello", "EACCES"]


@pytest.mark.escape("network")
async def test_a_port_scope_holds_for_loopback_too(net):
    allowed, other = net.listener(), net.listener()
    body = f"return raw(inet('127.0.0.1', {allowed.port})), raw(inet('127.0.0.1', {other.port}))"
    assert await net.run(body, f"network.internal:127.0.0.1:{allowed.port}") == ["connected", "EACCES"]
    assert (other.greeted, net.leads.routed) == (0, [f"127.0.0.1:{allowed.port}"])


async def test_v6_is_reached_where_it_is_granted(net):
    listener = net.listener("::1")
    body = f"return greeting('::1', {listener.port}), raw(inet6('::1', 1), family=10)"
    assert await net.run(body, f"network.internal:[::1]:{listener.port}") == ["hello", "EACCES"]


@pytest.mark.escape("network")
async def test_a_mapped_address_on_a_v6_socket_is_the_v4_one(net):
    listener = net.listener()
    body = f"return raw(inet6('::ffff:127.0.0.1', {listener.port}), family=10)"
    assert await net.run(body, "network.internal:127.0.0.1") == "connected"
    assert await net.run(body, "network.internal:[::1]", "network.external") == "EACCES"


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200"])
@pytest.mark.escape("network")
async def test_the_metadata_service_must_be_named(net, address):
    listener = net.listener()
    net.leads.lead(address, 80, listener)
    body = f"return raw(inet({address!r}, 80)), raw(inet6('::ffff:{address}', 80), family=10)"
    assert await net.run(body, "network.internal", "network.external") == ["EACCES", "EACCES"]
    assert listener.greeted == 0
    assert await net.run(body, f"network.internal:{address}") == ["connected", "connected"]


@pytest.mark.escape("network")
async def test_a_sockaddr_of_any_other_shape_reaches_nothing(net):
    listener = net.listener()
    body = f"""
        good = inet("127.0.0.1", {listener.port})
        return {{
            "unspecified": raw(inet("127.0.0.1", {listener.port}, family=0)),
            "unix": raw(struct.pack("=H", 1) + b"/run/user/0/bus\\0"),
            "abstract": raw(struct.pack("=H", 1) + b"\\0dbus"),
            "packet": raw(inet("127.0.0.1", {listener.port}, family=17)),
            "netlink": raw(struct.pack("=HHII", 16, 0, 0, 0)),
            "vsock": raw(struct.pack("=HHIIB3x", 40, 0, 22, 2, 0)),
            "v6 on a v4 socket": raw(inet6("::1", {listener.port})),
            "cut short": raw(good, 8),
            "one byte": raw(good, 1),
            "nothing": raw(good, 0),
            "beyond a sockaddr": raw(good + bytes(200)),
            "negative": raw(good, -1),
            "longer than needed": raw(good + bytes(16)),
            "no memory": raw(ctypes.c_void_p(8), 16),
        }}
        """
    assert await net.run(body, "network.internal") == {
        "unspecified": "EACCES", "unix": "EACCES", "abstract": "EACCES", "packet": "EACCES",
        "netlink": "EACCES", "vsock": "EACCES", "v6 on a v4 socket": "EAFNOSUPPORT",
        "cut short": "EACCES", "one byte": "EINVAL", "nothing": "EINVAL", "beyond a sockaddr": "EINVAL",
        "negative": "EINVAL", "longer than needed": "connected", "no memory": "EFAULT",
    }  # fmt: skip


@pytest.mark.escape("network")
async def test_what_is_no_tcp_socket_is_not_connected(net):
    listener = net.listener()
    body = f"""
        sockaddr = inet("127.0.0.1", {listener.port})
        ours, theirs = socket.socketpair()
        with open(os.path.join(self.context.data_dir, "file"), "w") as file:
            return [raw(sockaddr, number=number) for number in (999, -1, file.fileno(), ours.fileno())]
        """
    assert await net.run(body, "network.internal") == ["EBADF", "EBADF", "ENOTSOCK", "EAFNOSUPPORT"]


@pytest.mark.parametrize(
    "arguments",
    ["2, 2", "2, 3", "10, 2", "1, 1", "16, 3", "17, 3", "2, 1, 262", "2, 1, 132", "2, 5", "40, 1", "38, 5"],
)
@pytest.mark.escape("network")
async def test_no_other_kind_of_socket_exists(net, arguments):
    body = f"return attempt(socket.socket, {arguments})"
    assert await net.run(body, "network.internal", "network.external") in ("EPERM", "EACCES")


@pytest.mark.escape("network")
async def test_a_plugin_listens_nowhere_and_that_is_on_record(net):
    body = """
        own = socket.socket()
        return [
            attempt(own.bind, ("127.0.0.1", 0)),
            attempt(own.listen),
            attempt(own.accept),
            "EPERM" if LIBC.accept4(own.fileno(), None, None, 0) == -1 else "accepted",
        ]
        """
    assert await net.run(body, "network.internal", "network.external") == ["EPERM"] * 4
    for call in ("bind", "listen", "accept4"):
        assert f"may not call {call}" in net.rig.log_text()


@pytest.mark.parametrize(
    "call",
    [
        "sendto(own, b'x', 1, 0x20000000, sockaddr, 16)",  # MSG_FASTOPEN
        "sendto(own, b'x', 1, 0, sockaddr, 16)",
        "sendmsg(own, ctypes.byref(ctypes.create_string_buffer(56)), 0x20000000)",
        "setsockopt(own, 6, 30, b'\\x01\\0\\0\\0', 4)",  # TCP_FASTOPEN_CONNECT
        "setsockopt(own, 6, 31, b'tls\\0', 4)",  # TCP_ULP
    ],
)
@pytest.mark.escape("network")
async def test_nothing_but_connect_connects(net, call):
    listener = net.listener()
    body = f"""
        own = LIBC.socket(2, 1, 0)
        sockaddr = inet("127.0.0.1", {listener.port})
        return LIBC.{call}, errno.errorcode[ctypes.get_errno()]
        """
    assert await net.run(body, "network.internal") == [-1, "EPERM"]
    assert listener.greeted == 0


@pytest.mark.escape("network")
async def test_a_forbidden_call_is_told_to_the_host_whatever_code_made_it(net):
    body = "LIBC.ptrace(0, 0, 0, 0)\nLIBC.memfd_create(b'x', 0)\nreturn LIBC.fork()"
    assert await net.run(body) == -1
    for call in ("ptrace", "memfd_create", "system.execute"):
        assert call in net.rig.log_text()


async def test_a_refused_connection_without_any_grant_names_the_grant(net):
    message = await denied(net.run("greeting('93.184.216.34', 443)"))
    assert message == "plugin 'demo' lacks permission 'network.external:93.184.216.34:443'"
    assert "refused: plugin 'demo' lacks permission" in net.rig.log_text()


async def test_the_threads_of_a_plugin_each_hear_of_their_own_refusal(net):
    body = """
        heard = {}
        def connect(host):
            try:
                socket.create_connection((host, 80))
            except PermissionError as error:
                heard[host] = error.permission
        threads = [threading.Thread(target=connect, args=(f"10.0.0.{n}",)) for n in range(1, 9)]
        [t.start() for t in threads], [t.join() for t in threads]
        return heard
        """
    expected = {f"10.0.0.{n}": f"network.internal:10.0.0.{n}:80" for n in range(1, 9)}
    assert await net.run(body) == expected


async def test_connect_ex_answers_with_a_number_and_the_call_is_still_explained(net):
    body = """
        number = socket.socket().connect_ex(("10.0.0.1", 80))
        raise RuntimeError(f"could not connect: {errno.errorcode[number]}")
        """
    assert await denied(net.run(body)) == "plugin 'demo' lacks permission 'network.internal:10.0.0.1:80'"


async def test_a_number_of_connect_ex_that_is_raised_again_is_explained(net):
    body = """
        number = socket.socket().connect_ex(("10.0.0.1", 80))
        raise OSError(number, os.strerror(number))
        """
    message = await denied(net.run(body, top="import os"))
    assert message == "plugin 'demo' lacks permission 'network.internal:10.0.0.1:80'"


async def test_an_error_about_a_file_is_not_taken_for_it(net):
    body = """
        socket.socket().connect_ex(("10.0.0.1", 80))
        raise PermissionError(13, os.strerror(13), "/some/file")
        """
    assert "/some/file" in await denied(net.run(body, top="import os"))


async def test_a_refusal_that_was_dealt_with_does_not_explain_another_failure(net):
    body = """
        attempt(socket.socket().bind, ("127.0.0.1", 0))
        raise RuntimeError("something else")
        """
    with pytest.raises(PluginFailedError, match="something else") as caught:
        await net.run(body)
    assert caught.value.failure == "error"
