"""What a plugin says about itself: ``plugin.yaml`` as one frozen value.

What always holds of a :class:`Manifest` from :func:`parse_manifest`: names are safe as
file, command and option-free argument names; versions and requirements are ones that
``packaging`` reads; no requirement names a URL; every hook can fire; texts are one bounded
line. The format is the plan's, section 2.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from packaging.version import InvalidVersion, Version

from yesman.model import manifest_fields as fields
from yesman.model.config_schema import ConfigSchema
from yesman.model.errors import AuthorError, UsageError, VerificationError
from yesman.model.manifest_config import read_config
from yesman.model.manifest_provides import (
    DeclaredCommand,
    DeclaredHook,
    DeclaredPanel,
    DeclaredProvider,
    Option,
    read_provides,
)
from yesman.model.manifest_schema import (
    DEFAULT_TYPE,
    HOMEPAGE,
    MAX_LINE,
    MAX_NEIGHBOURS,
    MAX_TEXT,
    NAME,
    NAME_RULE,
    PLUGIN_TYPES,
    json_schema,
    keys,
)
from yesman.model.needed import NeededPlugin, parse_needed
from yesman.model.permissions import NAMES as PERMISSIONS
from yesman.model.permissions import Permission, parse_permission
from yesman.model.plain_text import shown
from yesman.model.requirement import check_requirement
from yesman.model.reserved import OURS
from yesman.model.strict_yaml import Mapping, Node, Scalar, load

__all__ = [
    "Activation",
    "DeclaredCommand",
    "DeclaredHook",
    "DeclaredPanel",
    "DeclaredProvider",
    "Manifest",
    "Option",
    "as_data",
    "check_host_version",
    "from_data",
    "json_schema",
    "parse_manifest",
]


class Activation(msgspec.Struct, frozen=True):
    """When a plugin is started beside on first use."""

    on_startup: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's manifest; the bounds of the host's version are inclusive, None means open."""

    name: str
    version: str
    author: str = ""
    description: str = ""
    homepage: str = ""
    license: str = ""
    type: str = DEFAULT_TYPE
    min_version: str | None = None
    max_version: str | None = None
    commands: tuple[DeclaredCommand, ...] = ()
    hooks: tuple[DeclaredHook, ...] = ()
    providers: tuple[DeclaredProvider, ...] = ()
    panels: tuple[DeclaredPanel, ...] = ()
    dependencies: tuple[str, ...] = ()
    plugins: tuple[NeededPlugin, ...] = ()
    permissions: tuple[Permission, ...] = ()
    config: ConfigSchema = ConfigSchema()
    activation: Activation = Activation()


def parse_manifest(data: bytes, *, file: str = "plugin.yaml", host: str | None = None) -> Manifest:
    """Parse a manifest.

    Args:
        data: The bytes of the file.
        file: How errors name it.
        host: The running yesman's version; when given, the manifest's range must include it.

    Raises:
        AuthorError: One sentence with file, line and key, and the near miss where there is one.
        UsageError: The host's version is outside the range; same form.
    """
    root = fields.mapping(load(data, file=file), keys())
    name, version = fields.required(root, "name"), fields.required(root, "version")
    low, high = _host_range(root.entries.get("yesman"))
    provided = read_provides(root.entries.get("provides"))
    packages, plugins = _dependencies(root.entries.get("dependencies"))
    manifest = Manifest(
        name=_name(name),
        version=_version(version),
        type=_type(root),
        min_version=low,
        max_version=high,
        commands=provided.commands,
        hooks=provided.hooks,
        providers=provided.providers,
        panels=provided.panels,
        dependencies=packages,
        plugins=plugins,
        permissions=_permissions(root.entries.get("permissions")),
        config=read_config(root.entries["config"]) if "config" in root.entries else ConfigSchema(),
        activation=_activation(root.entries.get("activation")),
        **_about(root),
    )
    if host is not None and "yesman" in root.entries:
        where = f"{file}:{root.key_lines['yesman']}: "
        _check_range(manifest, host, where)
    return manifest


def check_host_version(manifest: Manifest, host: str) -> None:
    """Refuse a manifest whose inclusive version range does not include ``host``.

    Raises:
        UsageError: The range and the running version.
    """
    _check_range(manifest, host, "")


