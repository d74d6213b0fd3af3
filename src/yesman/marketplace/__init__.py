"""The marketplace's server (extra ``marketplace``); whoever installs from it need not trust it."""
