"""``yesman plugin sign``, ``verify`` and ``keys``, from an author's machine to another one."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from hosted.desk import desk_of

SOURCE = """
from yesman.plugins import CommandPlugin

class Hello(CommandPlugin):
    pass
"""
WORDS = "correct horse battery"


@pytest.fixture
def author(desk):
    """An author's machine: a key under a passphrase."""
    desk.yesman("plugin", "keys", "create", "--passphrase-stdin", typed=WORDS)
    return desk


@pytest.fixture
def user(tmp_path):
    """Somebody else's machine."""
    (tmp_path / "user").mkdir()
    with desk_of(tmp_path / "user") as desk:
        yield desk


def packed(desk, folder, version="1.0.0", name="hello"):
    plugin = desk.plugin(name, SOURCE, "permissions: [session.read]\n")
    manifest = plugin / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("1.0.0", version))
    desk.yesman("plugin", "pack", str(plugin), "-o", str(folder))
    return folder / f"{name}-{version}.yplug"


def signed(desk, folder, version="1.0.0", name="hello"):
    file = packed(desk, folder, version, name)
    desk.yesman("plugin", "sign", str(file), "--passphrase-stdin", typed=WORDS)
    return file


def exported(desk, folder):
    keys = folder / "author.keys"
    keys.write_text(desk.yesman("plugin", "keys", "export").stdout)
    return keys


def newest(desk):
    return json.loads(desk.yesman("plugin", "keys", "list", "--json").stdout)[-1]["key"]


def test_a_package_is_signed_here_and_verified_elsewhere(author, user, tmp_path):
    file, keys = signed(author, tmp_path), exported(author, tmp_path)
    ran = user.yesman("plugin", "verify", str(file), "--keys", str(keys))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert ran.stdout.splitlines()[:2] == ["hello 1.0.0 is signed.", "  Permissions:  session.read"]
    assert f"  File:         sha256:{digest}" in ran.stdout
    assert f"  Key:          {newest(author)}" in ran.stdout
    assert (author.server_pids(), user.server_pids()) == ([], [])


def test_programs_get_json_and_the_same_signature_each_time(author, tmp_path):
    file = packed(author, tmp_path)
    envelope = tmp_path / "hello-1.0.0.yplug.dsse"
    written = []
    for _ in range(2):
        ran = author.yesman("plugin", "sign", str(file), "--passphrase-stdin", "--json", typed=WORDS)
        told = json.loads(ran.stdout)
        written.append(envelope.read_bytes())
    assert written[0] == written[1]
    assert (told["name"], told["permissions"]) == ("hello", ["session.read"])
    assert told.pop("signature") == str(envelope)
    assert json.loads(author.yesman("plugin", "verify", str(file), "--json").stdout) == told


def test_nothing_shows_the_private_key_or_its_passphrase(author, tmp_path):
    file = signed(author, tmp_path)
    author.yesman("plugin", "keys", "rotate", "--passphrase-stdin", typed=WORDS)
    kept = json.loads((author.home / "author_keys.json").read_text())["private"]
    secret = [WORDS, kept["sealed"], kept["salt"]]
    shown = [author.yesman("plugin", "keys", *words) for words in (["list"], ["list", "--json"], ["export"])]
    shown += [author.yesman("plugin", "verify", str(file))]
    texts = [ran.stdout + ran.stderr for ran in shown] + [(tmp_path / f"{file.name}.dsse").read_text()]
    assert not [word for word in secret for text in texts if word in text]
    kept = {path.name for path in author.home.iterdir() if not path.is_symlink()}
    assert kept == {"author_keys.json"}, "no log either, and no server was asked"


def test_a_wrong_passphrase_signs_nothing(author, tmp_path):
    file = packed(author, tmp_path)
    ran = author.yesman("plugin", "sign", str(file), "--passphrase-stdin", typed="wrong", code=4)
    assert ran.stderr == "yesman: The passphrase is not the one of your key. Try again.\n"
    ran = author.yesman("plugin", "sign", str(file), code=2)
    assert ran.stderr.endswith("Give it by a pipe, with --passphrase-stdin.\n")
    assert not (tmp_path / f"{file.name}.dsse").exists()


def test_on_a_terminal_the_passphrase_is_asked_for_twice_and_not_shown(desk):
    for second, code in (("other", 2), ("secret-words", 0)):
        tty = desk.terminal("plugin", "keys", "create")
        tty.read_until("Passphrase for the new key")
        tty.type("secret-words\n")
        tty.read_until("The same again")
        tty.type(f"{second}\n")
        assert tty.end() == code
        assert "secret-words" not in tty.shown
    assert newest(desk) in tty.shown


def test_nobody_gets_a_key_without_a_passphrase_unasked(desk):
    ran = desk.yesman("plugin", "keys", "create", code=2)
    assert "--passphrase-stdin, or --no-passphrase" in ran.stderr
    assert not (desk.home / "author_keys.json").exists()
    ran = desk.yesman("plugin", "keys", "create", "--no-passphrase", "--passphrase-stdin", code=2, typed="x")
    assert "exclude each other" in ran.stderr
    desk.yesman("plugin", "keys", "create", "--no-passphrase")
    assert desk.yesman("plugin", "keys", "create", "--no-passphrase", code=2).stdout == ""


