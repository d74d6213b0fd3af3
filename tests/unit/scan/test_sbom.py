"""The list of components of a plugin."""

from __future__ import annotations

import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from yesman.model.errors import VerificationError
from yesman.model.manifest import parse_manifest
from yesman.scan.sbom import sbom

MANIFEST = parse_manifest(
    b"name: hello\nversion: 1.0.0\nauthor: Ada\nlicense: MIT\ndescription: It says hello.\n"
)
HASHES = [f"{number:064x}" for number in range(3)]
LOCK = f"""\
requests==2.32.0 ; python_version < '3.14' \\
    --hash=sha256:{HASHES[0]} \\
    --hash=sha256:{HASHES[1]}
local==1.0+cpu \\
    --hash=sha256:{HASHES[2]}
"""


def test_it_names_what_is_locked():
    document = json.loads(sbom(MANIFEST, LOCK, "sha256:1"))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["purl"] for each in document["components"]] == [
        "pkg:pypi/local@1.0%2Bcpu",
        "pkg:pypi/requests@2.32.0",
    ]
    assert [each["content"] for each in document["components"][1]["hashes"]] == HASHES[:2]
    refs = {each["bom-ref"] for each in (document["metadata"]["component"], *document["components"])}
    assert {row["ref"] for row in document["dependencies"]} == refs


def test_it_conforms_to_the_schema():
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(sbom(MANIFEST, LOCK, "sha256:1").decode()) is None
    assert validator.validate_str(sbom(MANIFEST, "", "sha256:1").decode()) is None
    assert validator.validate_str('{"bomFormat": "CycloneDX", "specVersion": "1.6", "x": 1}') is not None


def test_equal_content_gives_equal_bytes():
    assert sbom(MANIFEST, LOCK, "sha256:1") == sbom(MANIFEST, LOCK, "sha256:1")
    assert sbom(MANIFEST, LOCK, "sha256:1") != sbom(MANIFEST, LOCK, "sha256:2")


def test_it_is_made_of_locks_only():
    with pytest.raises(VerificationError):
        sbom(MANIFEST, "requests>=2\n", "sha256:1")
