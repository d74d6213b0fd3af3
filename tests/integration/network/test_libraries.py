"""The libraries that plugins use, unchanged, over real TLS, with the grant and without.

The certificate is for the public name, the policy judges the public name and address, and the
dialer of these tests leads to a server on loopback.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
import trustme

from yesman.model.errors import PluginFailedError
from yesman.model.limits import Limits
from yesman.package import Environments, remove_tree
from yesman.sandbox.interpreter import base_python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "api.example.test"
PUBLIC = "93.184.216.34"
GRANT = f"network.external:{HOST}:443"
PATIENT = Limits(load_seconds=60)
REQUIREMENTS = ("requests", "httpx", "aiohttp", "urllib3", "PyGithub", "grpcio", "pycurl", "uvloop")
GRPC_SERVER = """
import sys
from concurrent.futures import ThreadPoolExecutor
import grpc

class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request[::-1])

server = grpc.server(ThreadPoolExecutor(2), handlers=[Echo()])
key, chain = (open(path, "rb").read() for path in sys.argv[1:3])
print(server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)])), flush=True)
server.start()
sys.stdin.read()
server.stop(None)
"""
TOP = """
import asyncio, io, ssl

def trust(folder):
    path = os.path.join(folder, "authority.pem")
    with open(path, "w") as file:
        file.write(AUTHORITY)
    return path, ssl.create_default_context(cafile=path)
"""
LIBRARIES = {
    "urllib": """
        from urllib.request import urlopen
        return json.load(urlopen(URL, context=context, timeout=20))["full_name"]
        """,
    "requests": """
        import requests
        return requests.get(URL, verify=path, timeout=20).json()["full_name"]
        """,
    "urllib3": """
        import urllib3
        return urllib3.PoolManager(ca_certs=path, timeout=20).request("GET", URL).json()["full_name"]
        """,
    "httpx": """
        import httpx
        return httpx.get(URL, verify=context, timeout=20).json()["full_name"]
        """,
    "httpx, async": """
        import httpx
        async with httpx.AsyncClient(verify=context, timeout=20) as client:
            return (await client.get(URL)).json()["full_name"]
        """,
    "aiohttp": """
        import aiohttp
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.get(URL) as answer:
                return (await answer.json())["full_name"]
        """,
    "aiohttp on uvloop": """
        import aiohttp, uvloop
        async def get():
            async with aiohttp.ClientSession() as session:
                async with session.get(URL, ssl=context) as answer:
                    return (await answer.json())["full_name"]
        return await asyncio.to_thread(uvloop.run, get())
        """,
    "PyGithub": """
        import github
        client = github.Github(base_url="https://api.example.test", verify=path, retry=None, timeout=20)
        return client.get_repo("o/r").full_name
        """,
    "pycurl": """
        import pycurl
        body, curl = io.BytesIO(), pycurl.Curl()
        for option, value in ((pycurl.URL, URL), (pycurl.CAINFO, path), (pycurl.WRITEDATA, body)):
            curl.setopt(option, value)
        curl.perform()
        return json.loads(body.getvalue())["full_name"]
        """,
    "grpcio": """
        import grpc
        credentials = grpc.ssl_channel_credentials(AUTHORITY.encode())
        with grpc.secure_channel("api.example.test:443", credentials) as channel:
            return channel.unary_unary("/demo.Echo/Reverse")(b"r/o", timeout=20).decode()
        """,
}


class Api(BaseHTTPRequestHandler):
    """Says what GitHub says of a repository, as far as anybody here looks."""

    def do_GET(self):
        body = json.dumps({"full_name": "o/r", "url": f"https://{HOST}/repos/o/r"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Iterator[Path]:
    """A real environment with all of them."""
    folder = tmp_path_factory.mktemp("libraries")
    environments = Environments(folder / "environments", folder / "cache", base_python())
    made = asyncio.run(environments.ensure(REQUIREMENTS, report=lambda _line: None))
    assert made is not None
    yield made.path
    remove_tree(folder)


@pytest.fixture(scope="module")
def api(authority) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def echo(authority, packages, tmp_path_factory) -> Iterator[int]:
    """A gRPC server, in a process of its own: its library is not one of ours."""
    folder = tmp_path_factory.mktemp("grpc")
    certificate = authority.issue_cert(HOST)
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "chain.pem")
    with subprocess.Popen(
        [sys.executable, "-c", GRPC_SERVER, folder / "key.pem", folder / "chain.pem"],
        env={"PYTHONPATH": str(packages)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        yield int(child.stdout.readline())


@pytest.fixture(scope="module")
def ports(api, echo) -> dict[str, int]:
    """Where each library's server listens."""
    return {library: echo if library == "grpcio" else api for library in LIBRARIES}


async def use(net, authority, packages, library: str, *, grants: tuple[str, ...] = ()):
    """Run a plugin that uses ``library`` and return what it got."""
    top = f"{net.top}{TOP}\nAUTHORITY = {authority.cert_pem.bytes().decode()!r}\nimport json\n"
    top += f"URL = 'https://{HOST}/repos/o/r'\n"
    body = "path, context = trust(self.context.data_dir)" + LIBRARIES[library]
    kind = "async def" if "await" in body else "def"
    lines = [body.partition("\n")[0], *(line[8:] for line in body.split("\n")[1:])]
    net.rig.packages = str(packages)
    source = net.rig.command("\n".join(lines), top=top, kind=kind)
    return await net.rig.go(await net.rig.start(source, *grants, limits=PATIENT))


@pytest.mark.parametrize("library", LIBRARIES)
async def test_it_works_unchanged_with_the_grant(net, authority, packages, ports, library):
    net.book.add(HOST, PUBLIC)
    net.leads.table[PUBLIC, 443] = ports[library]
    assert await use(net, authority, packages, library, grants=(GRANT,)) == "o/r"
    assert set(net.leads.routed) == {f"{PUBLIC}:443"}


@pytest.mark.parametrize("library", LIBRARIES)
async def test_without_the_grant_the_caller_hears_what_is_missing(net, authority, packages, library):
    net.book.add(HOST, PUBLIC)
    with pytest.raises(PluginFailedError) as caught:
        await use(net, authority, packages, library)
    expected = f"plugin 'demo' lacks permission 'network.external:{HOST}"
    assert caught.value.message.removesuffix(":443'").removesuffix("'") == expected
    assert (caught.value.failure, caught.value.code) == ("permission", 3)
    assert net.book.asked == net.leads.routed == []


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_name_that_turned_inside_is_refused_whatever_the_library(net, authority, packages, library):
    net.book.add(HOST, "127.0.0.1")
    with pytest.raises(PluginFailedError) as caught:
        await use(net, authority, packages, library, grants=(GRANT,))
    assert caught.value.message == f"plugin 'demo' lacks permission 'network.internal:{HOST}:443'"
    assert net.leads.routed == []
