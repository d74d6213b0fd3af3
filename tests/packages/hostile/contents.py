"""What can be wrong with what a package says of itself: manifest, requirements, lock."""

from __future__ import annotations

from hostile.making import MAIN, MANIFEST, Hostile, entry, holding, tarred

HASH = "a" * 64
LOCK = f"thing==1.0 --hash=sha256:{HASH}\n".encode()
WANTS = MANIFEST + b"dependencies: [thing]\n"
BOOK = b"".join(b"# line %d\n" % n for n in range(6_000))
HOLDS = "The lock of the dependencies holds {}"


def manifest(what, text, error):
    return Hostile(what, holding({"plugin.yaml": text}), error)


def requirement(line, error):
    error = f"requirements.txt:1: {error}"
    return Hostile(f"requirements: {line}", holding({"requirements.txt": f"{line}\n".encode()}), error)


def lock(what, text, error, wants=WANTS):
    return Hostile(what, holding({"plugin.yaml": wants, "requirements.lock": text}), error)


def mistaken_line(what, line):
    return lock(what, line.encode(), HOLDS.format(f"'{line[:59]}…'" if len(line) > 60 else f"'{line}'"))


MANIFESTS = (
    Hostile(
        "no manifest", tarred(entry("src/main.py", MAIN), before=b""), "The package holds no plugin.yaml"
    ),
    Hostile(
        "no code", tarred(entry("plugin.yaml", MANIFEST), before=b""), "The package holds no src/main.py"
    ),
    Hostile("nothing", tarred(before=b""), "The package holds no src/main.py"),
    manifest("a manifest that is empty", b"", "plugin.yaml:1: the file is empty"),
    manifest("a manifest as large as a book", BOOK, "plugin.yaml is larger than 65536 bytes"),
    manifest(
        "a manifest in another encoding", b"name: caf\xe9\n", "plugin.yaml:1: the file is not UTF-8 text"
    ),
    manifest(
        "a manifest that grows",
        b"a: &a [x]\nb: [*a, *a]\n",
        "plugin.yaml:1: YAML anchors and aliases are refused in 'a'",
    ),
    manifest(
        "a manifest that makes objects",
        b"name: !!python/object/apply:os.system [id]\n",
        "plugin.yaml:1: the YAML tag 'tag:yaml.org,2002:python/object/apply:os.system' is refused in 'name'",
    ),
    manifest(
        "a manifest with a key twice",
        MANIFEST + b"name: other\n",
        "plugin.yaml:3: duplicate key 'name', first on line 1",
    ),
    manifest(
        "a name that is a path",
        b"name: ../evil\nversion: 1.0.0\n",
        "plugin.yaml:1: '../evil' in 'name' is not a valid plugin name; did you mean 'evil'?",
    ),
    manifest(
        "a version that is none",
        b"name: demo\nversion: ../1\n",
        "plugin.yaml:2: '../1' in 'version' is not a version",
    ),
    manifest(
        "a permission that does not exist",
        MANIFEST + b"permissions: [root]\n",
        "plugin.yaml:3: unknown permission 'root' in 'permissions[0]'",
    ),
    manifest(
        "a manifest that hides something",
        MANIFEST + b"description: a\xe2\x80\xaeb\n",
        "plugin.yaml:3: control or invisible character U+202E is refused",
    ),
    manifest(
        "a plugin for another yesman",
        MANIFEST + b'yesman: {min_version: "99.0"}\n',
        "plugin.yaml:3: 'demo' 1.0.0 needs yesman 99.0 or newer, but this is 0.11.0",
    ),
    manifest(
        "a dependency from elsewhere",
        MANIFEST + b'dependencies: ["x @ https://e.example/x.whl"]\n',
        "plugin.yaml:3: the dependency 'x @ https://e.example/x.whl' names a URL in 'dependencies[0]'",
    ),
)
REQUIREMENTS = (
    requirement(
        "--index-url https://evil.example/simple",
        "'--index-url https://evil.example/simple' holds an option of pip, which is not accepted",
    ),
    requirement("-r /etc/passwd", "'-r /etc/passwd' holds an option of pip, which is not accepted"),
    requirement(
        "https://evil.example/x.whl",
        "bad dependency specifier 'https://evil.example/x.whl'",
    ),
    requirement("./src/x", "'./src/x' is a path, which is not accepted"),
    requirement(
        "thing --hash=sha256:00",
        "'thing --hash=sha256:00' holds an option of pip, which is not accepted",
    ),
    Hostile(
        "requirements as large as a book",
        holding({"requirements.txt": BOOK}),
        "requirements.txt is larger than 65536 bytes",
    ),
)
NOTHING = "requirements.lock locks packages, but nothing is required"
LOCKS = (
    Hostile(
        "no lock",
        holding({"plugin.yaml": WANTS}),
        "The package requires others and holds no requirements.lock",
    ),
    lock("a lock for nothing", LOCK, NOTHING, wants=MANIFEST),
    lock(
        "a lock of something else",
        LOCK.replace(b"thing", b"other"),
        "The lock of the dependencies does not cover 'thing'",
    ),
    lock("an empty lock", b"", "The lock of the dependencies does not cover 'thing'"),
    lock("a lock in another encoding", b"caf\xe9\n", "The lock of the dependencies is not plain ASCII text"),
    lock("an endless lock", b" " * ((8 << 20) + 1), "requirements.lock is larger than 8388608 bytes"),
    mistaken_line("no hash", "thing==1.0"),
    mistaken_line("a weak hash", "thing==1.0 --hash=md5:00"),
    mistaken_line("a hash cut short", "thing==1.0 --hash=sha256:00"),
    mistaken_line("no version", f"thing --hash=sha256:{HASH}"),
    mistaken_line("a range of versions", f"thing>=1.0 --hash=sha256:{HASH}"),
    mistaken_line("an index in the lock", "--index-url https://evil.example/"),
    mistaken_line("a link in the lock", f"thing @ file:///etc/x.whl --hash=sha256:{HASH}"),
    mistaken_line("another file in the lock", "-r /etc/passwd"),
    mistaken_line("a comment in the lock", "# evil"),
)
CONTENTS = (*MANIFESTS, *REQUIREMENTS, *LOCKS)
