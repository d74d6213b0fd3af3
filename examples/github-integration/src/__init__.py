"""github-integration: pull requests, pushes and branches on GitHub, without ever running git."""
