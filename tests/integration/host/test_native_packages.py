"""Ten popular packages with native parts do real work in a plugin without grants. Needs the package index."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

WORK = {
    "numpy": """
import numpy as np
matrix = np.arange(1, 10_001, dtype=float).reshape(100, 100) + np.eye(100) * 1e6
solved = np.linalg.solve(matrix, matrix @ np.ones(100))
spectrum = np.abs(np.fft.rfft(np.sin(2 * np.pi * 8 * np.arange(256) / 256)))
np.save(Path(self.context.data_dir) / "matrix.npy", matrix)
mapped = np.load(Path(self.context.data_dir) / "matrix.npy", mmap_mode="r")
big = np.random.default_rng(7).random((600, 600))
product = big @ np.linalg.inv(big)  # large enough for BLAS to use threads
return [bool(np.allclose(solved, 1)), int(spectrum.argmax()), float(mapped.sum()),
        bool(np.allclose(product, np.eye(600), atol=1e-6))]
""",
    "pandas": """
import io, pandas as pd
frame = pd.DataFrame({"team": ["a", "b"] * 500, "points": range(1000)})
path = Path(self.context.data_dir) / "points.csv"
frame.to_csv(path, index=False)
totals = pd.read_csv(path).groupby("team")["points"].sum()
days = pd.date_range("2024-02-28", periods=3, tz="Europe/Berlin")
wide = frame.assign(half=frame.points // 500).pivot_table(index="half", columns="team", values="points")
return [totals.to_dict(), [str(day.date()) for day in days], wide.loc[1, "b"]]
""",
    "pillow": """
import io
from PIL import Image, ImageDraw, ImageFilter
image = Image.new("RGB", (64, 64), "red")
ImageDraw.Draw(image).rectangle((32, 0, 63, 63), fill="blue")
found = {}
for form in ("PNG", "JPEG", "WEBP"):
    file = io.BytesIO()
    image.resize((16, 16)).filter(ImageFilter.SHARPEN).save(file, form)
    again = Image.open(io.BytesIO(file.getvalue())).convert("RGB")
    left, right = again.getpixel((2, 8)), again.getpixel((13, 8))
    found[form] = [again.size, left[0] > 200 > 60 > left[2], right[2] > 200 > 60 > right[0]]
return found
""",
    "lxml": """
from lxml import etree
items = (f"<item price='{n}'><name>n{n}</name></item>" for n in range(100))
tree = etree.XML(f"<shop>{''.join(items)}</shop>")
sheet = etree.XSLT(etree.XML(
    "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
    "<xsl:template match='/'><n><xsl:value-of select='count(//item)'/></n></xsl:template></xsl:stylesheet>"))
return [tree.xpath("sum(//item/@price)"), tree.xpath("//item[@price > 97]/name/text()"),
        sheet(tree).getroot().text]
""",
    "cryptography": """
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
key, curve = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
key.public_key().verify(key.sign(b"text"), b"text")
curve.public_key().verify(curve.sign(b"text", ec.ECDSA(hashes.SHA256())), b"text", ec.ECDSA(hashes.SHA256()))
forged, broken = False, False
try:
    key.public_key().verify(key.sign(b"text"), b"other")
except InvalidSignature:
    forged = True
secret, nonce = AESGCM.generate_key(256), os.urandom(12)
sealed = AESGCM(secret).encrypt(nonce, b"plain", b"bound")
try:
    AESGCM(secret).decrypt(nonce, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"bound")
except InvalidTag:
    broken = True
return [forged, broken, AESGCM(secret).decrypt(nonce, sealed, b"bound").decode()]
""",
    "grpcio": """
import grpc
credentials = grpc.ssl_channel_credentials()
with grpc.secure_channel("10.0.0.1:443", credentials) as channel:
    call = channel.unary_unary("/service/Method", request_serializer=bytes, response_deserializer=bytes)
    try:
        call(b"question", timeout=20)
    except grpc.RpcError as error:
        return [error.code().name, type(credentials).__name__]
""",
    "orjson": """
import orjson
data = {"numbers": list(range(1000)), "text": "grüß 👋", "float": 0.1}
packed = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
plain = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
return [orjson.loads(packed) == data, packed == plain]
""",
    "uvloop": """
import threading, uvloop
found = []

async def echo(reader, writer):
    writer.write((await reader.readline())[::-1])
    writer.close()

async def talk():
    import socket
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    there = asyncio.ensure_future(echo(*await asyncio.open_connection(sock=theirs)))
    writer.write(b"abc\\n")
    answer = (await reader.read()).decode()
    await there
    writer.close()
    reading, writing = os.pipe()
    arrived = loop.create_future()
    loop.add_reader(reading, lambda: (loop.remove_reader(reading), arrived.set_result(os.read(reading, 9))))
    await loop.run_in_executor(None, os.write, writing, b"piped")
    await asyncio.sleep(0.001)
    return [answer, (await arrived).decode(), type(loop).__module__]

thread = threading.Thread(target=lambda: found.append(uvloop.run(talk())))
thread.start()
thread.join(60)
return found[0]
""",
    "pydantic": """
from datetime import date
from pydantic import BaseModel, Field, ValidationError
class Person(BaseModel):
    name: str = Field(min_length=1)
    born: date
    parts: list[int] = []
person = Person.model_validate_json('{"name": "x", "born": "2000-02-29", "parts": ["1", 2]}')
try:
    Person(name="", born="2001-02-29")
except ValidationError as error:
    wrong = error.error_count()
return [person.born.year, person.parts, wrong, sorted(Person.model_json_schema()["properties"])]
""",
    "sqlalchemy": """
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, func, select
from sqlalchemy.orm import Session, declarative_base, relationship
Base = declarative_base()
class Team(Base):
    __tablename__ = "team"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    people = relationship("Person")
class Person(Base):
    __tablename__ = "person"
    id = Column(Integer, primary_key=True)
    team = Column(ForeignKey("team.id"))
    age = Column(Integer)
engine = create_engine(f"sqlite:///{self.context.data_dir}/people.db")
with engine.connect() as connection:
    mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar()
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Team(name="a", people=[Person(age=n) for n in range(101)]))
    session.commit()
with Session(engine) as session:
    mean = session.scalar(select(func.avg(Person.age)).join(Team).where(Team.name == "a"))
engine.dispose()
return [mode, mean, (Path(self.context.data_dir) / "people.db").stat().st_size > 0]
""",
}
CAME_OUT = {
    "numpy": [True, 8, 50_005_000.0 + 1e8, True],
    "pandas": [{"a": 249_500, "b": 250_000}, ["2024-02-28", "2024-02-29", "2024-03-01"], 750.0],
    "pillow": {form: [[16, 16], True, True] for form in ("PNG", "JPEG", "WEBP")},
    "lxml": [4950.0, ["n98", "n99"], "100"],
    "cryptography": [True, True, "plain"],
    "grpcio": ["UNAVAILABLE", "ChannelCredentials"],
    "orjson": [True, True],
    "uvloop": ["\ncba", "piped", "uvloop"],
    "pydantic": [2000, [1, 2], 2, ["born", "name", "parts"]],
    "sqlalchemy": ["wal", 50.0, True],
}
TRIED = {"call bind", "call io_uring_setup"}
"""gRPC looks whether there is v6, and libuv whether there is io_uring: both take no for an answer."""


@pytest.fixture
def environ(environ):
    """The caller's own way to the package index, settings file included, in a home of the test's."""
    names = ("PIP_", "UV_", "SSL_CERT_")
    kept = {k: v for k, v in os.environ.items() if k.startswith(names) or k.lower().endswith("_proxy")}
    for file in (Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf"):
        if file.is_file():
            kept.setdefault("PIP_CONFIG_FILE", str(file))
    return {name: value for name, value in environ.items() if not name.startswith("PIP_")} | kept


def outcome(server, package):
    answer = server.run("demo", package)
    return answer.value if answer.failure is None else answer.failure["message"]


@pytest.mark.timeout(600)  # most of it is the download
def test_ten_native_packages_work_without_any_grant(server, plugins):
    answer = server.try_install(plugins.make(commands=WORK, dependencies=list(WORK)))
    if answer.failure is not None and answer.failure["kind"] == "remote":
        pytest.fail(f"this test needs a package index, and none answers: {answer.failure['message']}")
    assert answer.failure is None
    assert {package: outcome(server, package) for package in WORK} == CAME_OUT
    records = server.ask("plugin.audit", kind="denial", lines=100).out.splitlines()
    refused = {json.loads(line)["what"] for line in records}
    assert "network.internal:10.0.0.1:443" in refused
    assert refused <= {"network.internal:10.0.0.1:443", *TRIED}
