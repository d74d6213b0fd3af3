"""``mock_external_api``: a plugin's own client over real TLS, judged by the real broker. Needs the index."""

from __future__ import annotations

import threading

import pytest

from yesman.plugins.testing import Reply, load_plugin

GRANT = "network.external:api.example.com"
TOP = """
import http.client, socket, ssl
from urllib.request import Request, urlopen
"""
CLIENT = """
def get(self, url, method="GET", body=None, **headers):
    request = Request(url, body and body.encode(), headers, method=method)
    with urlopen(request, timeout=20) as answer:
        return [answer.status, answer.headers["Content-Type"], answer.read().decode()]

def twice(self, host):
    connection = http.client.HTTPSConnection(host, timeout=20)
    return [self.once(connection, path) for path in ("/a", "/b")] + [len(connection.sock.getpeercert())]

def once(self, connection, path):
    connection.request("GET", path)
    return connection.getresponse().read().decode()

def distrusting(self, host):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which trusts nobody
    try:
        with socket.create_connection((host, 443)) as connection:
            context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        return error.verify_message

def names(self, host, name):
    context = ssl.create_default_context()
    with socket.create_connection((host, 443)) as connection:
        with context.wrap_socket(connection, server_hostname=name) as secured:
            return [value for _, value in secured.getpeercert()["subjectAltName"]]

async def many(self, url, number):
    return await asyncio.gather(*(asyncio.to_thread(self.get, url) for _ in range(number)))
"""
LIBRARIES = """
def use_requests(self, url):
    import requests
    return requests.get(url, timeout=20).json()

def use_urllib3(self, url):
    import urllib3
    return urllib3.PoolManager(timeout=20).request("GET", url).json()

def use_httpx(self, url):
    import httpx
    return httpx.get(url, timeout=20).json()

async def use_aiohttp(self, url):
    import aiohttp
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()
"""
USES = ("use_requests", "use_urllib3", "use_httpx", "use_aiohttp")


@pytest.fixture
async def plugin(plugin_of):
    async with load_plugin(plugin_of(CLIENT, TOP, permissions=[GRANT, "network.internal"])) as loaded:
        yield loaded


async def test_answers_are_by_method_and_path_and_requests_are_kept(plugin):
    answers = {
        "POST /things/*": Reply({"id": 7}, status=201, headers={"X-Kind": "thing"}),
        "/text": "plain é",
        "GET /made": lambda request: {"asked": request.query["q"]},
    }
    api = plugin.mock_external_api("example.com", answers)
    url = "https://api.example.com"
    made = await plugin.get(f"{url}/things/a%20b", "POST", '{"n": 1}', Authorization="Bearer x")
    assert made == [201, "application/json", '{"id": 7}']
    assert await plugin.get(f"{url}/text") == [200, "text/plain; charset=utf-8", "plain é"]
    assert await plugin.get(f"{url}/made?q=1&q=2") == [200, "application/json", '{"asked": "2"}']
    first = api.requests[0]
    assert (first.method, first.host, first.path) == ("POST", "api.example.com", "/things/a b")
    assert (first.json(), first.headers["authorization"]) == ({"n": 1}, "Bearer x")


async def test_what_nobody_prepared_is_not_found(plugin):
    api = plugin.mock_external_api("api.example.com", {"GET /there": 1})
    for method, path in (("POST", "/there"), ("GET", "/there/too"), ("GET", "/")):
        with pytest.raises(OSError, match="404"):
            await plugin.get(f"https://api.example.com{path}", method, "x" if method == "POST" else None)
    assert [request.path for request in api.requests] == ["/there", "/there/too", "/"]


async def test_the_certificate_is_for_the_name_and_only_trusted_by_the_plugin(plugin):
    plugin.mock_external_api("example.com", lambda _request: "")
    assert await plugin.names("api.example.com", "api.example.com") == ["api.example.com"]
    assert "local issuer" in await plugin.distrusting("api.example.com")  # the control: this is TLS
    with pytest.raises(OSError, match="mismatch"):
        await plugin.call("names", "api.example.com", "93.184.0.1")


async def test_one_connection_takes_many_requests_and_plain_http_works_too(plugin):
    plugin.mock_external_api("example.com", lambda request: request.path)
    assert (await plugin.twice("api.example.com"))[:2] == ["/a", "/b"]
    assert (await plugin.get("http://api.example.com/plain"))[2] == "/plain"


async def test_the_grant_still_decides(plugin):
    api = plugin.mock_external_api("example.com", lambda _request: "")
    for host in ("example.com", "www.example.com"):  # mocked, and not granted
        with pytest.raises(PermissionError, match=rf"network.external:{host}"):
            await plugin.get(f"https://{host}/")
    assert (await plugin.get("https://api.example.com/"))[0] == 200
    plugin.revoke_permission("network.external")
    with pytest.raises(PermissionError):
        await plugin.get("https://api.example.com/")
    assert [request.host for request in api.requests] == ["api.example.com"]


async def test_nothing_else_exists(plugin):
    plugin.mock_external_api("b.example.com", lambda _request: "")
    with pytest.raises(OSError, match="no such service"):  # granted, and not mocked
        await plugin.get("https://api.example.com/")
    with pytest.raises(OSError, match="refused"):
        await plugin.get("http://10.0.0.1/")


async def test_the_longest_name_answers(plugin):
    plugin.mock_external_api("example.com", lambda _request: "outer")
    plugin.mock_external_api("API.example.com.", lambda _request: "inner")
    assert (await plugin.get("https://api.example.com/"))[2] == "inner"
    plugin.mock_external_api("api.example.com", lambda _request: "newer")
    assert (await plugin.get("https://api.example.com/"))[2] == "newer"


async def test_what_an_answer_of_the_test_raises_the_test_raises(plugin):
    def wrong(request):
        assert request.path == "/right"
        return object()

    plugin.mock_external_api("example.com", wrong)
    with pytest.raises(AssertionError):
        await plugin.get("https://api.example.com/wrong")
    with pytest.raises(TypeError, match="not JSON serializable"):
        await plugin.get("https://api.example.com/right")


async def test_answers_need_not_be_prepared_for_threads(plugin):
    inside = threading.Lock()

    def answer(_request):
        assert inside.acquire(blocking=False)
        threading.Event().wait(0.005)  # time enough for another to come in
        inside.release()
        return "ok"

    plugin.mock_external_api("example.com", answer)
    assert len(await plugin.many("https://api.example.com/", 12)) == 12


async def test_nothing_is_left_behind(plugin_of):
    before = threading.active_count()
    async with load_plugin(plugin_of(CLIENT, TOP, permissions=[GRANT])) as loaded:
        loaded.mock_external_api("example.com", lambda request: request.path)
        await loaded.twice("api.example.com")
        assert threading.active_count() > before
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if "process_request" in name or "serve_forever" in name]


async def test_the_libraries_that_plugins_use_work_unchanged(plugin_of):
    dependencies = ["requests", "urllib3", "httpx", "aiohttp"]
    folder = plugin_of(LIBRARIES, permissions=["network.external"], dependencies=dependencies)
    async with load_plugin(folder) as loaded:
        api = loaded.mock_external_api("example.com", lambda request: {"path": request.path})
        for use in USES:
            assert await loaded.call(use, f"https://api.example.com/{use}") == {"path": f"/{use}"}
        assert [request.path for request in api.requests] == [f"/{use}" for use in USES]
        loaded.revoke_permission("network.external")
        for use in USES:
            with pytest.raises(PermissionError):
                await loaded.call(use, f"https://api.example.com/{use}")
