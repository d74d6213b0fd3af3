"""Pages as a browser would read them: their elements, texts and links; and pictures to put into packages."""

from __future__ import annotations

import struct
import zlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from marketed.authors import Author
    from marketed.market import Answer, Market

VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})


class Page(HTMLParser):
    """A parsed page; ``elements`` are (tag, attributes) in their order, ``text`` is all that can be read."""

    def __init__(self, body: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(body.decode())
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        self._text.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for found, attributes in self.elements if found == tag]

    @property
    def links(self) -> list[str]:
        return [attributes.get("href", "") for attributes in self.all("a")]

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


def png(width: int = 8, height: int = 8, colour: tuple[int, int, int] = (15, 118, 110)) -> bytes:
    """Return a picture of one colour; what it unpacks to grows with its size, what it takes hardly does."""
    rows = (b"\0" + bytes(colour) * width) * height
    about = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", about), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class Browser:
    """Somebody with a cookie, who sends forms as a browser does."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.cookie = ""

    def get(self, path: str) -> Answer:
        return self._kept(self.market.ask("GET", path, headers=self._headers()))

    def page(self, path: str) -> Page:
        answer = self.get(path)
        assert answer.status == 200, answer.body
        return Page(answer.body)

    def send(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """Send a form; a header that is "" is left out."""
        own = {"Origin": self.market.url, "Content-Type": "application/x-www-form-urlencoded"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**self._headers(), **own}.items() if value}
        return self._kept(self.market.ask("POST", path, urlencode(fields).encode(), headers=sent))

    def sign_in(self, author: Author) -> Browser:
        answer = self.send("/sign-in", {"token": author.token})
        assert answer.status == 303, answer.body
        return self

    @property
    def form(self) -> str:
        """What this visitor's forms carry."""
        return next(field["value"] for field in self.page("/").all("input") if field.get("name") == "form")

    def _headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie} if self.cookie else {}

    def _kept(self, answer: Answer) -> Answer:
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer
