"""Attacks: files that are too long, too deep, endless, altered, or that name other files."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registered.making import NOW, Operator, bin_of, index
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile

from yesman.model.errors import NotFoundError, VerificationError
from yesman.trust.client import RegistryClient
from yesman.trust.limits import LIMITS
from yesman.trust.offline import OfflineRegistry

FILES = ("metadata/timestamp.json", "snapshot", "targets", "index", "bin", "target")


def file_of(operator, which):
    """Return the path of one of :data:`FILES`."""
    if which == "target":
        return operator.index_path()
    return which if "/" in which else operator.present(bin_of("diary") if which == "bin" else which)


@pytest.mark.parametrize("which", FILES)
def test_endless_data_is_left_at_its_limit(operator, which):
    got = []

    def endless(path, limit):
        if path == file_of(operator, which):
            for _ in itertools.count():
                got.append(64 * 1024)
                yield b" " * 64 * 1024
        yield from operator.mirror(path, limit)

    client = RegistryClient(operator.folder / "endless", operator.root, endless)
    with pytest.raises(VerificationError, match="is longer than the"):
        client.index_of("diary")
    assert sum(got) <= LIMITS.targets_bytes + 64 * 1024


@pytest.mark.parametrize("which", FILES)
def test_an_altered_file_is_refused(operator, which):
    path = file_of(operator, which)
    content = operator.memory.files[path]
    for wrong in (
        content[:-1],
        content + b" " * 9,
        content.replace(b"1", b"2"),
        b"",
        b"null",
        b"[]",
        b"\xff",
    ):
        operator.mirror.instead[path] = wrong
        if json_of(wrong) == json_of(content):
            continue  # a space after the end changes nothing where no digest is named
        with pytest.raises(VerificationError):
            operator.client(f"{len(wrong)}").index_of("diary")
    operator.mirror.instead.clear()
    assert operator.client().index_of("diary") == index()


def json_of(content):
    try:
        return json.loads(content)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[" * 40, "is nested more than 32 deep"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "is nested more than 32 deep"),
        (b'{"a": "\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', "is not metadata of a registry"),
        (b'{"signed":{"version":' + b"9" * 9000 + b"}}", "is not metadata of a registry"),
        (b'"\\ud800"', "is not metadata of a registry"),
    ],
)
def test_json_that_is_costly_to_read_is_not_read(operator, content, sentence):
    operator.mirror.instead["metadata/timestamp.json"] = content
    with pytest.raises(VerificationError, match=sentence):
        operator.client().refresh()


def test_very_many_values_are_not_read(operator):
    operator.mirror.instead[operator.present(bin_of("diary"))] = b"[" + b"{}," * LIMITS.brackets + b"{}]"
    with pytest.raises(VerificationError, match="holds more than 100000 values"):
        operator.client().index_of("diary")


def test_a_target_that_is_said_to_be_huge_is_not_asked_for(operator, thief):
    def grow(signed):
        signed.targets["index/diary.json"].length = 2**40

    thief.edit(bin_of("diary"), grow)
    with pytest.raises(VerificationError, match=f"has {2**40} bytes, more than the"):
        operator.client().index_of("diary")
    assert not [path for path in operator.mirror.asked if path.startswith("targets/")]


def test_a_digest_that_is_a_path_is_not_asked_for(operator, thief):
    def climb(signed):
        signed.targets["index/diary.json"].hashes = {"sha256": "../../../etc/passwd?"}

    thief.edit(bin_of("diary"), climb)
    for registry in (operator.client(), OfflineRegistry(operator.mirror, operator.root, NOW)):
        with pytest.raises(VerificationError, match="names no sha256"):
            registry.index_of("diary")
    assert not [path for path in operator.mirror.asked if ".." in path]


def test_a_role_whose_name_is_a_path_is_not_asked_for(operator, thief):
    def delegate(signed):
        signed.targets = {}
        key = operator.online.signers("bin")[0].public_key
        role = DelegatedRole("../../x", [key.keyid], 1, terminating=True, paths=["index/*"])
        signed.delegations = Delegations({key.keyid: key}, {role.name: role})

    thief.edit(bin_of("diary"), delegate)
    thief.seal(**{"../../x": MetaFile(1)})
    with pytest.raises(VerificationError, match="a role has a name that none can have"):
        OfflineRegistry(operator.mirror, operator.root, NOW).index_of("diary")
    with pytest.raises(VerificationError, match=r"does not have metadata/1.\.\.%2F\.\.%2Fx.json"):
        operator.client().index_of("diary")
    assert not [path for path in operator.mirror.asked if "../" in path]


def test_what_is_no_name_is_not_asked_for(operator, client):
    before = len(operator.mirror.asked)
    assert client.index_of("../../root") is None
    assert client.claims_of("a/b") is None
    assert len(operator.mirror.asked) == before


CUTS = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 9), st.binary(max_size=9)), min_size=1, max_size=3
)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    operator = Operator(tmp_path_factory.mktemp("published"))
    operator.repository.publish(index())
    return operator


@settings(deadline=None, max_examples=200)
@given(which=st.sampled_from(FILES), cuts=CUTS)
def test_no_bytes_do_anything_but_give_the_index_or_one_sentence(published, which, cuts):
    path = file_of(published, which)
    content = published.memory.files[path]
    for place, gone, instead in cuts:
        at = place % (len(content) + 1)
        content = content[:at] + instead + content[at + gone :]

    def fetch(asked, limit):
        if asked not in published.memory.files:
            raise NotFoundError("no")
        yield content if asked == path else published.memory.files[asked]

    outcome = outcome_of(lambda: OfflineRegistry(fetch, published.root, NOW).index_of("diary"))
    assert outcome == index() or outcome.isprintable()


def outcome_of(ask):
    """Return what is answered, or the sentence of a refusal."""
    try:
        return ask()
    except VerificationError as error:
        return error.sentence
