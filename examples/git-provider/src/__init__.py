"""git-provider: version control in one repository, for other plugins."""
