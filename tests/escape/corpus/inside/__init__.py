"""The plugin that makes the attempts; copied to where plugins are, and imported there alone."""
