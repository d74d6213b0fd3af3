// Shells for somebody else.

rule reverse_shell_python {
  meta:
    level = "error"
    about = "Python code connects a shell to a socket"
    fix = "Remove it: no plugin gives others a shell"
  strings:
    $connect = /\.(connect|connect_ex|bind)\s*\(\s*\(/
    $make = "create_connection("
    $dup = /os\.dup2\s*\(\s*\w+\.fileno\(\)/
    $spawn = /pty\.spawn\s*\(/
    $pipe = /std(in|out)\s*=\s*\w{1,30}\.(makefile|fileno)\(/
    $interactive = /["'](\/bin\/)?(ba|z|da)?sh["']\s*,\s*["']-i["']/
  condition:
    kind == "python" and any of ($connect, $make) and any of ($dup, $spawn, $pipe, $interactive)
}

rule reverse_shell_command {
  meta:
    level = "error"
    about = "a command connects a shell to another machine"
    fix = "Remove it: no plugin gives others a shell"
  strings:
    $devtcp = /\/dev\/(tcp|udp)\/[\w.$\{-]{1,80}\/[\d$]/
    $netcat = /\b(nc|ncat|netcat)(\.traditional|\.openbsd)?\s+([\w.:-]+\s+){0,6}(-e|-c|--exec|--sh-exec)\s*["']?(\/\S{0,30})?sh\b/
    $netcat2 = /\b(nc|ncat|netcat)\s+-[a-z]{0,4}e[a-z]{0,4}\s+(\/\S{0,30})?sh\b/
    $fifo = /mkfifo\s+\S{1,60}\s{0,3};.{0,120}\b(nc|ncat|netcat|openssl\s+s_client)\b/
    $socat = /socat\s.{0,120}exec:["']?(\/\S{0,30})?sh/i
    $perl = /perl\s+-e\s.{0,40}use\s+Socket/
    $php = /php\s+-r\s.{0,40}fsockopen/
  condition:
    code and any of them
}
