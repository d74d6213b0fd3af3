"""Registries for tests: real keys, real metadata, a storage in memory, and mirrors that are not honest."""
