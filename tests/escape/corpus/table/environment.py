"""What a plugin brings along and what it runs in: start-up files, shadowing, tampering, inherited secrets."""

from __future__ import annotations

from corpus.attempt import NOT_RUN, ROOT, SAME, A

ROWS = [
    A(
        "a .pth file that reads outside",
        "noted(d('note-brought_pth'))",
        "EACCES",
        NOT_RUN,
        note="not read there",
    ),
    A(
        "sitecustomize in the packages",
        "noted(d('note-sitecustomize'))",
        "ENOENT",
        NOT_RUN,
        note="not read there",
    ),
    A(
        "usercustomize in the packages",
        "noted(d('note-usercustomize'))",
        "ENOENT",
        NOT_RUN,
        note="not read there",
    ),
    A("a module in place of the library's", "imported('colorsys')", "ENOENT"),
    A("a module that reads outside on import", "imported('brought_pth')", "EACCES"),
    A("write into the packages", "opened(T['packages'] + '/planted.py', 0o101)", "EACCES"),
    A(
        "write bytecode into the packages",
        "opened(T['packages'] + '/x.cpython-311.pyc', 0o101)",
        "EACCES",
    ),
    A("remove from the packages", "c('unlink', T['packages'] + '/usercustomize.py')", "EACCES"),
    A("rename the packages", "c('rename', T['packages'] + '/brought', T['data'] + '/mine')", "EACCES"),
    A("rewrite the own manifest", "opened(T['code'] + '/plugin.yaml', 2)", "EACCES"),
    A("rename the own code", "c('rename', T['code'] + '/src/using_up.py', T['data'] + '/mine.py')", "EACCES"),
    A("put a link in place of the own code", "c('symlink', '/', T['code'] + '/src/link')", "EACCES"),
    A(
        "rename the own data folder",
        "c('rename', T['data'], T['data'] + '2')",
        "EACCES",
        NOT_RUN,
        note="others use it",
    ),
    A("read a sibling's data", "opened(T['sibling_data'] + '/diary')", "EACCES"),
    A("write a sibling's data", "opened(T['sibling_data'] + '/diary', 1)", "EACCES"),
    A("read the registry", "opened(T['state'] + '/plugin_registry.json')", "EACCES"),
    A("write the registry", "opened(T['state'] + '/plugin_registry.json', 1)", "EACCES"),
    A("read sealed secrets", "opened(T['state'] + '/plugin_secrets.json')", "EACCES"),
    A("read the key of sealed secrets", "opened(T['state'] + '/secrets.key')", "EACCES"),
    A("speak to the server's socket", "spoken_to(T['state'] + '/server.sock')", "EPERM"),
    A(
        "open the server's socket",
        "opened(T['state'] + '/server.sock', 0o10000000)",
        "done",
        residue="Metadata",
    ),
    A("the server's environment in memory", "found_in_memory('server-keep[s]-[0-9a-f]{16}')", "ENOENT"),
    A("a sibling's settings in memory", "found_in_memory('sibling-keep[s]-[0-9a-f]{16}')", "ENOENT"),
    A(
        "a sibling's grants in memory",
        "found_in_memory('grant-keep[s]-[0-9a-f]{16}')",
        "ENOENT",
        NOT_RUN,
        note="there are no grants",
    ),
    A("a set-id program", "set_id_file()", "EPERM", ROOT),
    A(
        "the library's bytecode",
        "opened(os.path.dirname(T['library']) + '/__pycache__', 0o20200002)",
        "EACCES",
        ROOT,
    ),
    A(
        "the loader's list",
        "opened('/etc/ld.so.preload', 0o101)",
        "EACCES",
        NOT_RUN,
        note="would stay behind",
    ),
    A(
        "the user's start-up files",
        "opened('/etc/profile.d/x.sh', 0o101)",
        "EACCES",
        NOT_RUN,
        note="would stay behind",
    ),
    A("scheduled programs", "opened('/etc/cron.d/x', 0o101)", "EACCES", NOT_RUN, note="would stay behind"),
    A("the system's logs", "opened('/var/log', 0o200000)", "EACCES"),
    A("others' temporary files", "opened('/tmp', 0o200000)", "EACCES"),
    A("write beside others' temporary files", "opened('/tmp', 0o20200002)", "EACCES"),
    A("homes", "device('/home')", "EACCES", SAME),  # need not be there
]
