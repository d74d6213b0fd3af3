"""The marketplace's client: what is fetched is verified before anybody else sees it."""
