"""The marketplace over HTTP: requests are parsed here, once; answers are JSON, files or RFC 9457 problems."""