def test_what_would_not_be_installed_is_not_signed(author, tmp_path):
    file = packed(author, tmp_path)
    broken = tmp_path / "broken.yplug"
    broken.write_bytes(file.read_bytes()[:-1])
    author.yesman("plugin", "sign", str(broken), "--passphrase-stdin", typed=WORDS, code=4)
    author.yesman("plugin", "sign", str(tmp_path / "none"), "--passphrase-stdin", typed=WORDS, code=5)
    (tmp_path / "folder.yplug").mkdir()
    ran = author.yesman("plugin", "sign", str(tmp_path / "folder.yplug"), code=2)
    assert "is neither a folder nor a file" in ran.stderr
    assert list(tmp_path.glob("*.dsse")) == []


def test_without_a_key_it_is_said_how_to_get_one(user, tmp_path):
    ran = user.yesman("plugin", "sign", str(tmp_path / "x.yplug"), code=5)
    assert ran.stderr == "yesman: You have no key to sign with. Make one: yesman plugin keys create\n"
    ran = user.yesman("plugin", "verify", str(tmp_path / "x.yplug"), code=2)
    assert ran.stderr.endswith("Name their keys: --keys FILE.\n")
    assert json.loads(user.yesman("plugin", "keys", "list", "--json").stdout) == []


def test_what_is_not_as_it_was_signed_is_refused(author, user, tmp_path):
    file, keys = signed(author, tmp_path), exported(author, tmp_path)
    envelope = tmp_path / f"{file.name}.dsse"
    right = envelope.read_bytes()
    newer = signed(author, tmp_path, "1.1.0")
    check = ("plugin", "verify", "--keys", str(keys))
    user.yesman(*check, str(file))  # the control
    shutil.copy(envelope, f"{newer}.dsse")
    assert "is of another version, '1.0.0'" in user.yesman(*check, str(newer), code=4).stderr
    envelope.write_bytes(right.replace(b'"sig":"', b'"sig": "'))
    assert "canonical form" in user.yesman(*check, str(file), code=4).stderr
    envelope.write_bytes(b"[" * 300_000)
    assert "is larger than" in user.yesman(*check, str(file), code=4).stderr
    envelope.unlink()
    assert "hello 1.0.0 is not signed." in user.yesman(*check, str(file), code=4).stderr


def test_another_author_s_signature_is_refused(author, user, tmp_path):
    user.yesman("plugin", "keys", "create", "--no-passphrase")
    keys = exported(author, tmp_path)
    file = packed(user, tmp_path)
    user.yesman("plugin", "sign", str(file))
    ran = user.yesman("plugin", "verify", str(file), "--keys", str(keys), code=4)
    assert f"is signed by {newest(user)}, but the name belongs to {newest(author)}" in ran.stderr
    user.yesman("plugin", "verify", str(file))  # the control: with the key that did sign


def test_after_rotating_who_knows_the_old_key_trusts_the_new_one_and_not_the_other_way(
    author, user, tmp_path
):
    old, first = newest(author), signed(author, tmp_path)
    author.yesman("plugin", "keys", "rotate", "--passphrase-stdin", typed=WORDS)
    new, second = newest(author), signed(author, tmp_path, "1.1.0")
    check = ("plugin", "verify", "--keys", str(exported(author, tmp_path)), "--pin")
    user.yesman(*check, old, str(first))
    user.yesman(*check, old, str(second))
    user.yesman(*check, new, str(second))
    assert f"has been replaced by the pinned key {new}" in user.yesman(*check, new, str(first), code=4).stderr
    ran = user.yesman(*check, "0" * 64, str(second), code=4)
    assert f"does not come after the pinned key {'0' * 64}" in ran.stderr
    assert "is no fingerprint" in user.yesman(*check, "abc", str(second), code=2).stderr


def test_a_file_of_keys_that_lost_one_is_refused(author, user, tmp_path):
    for _ in range(2):
        author.yesman("plugin", "keys", "rotate", "--passphrase-stdin", typed=WORDS)
    file, keys = signed(author, tmp_path), exported(author, tmp_path)
    user.yesman("plugin", "verify", str(file), "--keys", str(keys))  # the control
    data = json.loads(keys.read_text())
    del data["keys"][1]
    keys.write_text(json.dumps(data, separators=(",", ":"), sort_keys=True))
    ran = user.yesman("plugin", "verify", str(file), "--keys", str(keys), code=4)
    assert "A key is missing between" in ran.stderr
    assert (
        "There is no file"
        in user.yesman("plugin", "verify", str(file), "--keys", str(tmp_path / "none"), code=5).stderr
    )


def test_the_name_of_a_file_does_nothing_to_the_terminal(author, tmp_path):
    odd = tmp_path / "a\x1b[2J.yplug"
    shutil.copy(packed(author, tmp_path), odd)
    ran = author.yesman("plugin", "sign", str(odd), "--passphrase-stdin", typed=WORDS)
    assert "\x1b" not in ran.stdout
    assert Path(f"{odd}.dsse").exists()