def as_data(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as JSON data for the registry."""
    return dict(msgspec.to_builtins(manifest))


def from_data(data: dict[str, Any]) -> Manifest:
    """Return the manifest that :func:`as_data` recorded.

    Raises:
        VerificationError: The record does not have that form.
    """
    try:
        return msgspec.convert(data, Manifest)
    except (msgspec.ValidationError, AuthorError) as error:
        raise VerificationError(
            f"the recorded manifest cannot be read: {error}", "Install the plugin again"
        ) from None


_RANGE_STEP: Final = "Use a version of the plugin made for this yesman, or another yesman"


def _check_range(manifest: Manifest, host: str, where: str) -> None:
    low, high, running = manifest.min_version, manifest.max_version, Version(host)
    if (low and running < Version(low)) or (high and running > Version(high)):
        wanted = f"{low} to {high}" if low and high else f"{low} or newer" if low else f"{high} or older"
        raise UsageError(
            f"{where}'{manifest.name}' {manifest.version} needs yesman {wanted}, but this is {host}",
            _RANGE_STEP,
        )


def _about(root: Mapping) -> dict[str, str]:
    found = {
        key: fields.text(root.entries[key], limit)
        for key, limit in (("author", MAX_LINE), ("license", MAX_LINE), ("description", MAX_TEXT))
        if key in root.entries
    }
    if "homepage" in root.entries:
        rule = "Write the full address, starting with https://"
        found["homepage"] = fields.matching(root.entries["homepage"], HOMEPAGE, "web address", rule)
    return found


def _type(root: Mapping) -> str:
    written = root.entries.get("type")
    return fields.choice(written, "plugin type", PLUGIN_TYPES) if written else DEFAULT_TYPE


def _name(node: Node) -> str:
    name = fields.matching(node, NAME, "plugin name", NAME_RULE)
    if name in OURS or name.startswith("yesman-"):
        raise node.error(f"'{name}' is a name of yesman's own", "Choose another name")
    return name


def _version(node: Node) -> str:
    written = fields.text(node, MAX_LINE)
    try:
        if written.isascii():  # packaging ignores case, and so takes a long s for an s
            Version(written)
            return written
    except InvalidVersion:
        pass
    raise node.error(
        f"{shown(written)} in {shown(node.path)} is not a version", "Write it like 1.2.3 (PEP 440)"
    )


def _host_range(node: Node | None) -> tuple[str | None, str | None]:
    if node is None:
        return None, None
    host = fields.mapping(node, keys("yesman"))
    low, high = (
        _version(host.entries[key]) if key in host.entries else None for key in ("min_version", "max_version")
    )
    if low and high and Version(low) > Version(high):
        raise host.entries["min_version"].error(f"min_version {low} is above max_version {high}")
    return low, high


def _dependencies(node: Node | None) -> tuple[tuple[str, ...], tuple[NeededPlugin, ...]]:
    """Return what is needed: a plain list is packages, as in the plan; the longer form has plugins too."""
    packages, plugins = node, None
    if isinstance(node, Mapping):
        entries = fields.mapping(node, keys("dependencies")).entries
        packages, plugins = entries.get("packages"), entries.get("plugins")
    needed: dict[str, NeededPlugin] = {}
    for item in fields.sequence(plugins):
        found = _needed(item)
        if found.name in needed:
            raise item.error(f"the plugin '{found.name}' is listed twice")
        needed[found.name] = found
    if plugins is not None and len(needed) > MAX_NEIGHBOURS:
        raise plugins.error(f"a plugin may need {MAX_NEIGHBOURS} others at most")
    return tuple(map(_dependency, fields.sequence(packages))), tuple(needed.values())


def _needed(node: Node) -> NeededPlugin:
    try:
        return parse_needed(fields.text(node, MAX_LINE))
    except AuthorError as error:
        raise fields.placed(node, error) from None


def _dependency(node: Node) -> str:
    written = fields.text(node, MAX_LINE)
    try:
        check_requirement(written)
    except AuthorError as error:
        raise fields.placed(node, error) from None
    return written


def _activation(node: Node | None) -> Activation:
    entries = fields.mapping(node, keys("activation")).entries if node else {}
    return Activation("on_startup" in entries and fields.boolean(entries["on_startup"]))


def _permissions(node: Node | None) -> tuple[Permission, ...]:
    found: dict[str, Permission] = {}
    for item in fields.sequence(node):
        permission = _permission(item)
        if str(permission) in found:
            raise item.error(f"the permission '{permission}' is listed twice")
        found[str(permission)] = permission
    return tuple(found.values())


def _refuse_spaced_scope(item: Node) -> None:
    spaced = [key for key in item.entries if key in PERMISSIONS] if isinstance(item, Mapping) else []
    if spaced:
        raise item.error(
            f"the scope in {shown(item.path)} stands after a space", f"Write '{spaced[0]}:SCOPE' without one"
        )


def _permission(item: Node) -> Permission:
    reason = ""
    written = item
    if not isinstance(item, Scalar):
        _refuse_spaced_scope(item)
        entry = fields.mapping(item, keys("permissions", "[]"))
        written = fields.required(entry, "name")
        reason = fields.text(entry.entries["reason"]) if "reason" in entry.entries else ""
    try:
        return parse_permission(fields.text(written, MAX_TEXT), reason=reason)
    except AuthorError as error:
        raise fields.placed(written, error) from None
