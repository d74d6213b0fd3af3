"""crasher: a plugin whose process dies."""
