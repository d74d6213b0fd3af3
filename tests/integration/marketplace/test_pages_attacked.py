"""Strangers' texts, pictures, files and URLs against the pages; each with a control."""

from __future__ import annotations

import hashlib
import secrets
import socket
from urllib.parse import quote

import pytest
from marketed.looking import Browser, Page, png
from sqlalchemy import select

from yesman.marketplace.schema import plugins, profiles, releases

MARK = "<script>alert('x')</script><img src=x onerror=alert(1)>"
ALLOWED = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "body",
        "a",
        "header",
        "div",
        "span",
        "nav",
        "main",
        "section",
    ),
    *("form", "input", "button", "h1", "h2", "h3", "h4", "p", "ul", "li", "code", "pre", "aside", "footer"),
    *(
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "time",
        "img",
        "dl",
        "dt",
        "dd",
        "label",
        "select",
        "option",
    ),
    *("strong", "details", "summary", "em", "fieldset", "legend", "textarea"),
}


def safe(market, path: str, status: int = 200, **headers: str) -> Page:
    """The page at ``path``, which nothing in it can do anything to."""
    answer = market.get(path, **headers)
    assert answer.status == status, answer.body
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    for name, value in (("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")):
        assert answer.headers[name] == value
    page = Page(answer.body)
    assert page.tags <= ALLOWED
    assert not page.unbalanced
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("src", "action") + (("href",) if tag == "link" else ()):
            assert attributes.get(name, "/").startswith("/")
    return page


@pytest.fixture(scope="module")
def marked(shared, tmp_path_factory):
    author, folder = shared.author("marker"), tmp_path_factory.mktemp("marked")
    text = f'"{MARK}"'
    said = {
        "description": text,
        "author": text,
        "license": text,
        "homepage": "'https://example.org/?<script>'",
    }
    for version, source in (("1.0.0", "a = 1\n"), ("1.0.1", f"a = 1  # {MARK}\u202e\n")):
        files = {
            "README.md": f"{MARK}\n\n[x](javascript:alert(1))\n".encode(),
            "docs/a.html": MARK.encode() * 3,
        }
        signed = author.make(folder, "marked", version, source=source, files=files, **said)
        assert shared.publish(author, signed).status == 201
    reviewer = shared.author("mark-reviewer")
    shared.ask("PUT", "/api/plugins/marked/reviews", {"stars": 1, "text": MARK}, reviewer)
    shared.ask("PUT", "/api/plugins/marked/versions/1.0.0/yank", {"reason": MARK}, author)
    return shared


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=marked",
        f"/search?q={quote(MARK)}",
        f"/search?q=x&category={quote('<i onx=>')}&type={quote('<b>')}&sort={quote('<u>')}",
        "/plugins/marked",
        "/plugins/marked/reviews",
        "/plugins/marked/diff/1.0.0...1.0.1",
        "/publishers/marker",
    ],
)
def test_what_strangers_write_is_text(marked, path):
    page = safe(marked, path)
    assert "script" not in page.tags
    assert not [link for link in page.links if "javascript" in link.partition("?")[0]]


@pytest.mark.parametrize("path", ["/desk", "/desk/marked", "/desk/marked/1.0.1"])
def test_what_strangers_write_is_text_to_moderators_too(marked, path):
    said = {"kind": "other", "text": MARK}
    marked.ask("POST", "/api/plugins/marked/reports", said, marked.author("mark-reporter"))
    judge = Browser(marked).sign_in(marked.author("mark-judge", "moderate"))
    page = safe(marked, path, Cookie=judge.cookie)
    assert MARK in page.text


def test_it_is_there_to_be_read(marked):
    """The control: the texts did come as far as the pages."""
    page = safe(marked, "/plugins/marked")
    assert page.text.count(MARK) == 6  # description, readme, author, licence, review, yank
    assert f"+a = 1 # {MARK}\ufffd" in safe(marked, "/plugins/marked/diff/1.0.0...1.0.1").text


@pytest.mark.parametrize("homepage", ["https://example.org/x", "http://example.org/x"])
def test_a_homepage_is_a_link_that_vouches_for_nothing(market, tmp_path, homepage):
    author = market.author("homely")
    name = f"home-{homepage.partition(':')[0]}"
    market.publish(author, author.make(tmp_path, name, homepage=homepage))
    (link,) = (a for a in safe(market, f"/plugins/{name}").all("a") if a["href"] == homepage)
    assert set(link["rel"].split()) == {"nofollow", "noopener", "noreferrer"}


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("icon.png", SVG),
        ("icon.svg", SVG),
        ("icon.png", b"<!doctype html><script>alert(1)</script>"),
        ("icon.png", png(20_000, 20_000)[:60_000]),
        ("icon.jpg", png(4_000, 1)),
        ("icon.png", png() + secrets.token_bytes(70_000)),
        ("icon.gif", b"GIF89a"),
    ],
)
def test_an_icon_that_is_none_is_not_kept(market, tmp_path, file, data):
    author = market.author("iconoclast")
    name = f"icon-{hashlib.sha256(file.encode() + data).hexdigest()[:12]}"
    assert market.publish(author, author.make(tmp_path, name, files={f"assets/{file}": data})).status == 201
    page = safe(market, f"/plugins/{name}")
    assert not [image for image in page.all("img") if "/icons/" in image["src"]]
    for kind in ("png", "svg", "jpeg", "gif"):
        assert market.get(f"/icons/{hashlib.sha256(data).hexdigest()}.{kind}").status == 404


