"""The author's keys on the disk: readable by nobody else, replaced at once or not at all."""

from __future__ import annotations

import fcntl
import json
import os

import pytest

from yesman.host.author_file import AuthorFile
from yesman.model.errors import NotFoundError, UsageError, VerificationError
from yesman.trust.author_keys import Chain
from yesman.trust.ed25519 import SigningKey

NOW = "2026-11-23T12:00:00+00:00"
WORDS = "correct horse"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "author_keys.json"


@pytest.fixture
def file(path):
    return AuthorFile(path)


def write(path, data):
    path.write_text(json.dumps(data))
    path.chmod(0o600)


def test_a_key_is_made_once_and_kept(file, path):
    assert file.read() is None
    made = file.create(NOW)
    assert AuthorFile(path).required() == made
    assert made.signing_key().keyid == made.newest.keyid
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    before = path.read_bytes()
    with pytest.raises(UsageError, match=f"have a key already: {made.newest.keyid}"):
        file.create(NOW)
    assert path.read_bytes() == before


def test_without_a_key_the_next_step_is_to_make_one(file):
    for attempt in (file.required, lambda: file.rotate(NOW)):
        with pytest.raises(NotFoundError) as caught:
            attempt()
        assert caught.value.next_step == "Make one: yesman plugin keys create"


def test_rotating_names_a_successor_and_leaves_nothing_of_the_old_key(file, path):
    old = file.create(NOW).signing_key()
    new = file.rotate(NOW)
    chain = Chain(AuthorFile(path).required().keys)
    assert chain.accepts(old.keyid, new.signing_key().keyid)
    assert new.signing_key().seed() != old.seed()
    assert json.loads(path.read_text())["private"]["form"] == "plain"
    assert list(path.parent.iterdir()) == [path]


def test_a_sealed_key_opens_with_its_passphrase_only(file, path):
    seed = file.create(NOW, WORDS).signing_key(WORDS).seed()
    kept = AuthorFile(path).required()
    assert kept.needs_passphrase
    assert kept.signing_key(WORDS).seed() == seed
    for wrong in ("", "correct horse ", "Correct horse"):
        with pytest.raises(VerificationError, match="passphrase is not the one"):
            kept.signing_key(wrong)
    with pytest.raises(VerificationError):
        file.rotate(NOW, "another")
    assert AuthorFile(path).required() == kept


def test_a_new_key_is_sealed_as_the_old_one_was(file):
    old = file.create(NOW, WORDS)
    new = file.rotate(NOW, WORDS)
    assert new.signing_key(WORDS).keyid == new.newest.keyid != old.newest.keyid
    assert new.private.salt != old.private.salt


def test_the_same_key_is_written_down_plainly_only_without_a_passphrase(file, path):
    file.create(NOW, WORDS)
    seed = file.required().signing_key(WORDS).seed()
    assert seed not in path.read_bytes()
    assert seed.hex() not in path.read_text()
    assert repr(seed) not in repr(file.required().signing_key(WORDS))


def test_a_plain_key_is_not_shown_by_accident(file, path):
    kept = file.create(NOW)
    assert kept.private.seed in path.read_text()  # the control: it is there
    assert kept.private.seed not in repr(kept) + str(kept) + repr(kept.signing_key())


def test_a_file_that_others_may_read_is_not_used(file, path):
    file.create(NOW)
    for mode in (0o640, 0o604, 0o644):
        path.chmod(mode)
        with pytest.raises(UsageError, match="may be read by others"):
            file.read()
    path.chmod(0o400)
    assert file.read()


def test_another_key_s_private_half_is_not_taken_for_it(file, path):
    file.create(NOW)
    data = json.loads(path.read_text())
    other = AuthorFile(path.parent / "other.json").create(NOW)
    write(path, data | {"private": {"form": "plain", "seed": other.private.seed}})
    with pytest.raises(VerificationError, match="another private key than that of"):
        file.required().signing_key()


def test_a_sealed_key_cannot_be_put_under_another_chain(file, path):
    file.create(NOW, WORDS)
    sealed = json.loads(path.read_text())["private"]
    other = AuthorFile(path.parent / "other.json")
    other.create(NOW, WORDS)
    data = json.loads((path.parent / "other.json").read_text())
    write(path, data | {"private": sealed})
    with pytest.raises(VerificationError, match="passphrase is not the one"):
        file.required().signing_key(WORDS)


def test_a_file_that_is_none_of_ours_is_refused_and_stays(file, path):
    file.create(NOW)
    right = json.loads(path.read_text())
    stranger = SigningKey.generate()
    wrong = [{}, [], right | {"keys": []}, right | {"more": 1}, right | {"private": {"form": "none"}}]
    wrong += [right | {"keys": [right["keys"][0] | {"keyid": stranger.keyid}]}]
    for data in wrong:
        write(path, data)
        before = path.read_bytes()
        for attempt in (file.read, lambda: file.create(NOW), lambda: file.rotate(NOW)):
            with pytest.raises(VerificationError):
                attempt()
        assert path.read_bytes() == before


def test_two_commands_do_not_change_it_at_once(file, path):
    file.create(NOW)
    lock = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with pytest.raises(UsageError, match="Another command is changing your keys"):
            file.rotate(NOW)
        assert file.read()  # reading waits for nobody
    finally:
        os.close(lock)
    assert file.rotate(NOW)  # the control: the lock alone was in the way


def test_what_a_killed_command_left_is_removed_with_the_next_change(file, path):
    file.create(NOW)
    left = path.with_name(f".{path.name}.0123abcd")
    left.write_text("half a key")
    file.rotate(NOW)
    assert list(path.parent.iterdir()) == [path]
