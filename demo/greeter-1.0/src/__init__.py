"""greeter: a plugin that comes from a marketplace."""
