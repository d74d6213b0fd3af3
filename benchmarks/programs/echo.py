"""Sends back what it receives on the socket with this number, blocking, until that closes.

Usage: ``python -I -S echo.py DESCRIPTOR``.
"""

import socket
import sys

connection = socket.socket(fileno=int(sys.argv[1]))
while data := connection.recv(65536):
    connection.sendall(data)
