"""Marketplaces for tests: real databases and storages, real servers over real sockets, real packages."""
