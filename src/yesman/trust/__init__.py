"""What is believed of packages and registries, and by whose signature: no sockets, no clock of its own."""
