"""Files: reading, writing, links, renaming, metadata, watches, handles."""

from __future__ import annotations

from corpus.attempt import DIFFERS, NOT_RUN, ROOT, SAME, A

ROWS = [
    A("read a file of the system", "opened('/etc/passwd')", "EACCES"),
    A("read outside", "opened(p('secret'))", "EACCES"),
    A("read outside by raw openat", "s('openat', AT_FDCWD, p('secret'), 0)", "EACCES"),
    A("read outside by openat2", "s('openat2', AT_FDCWD, p('secret'), bytes(24), 24)", "EACCES"),
    A(
        "read outside from a folder opened as a path only",
        "c('openat', opened('/', 0o10000000), 'etc/passwd', 0)",
        "EACCES",
    ),
    A("climb out by dots", "opened(d('../outside/secret'))", "EACCES"),
    A("follow an own link out", "opened(linked(p('secret')))", "EACCES"),
    A("follow an own link to a folder", "opened(linked(p(''), 'folder') + '/secret')", "EACCES"),
    A("list outside", "opened(p(''), 0o200000)", "EACCES"),
    A("list the root", "opened('/', 0o200000)", "EACCES"),
    A("list through the current folder", "[c('chdir', T['outside']), opened('.', 0o200000)]", "EACCES"),
    A("write outside", "opened(p('secret'), 1)", "EACCES"),
    A("append outside", "opened(p('secret'), 1 | 0o2000)", "EACCES"),
    A("empty by opening", "opened(p('spare'), 0o1000)", "EACCES"),
    A("empty by name", "c('truncate', p('spare'), 0)", "EACCES"),
    A("create outside", "opened(p('new'), 0o101)", "EACCES"),
    A("create outside by creat", "c('creat', p('new2'), 0o600)", "EACCES"),
    A("create an unnamed file outside", "opened(p(''), 0o20200002)", "EACCES"),
    A("make a folder outside", "c('mkdir', p('made'), 0o700)", "EACCES"),
    A("remove a folder outside", "c('rmdir', p('empty'))", "EACCES"),
    A("remove a file outside", "c('unlink', p('doomed'))", "EACCES"),
    A("make a link outside", "c('symlink', 'x', p('made-link'))", "EACCES"),
    A("hard-link a secret in", "c('link', p('secret'), d('stolen'))", "EXDEV"),
    A("hard-link an own file out", "[own(), c('link', d('own'), p('planted'))]", "EACCES"),
    A("rename a secret in", "c('rename', p('moved'), d('moved'))", "EACCES"),
    A("rename an own file out", "[own('out'), c('rename', d('out'), p('out'))]", "EACCES"),
    A(
        "exchange with a file outside",
        "[own('swap'), s('renameat2', -100, d('swap'), -100, p('swap'), 2)]",
        "EACCES",
    ),
    A(
        "rename over the plugin's code",
        "[own('evil'), c('rename', d('evil'), T['code'] + '/src/victim.py')]",
        "EACCES",
    ),
    A("write the plugin's code", "opened(T['code'] + '/src/victim.py', 1)", "EACCES"),
    A("write the standard library", "opened(T['library'], 1)", "EACCES", ROOT),
    A("make a fifo", "c('mkfifo', d('fifo'), 0o600)", "EPERM"),
    A("make a device", "s('mknodat', -100, d('null'), 0o020666, 0x103)", "EPERM", ROOT),
    A("make a socket file", "s('mknodat', -100, d('sock'), 0o140600, 0)", "EPERM"),
    A("change an own file's mode", "[own(), c('chmod', d('own'), 0o777)]", "EPERM"),
    A("change an own descriptor's mode", "c('fchmod', own(), 0o4777)", "EPERM"),
    A("change a mode outside", "c('chmod', p('secret'), 0o777)", "EPERM"),
    A("change a mode by fchmodat2", "s('fchmodat2', -100, p('secret'), 0o644, 0)", "EPERM", DIFFERS),
    A("change an owner outside", "c('chown', p('secret'), -1, -1)", "EPERM"),
    A("change an owner through a descriptor", "c('fchown', own(), -1, -1)", "EPERM"),
    A("change times outside", "c('utimensat', AT_FDCWD, p('secret'), None, 0)", "EPERM"),
    A("set an attribute outside", "c('setxattr', p('secret'), 'user.x', 'y', 1, 0)", "EPERM", DIFFERS),
    A("remove an attribute outside", "c('removexattr', p('secret'), 'user.none')", "EPERM", DIFFERS),
    A(
        "read an attribute outside", "c('listxattr', p('secret'), None, 0)", "ENOTSUP", SAME
    ),  # as file systems do
    A("watch a folder", "c('inotify_add_watch', c('inotify_init1', 0), p(''), 0x100)", "EPERM"),
    A("watch a mount", "s('fanotify_init', 0, 0)", "EPERM", ROOT),
    A("get a handle", "s('name_to_handle_at', -100, p('secret'), bytes(8), bytes(8), 0)", "EPERM", DIFFERS),
    A("open a handle", "s('open_by_handle_at', -100, bytes(16), 0)", "EPERM", ROOT),
    A("change the root", "c('chroot', T['data'])", "EPERM", ROOT),
    A(
        "whose a file is, how large and how old",
        "s('statx', -100, p('secret'), 0, 0x7ff, bytes(256))",
        "done",
        residue="Metadata",
    ),
    A(
        "hard-link by descriptor", "s('linkat', own('linked'), '', -100, p('linked'), 0x1000)", "EACCES", SAME
    ),  # ENOENT
    A(
        "put an unnamed file outside",
        "s('linkat', opened(T['data'], 0o20200002), '', -100, p('named'), 0x1000)",
        "EACCES",
        SAME,
    ),  # same
    A("rename a folder in", "c('rename', p('empty'), d('empty'))", "EACCES", SAME),  # removed before
    A(
        "read through a link within a link",
        "opened(linked(linked(T['outside'], 'one'), 'two') + '/secret')",
        "EACCES",
    ),
    A(
        "read by openat2 within a root",
        "s('openat2', opened('/', 0o10000000), 'etc/passwd', openhow(0x10), 24)",
        "EACCES",
    ),
    A("map a file outside", "mapped(2, opened(p('secret')))", "EACCES"),
    A("change into a folder and create there", "[c('chdir', T['outside']), opened('here', 0o101)]", "EACCES"),
    A("copy by the kernel", "c('sendfile', own('copy'), opened(p('secret')), None, 8)", "EACCES"),
    A(
        "make an own file immutable",
        "c('ioctl', own('flags'), 0x40086602, b'\x10' + bytes(7))",
        "ENOTTY",
        NOT_RUN,
        note="it would stay",
    ),
    A(
        "share blocks with a file", "c('ioctl', own('clone'), 0x40049409, own('own'))", "ENOTTY", SAME
    ),  # file systems
    A(
        "freeze a file system",
        "c('ioctl', opened(T['data'], 0o200000), 0xC0045877, 0)",
        "ENOTTY",
        NOT_RUN,
        note="it would work",
    ),
    A("where a file lies on disk", "c('ioctl', own('bmap'), 1, bytes(4))", "ENOTTY", SAME),  # file systems
    A("the machine's password hashes", "opened('/etc/shadow')", "EACCES", ROOT),
    A("the kernel's own files", "device('/boot')", "EACCES", SAME),  # need not be there
    A("what runs", "opened('/run', 0o200000)", "EACCES"),
    A(
        "a link's target outside",
        "[linked(p('secret')), c('readlinkat', AT_FDCWD, d('link'), bytes(64), 64)]",
        "done",
        residue="Metadata",
    ),
    A("whether a file exists", "c('access', p('secret'), 0)", "done", residue="Metadata"),
    A("how full a file system is", "c('statfs', p(''), bytes(256))", "done", residue="Metadata"),
]