def test_an_icon_of_what_is_quarantined_is_not_given(market, tmp_path):
    author, picture = market.author("bad-painter"), png(9, 9)
    signed = author.make(tmp_path, "painted", files={"assets/icon.png": picture}, description="suspicious")
    assert market.publish(author, signed).status == 202
    path = f"/icons/{hashlib.sha256(picture).hexdigest()}.png"
    assert market.get(path).status == 404
    market.publish(author, author.make(tmp_path, "painted-too", files={"assets/icon.png": picture}))
    assert market.get(path).status == 200  # the control: the same picture, of what is not


WRONG = [
    *(
        "..",
        "%2e%2e",
        "%2E%2E%2F%2e%2e%2fetc%2fpasswd",
        "a%00",
        "A",
        "a%0d%0aSet-Cookie:%20a=b",
        "%ff",
        "<b>",
    ),
    *("a%2fb", "a" * 65, "' OR 1=1--", "{{7*7}}", "nul%5c..", "*", "%252e%252e", "~"),
]
PLACES = [
    "/plugins/{}",
    "/plugins/{}/reviews",
    "/plugins/{}/diff/1.0.0...1.0.1",
    "/plugins/marked/diff/{}...1.0.1",
    "/plugins/marked/diff/1.0.0...{}",
    "/plugins/marked/diff/{}",
    "/publishers/{}",
    "/icons/{}",
    "/icons/{}.png",
    "/static/x/{}",
    "/{}",
]


def status_of(market, path: str) -> tuple[int, bytes]:
    """Sent as it stands, by no library that would tidy it up."""
    answer = market.raw(
        b"GET " + path.encode().replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize("place", PLACES)
def test_no_part_of_a_path_leads_anywhere_else(marked, place):
    for wrong in WRONG:
        status, answer = status_of(marked, place.format(wrong))
        assert status in (400, 404), (place, wrong, answer[:300])
        assert b"root:" not in answer
        assert b"Set-Cookie" not in answer.partition(b"\r\n\r\n")[0]
        assert b"<b>" not in answer
    assert status_of(marked, "/plugins/marked/diff/1.0.0...1.0.1")[0] == 200  # the control


@pytest.mark.parametrize("query", ["cursor=x", "cursor=" + "A" * 9000, "q=" + "a" * 201, "sort=" + "s" * 41])
def test_a_query_that_is_none_is_a_page_that_says_so(marked, query):
    assert "<script" not in safe(marked, f"/search?{query}", 400).text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/search", "/plugins/marked", "/publishers/marker"])
def test_pages_are_only_read(marked, method, path):
    assert marked.ask(method, path).status == 405


def test_packages_that_are_too_large_or_differ_too_much_are_compared_as_far_as_it_goes(market, tmp_path):
    author = market.author("verbose")
    for version in ("1", "2"):
        texts = "".join(f"x{version}_{n} = {n}\n" for n in range(3000))
        files = {f"docs/{n:03}.txt": version.encode() for n in range(350)}
        files |= {
            "assets/large.bin": secrets.token_bytes(200_000),
            "docs/long.txt": version.encode() * 200_000,
        }
        signed = author.make(tmp_path, "verbose", f"{version}.0", source=texts, files=files)
        assert market.publish(author, signed).status == 201
    page = safe(market, "/plugins/verbose/diff/1.0...2.0")
    assert len(page.all("details")) == 300
    assert "54 more files differ" in page.text
    assert "it is no text, or too long" in page.text
    huge = author.make(tmp_path, "verbose", "3.0", asset=secrets.token_bytes(9_000_000))
    assert market.publish(author, huge).status == 201
    assert "too large to be compared" in safe(market, "/plugins/verbose/diff/2.0...3.0").text


def test_what_is_quarantined_cannot_be_compared(market, tmp_path):
    author = market.author("sly")
    market.publish(author, author.make(tmp_path, "sly", "1.0"))
    assert market.publish(author, author.make(tmp_path, "sly", "2.0", description="suspicious")).status == 202
    assert "There is no such version" in safe(market, "/plugins/sly/diff/1.0...2.0", 404).text
    assert "suspicious" not in safe(market, "/plugins/sly").text


def test_a_readme_in_the_database_is_not_believed_either(market, tmp_path):
    author = market.author("insider")
    market.publish(author, author.make(tmp_path, "inside", files={"README.md": b"hello"}))
    with market.database.writing() as connection:
        mine = select(releases.c.id).join(plugins).where(plugins.c.name == "inside")
        change = profiles.update().where(profiles.c.release_id.in_(mine))
        connection.execute(
            change.values(readme=f"{MARK}<a href='javascript:x'>y</a><form action='//x'><p>hello</p>")
        )
    page = safe(market, "/plugins/inside")
    assert "hello" in page.text


def test_a_flood_of_comparisons_leaves_the_rest_of_the_server_its_threads(market, tmp_path):
    author = market.author("flooder")
    for version in range(6):
        source = "".join(f"x{n % (version + 7)}\n" for n in range(3900))
        market.publish(
            author, author.make(tmp_path, "flood", f"{version}.0", source=source, asset=bytes([version]) * 10)
        )
    host, port = market.url.removeprefix("http://").split(":")
    lines = []
    for number in range(30):
        lines.append(socket.create_connection((host, int(port)), timeout=60))
        path = f"/plugins/flood/diff/{number % 5}.0...{number % 5 + 1}.0"
        lines[-1].sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert market.get("/api/plugins/flood").status == 200
    statuses = {line.recv(12)[9:12] for line in lines}
    for line in lines:
        line.close()
    assert statuses <= {b"200", b"503"}
    assert b"200" in statuses


@pytest.mark.parametrize("path", ["/search", "/api/plugins"])
@pytest.mark.parametrize("key", ["q", "category", "type"])
def test_a_nul_finds_nothing_in_either_database(marked, path, key):
    assert marked.get(f"{path}?{key}=%00").status == 200
    assert marked.get(f"{path}?{key}=marked").status == 200  # the control
