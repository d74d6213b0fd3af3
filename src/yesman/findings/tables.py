"""What code needs which permission for, as data: modules, calls and methods.

Names are dotted, as they are imported. What is not listed is not judged.
"""

from __future__ import annotations

from typing import Final

NETWORK_MODULES: Final = frozenset(
    {
        *("socket", "ssl", "http.client", "urllib.request", "ftplib", "smtplib", "imaplib", "poplib"),
        *("xmlrpc.client", "requests", "httpx", "aiohttp", "urllib3", "httplib2", "pycurl", "websockets"),
        *("websocket", "grpc", "paramiko", "github", "gitlab", "jira", "slack_sdk", "boto3", "botocore"),
        *("openai", "anthropic", "redis", "psycopg", "psycopg2", "pymysql", "pymongo", "dns"),
        *("nntplib", "telnetlib", "urllib.robotparser", "niquests", "treq"),
        *("curl_cffi", "wsproto", "socketio", "asyncssh", "fabric", "aiosmtplib", "aioftp", "asyncpg"),
        *("aiomysql", "MySQLdb", "mysql", "oracledb", "motor", "elasticsearch", "kafka", "pika", "nats"),
        *("zmq", "twisted", "tornado", "kubernetes", "docker", "stripe", "telegram", "discord", "tweepy"),
        *("googleapiclient", "ldap3", "ntplib", "valkey", "pymemcache", "yt_dlp"),
    }
)
NETWORK_CALLS: Final = frozenset(
    {"open_connection", "create_connection", "create_datagram_endpoint", "sock_connect", "sock_sendto"}
)
"""Functions of asyncio and methods of its loops that connect."""
PROCESS_MODULES: Final = frozenset(
    {
        *("subprocess", "multiprocessing", "pty", "webbrowser", "pexpect", "ptyprocess", "sh", "plumbum"),
        *("invoke", "distutils.spawn"),
    }
)
PROCESS_CALLS: Final = (
    *("os.system", "os.popen", "os.fork", "os.forkpty", "os.exec", "os.spawn", "os.posix_spawn"),
    *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"),
    *("concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process", "psutil.Popen"),
    *("anyio.run_process", "anyio.open_process", "trio.run_process", "os.startfile"),
)
"""Beginnings of the names of functions that start processes."""
FILE_MODULES: Final = frozenset(
    {
        *("os", "io", "pathlib", "shutil", "glob", "fileinput", "linecache", "mmap", "sqlite3", "dbm"),
        *("shelve", "zipfile", "tarfile", "gzip", "bz2", "lzma", "tempfile", "mailbox", "configparser"),
        *(
            "codecs",
            "filecmp",
            "netrc",
            "logging.handlers",
            "tokenize",
            "importlib.resources",
            "pkgutil",
            "zipimport",
        ),
    }
)
"""Modules that can reach files by path."""
READING: Final = frozenset({"read_text", "read_bytes", "iterdir", "glob", "rglob", "walk"})
WRITING: Final = frozenset(
    {
        *("write_text", "write_bytes", "mkdir", "touch", "unlink", "rename", "replace", "rmdir", "chmod"),
        *("symlink_to", "hardlink_to"),
    }
)
"""Methods of a Path."""
OPENERS: Final = {
    **dict.fromkeys(("open", "io.open", "builtins.open", "aiofiles.open", "zipfile.ZipFile"), "file"),
    **dict.fromkeys(("gzip.open", "bz2.open", "lzma.open", "codecs.open"), "filename"),
    "tarfile.open": "name",
}
"""Functions that open a file, its path first and their mode second, and what they call the path."""
FILE_ARGUMENTS: Final = ("path", "dst")
"""What :data:`FILE_CALLS` call their first and their second path, mostly."""
_READS, _WRITES = ("read",), ("write",)
FILE_CALLS: Final = {
    **dict.fromkeys(("os.listdir", "os.scandir", "os.walk", "glob.glob", "glob.iglob"), _READS),
    **dict.fromkeys(("os.mkdir", "os.makedirs", "os.remove", "os.unlink", "os.rmdir"), _WRITES),
    **dict.fromkeys(("os.removedirs", "os.truncate", "shutil.rmtree", "sqlite3.connect"), _WRITES),
    **dict.fromkeys(("shelve.open", "dbm.open", "logging.FileHandler"), _WRITES),
    **dict.fromkeys(("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree"), ("read", "write")),
    **dict.fromkeys(("os.rename", "os.replace", "shutil.move"), ("write", "write")),
}
"""Functions that use files by their paths, and what they do with the first and the second."""
NOT_DECIDED: Final = ("/dev/", "/proc/", "/sys/", "/usr/", "/lib/", "/lib64/", "/bin/")
"""Folders that are open in every sandbox, or closed in all: no permission decides."""
DYNAMIC: Final = frozenset({"importlib", "ctypes", "cffi", "runpy", "exec", "eval", "__import__"})
"""Whoever uses these may do anything that is not seen here."""
SESSION_PERMISSIONS: Final = ("session.read", "session.modify", "session.type")
