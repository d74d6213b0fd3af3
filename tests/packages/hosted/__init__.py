"""A real server in a home of its own, and plugin folders made on the spot, for tests in several places."""
