"""Gets the ``claude`` program for ``make test-claude`` into ``.tools/``, and prints where it is.

The package comes from the npm registry that npm is configured for (NPM_CONFIG_REGISTRY, .npmrc), in
the one version below, and is used only if its digest is the one below. It is never committed.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "2.1.330"
DIGESTS = {  # `npm view PACKAGE@VERSION dist.integrity`
    "x64": "9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==",
    "arm64": "V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==",
}
MACHINES = {"x86_64": "x64", "aarch64": "arm64"}
MEMBER = "package/claude"
FOLDER = Path(__file__).resolve().parents[1] / ".tools" / "claude" / VERSION


def main() -> int:
    """Print the path of the program, which is there and whole; or say what is missing."""
    program = FOLDER / "claude"
    kind = MACHINES.get(platform.machine())
    if kind is None:
        return fail(f"there is no package for {platform.machine()}")
    if not program.is_file():
        if shutil.which("npm") is None:
            return fail("npm is not installed; install it (for example: sudo apt install npm) and try again")
        FOLDER.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER.parent) as scratch:
            problem = fetch(Path(scratch), kind)
        if problem:
            return fail(problem)
    print(program)
    return 0


def fetch(scratch: Path, kind: str) -> str | None:
    """Bring the program to its place, by one rename; return what is wrong, if anything."""
    package = f"@anthropic-ai/claude-code-linux-{kind}@{VERSION}"
    print(f"getting {package}", file=sys.stderr)
    npm = ["npm", "pack", "--silent", "--pack-destination", str(scratch), package]
    done = subprocess.run(npm, check=False, stdout=subprocess.DEVNULL, cwd=scratch)
    archives = list(scratch.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        return f"npm could not get {package}; check the network and npm's registry (npm config get registry)"
    with archives[0].open("rb") as file:
        digest = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if digest != DIGESTS[kind]:
        return f"{package} is not what it was when it was chosen (sha512-{digest}); it was not used"
    whole = scratch / "whole"
    whole.mkdir()
    extract(archives[0], whole / "claude")
    whole.rename(FOLDER)
    return None


def extract(archive: Path, to: Path) -> None:
    """Write the one file that is wanted; its digest vouches for the archive."""
    with tarfile.open(archive) as package:
        source = package.extractfile(MEMBER)
        if source is None:
            raise FileNotFoundError(MEMBER)
        with to.open("xb") as target:
            shutil.copyfileobj(source, target)
    to.chmod(0o755)


def fail(why: str) -> int:
    """Say why there is no program."""
    print(f"test-claude: {why}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
