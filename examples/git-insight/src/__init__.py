"""git-insight: commits by author and by ISO week, read without running git."""
