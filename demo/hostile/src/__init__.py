"""hostile: what a plugin must not be able to do."""
