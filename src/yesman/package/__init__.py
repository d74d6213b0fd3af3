"""Plugin packages: a folder taken in whole, and the read-only environment its dependencies live in."""

from yesman.package.content import Staged
from yesman.package.environments import Environment, Environments
from yesman.package.folder import digest_folder, stage_folder
from yesman.package.requirements import requirements_of
from yesman.package.trees import remove_tree

__all__ = [
    "Environment",
    "Environments",
    "Staged",
    "digest_folder",
    "remove_tree",
    "requirements_of",
    "stage_folder",
]
