// Code that arrives as something else.

rule exec_of_decoded_text {
  meta:
    level = "error"
    about = "what was decoded or decompressed is executed at once"
    fix = "Put the code into the package as it is"
  strings:
    $python = /\b(exec|eval)\s*\(\s*(compile\s*\(\s*)?(__import__\s*\(\s*["'](base64|zlib|codecs|marshal|binascii|gzip|bz2|lzma)["']\s*\)|base64|zlib|codecs|marshal|binascii|gzip|bz2|lzma|bytes\.fromhex|bytearray\.fromhex)\b/
    $lambda = /\bexec\s*\(\s*\(?\s*_\s*\)?\s*\(\s*b?["'][A-Za-z0-9+\/=]{20}/
    $shell = /base64\s+(-d|-D|--decode).{0,80}\|\s*(sudo\s+)?(\/\S{0,30})?(ba|z|da)?sh\b/
    $shell2 = /(ba|z|da)?sh\s+(-c\s+)?["']?\$\(\s*(echo|printf)\s.{1,400}\|\s*base64\s+(-d|--decode)/
    $hex = /xxd\s+-r.{0,60}\|\s*(ba|z|da)?sh\b/
    $powershell = /powershell(\.exe)?\s.{0,80}-e(nc|ncodedcommand)?\s+[A-Za-z0-9+\/=]{40}/i
  condition:
    code and any of them
}

rule code_in_base64 {
  meta:
    level = "error"
    about = "text in base64 is program code"
    fix = "Put the code into the package as it is"
  strings:
    $import = "import os" base64
    $subprocess = "import subprocess" base64
    $socket = "import socket" base64
    $dunder = "__import__(" base64
    $exec = "exec(base64" base64
    $system = "os.system(" base64
    $popen = "subprocess.Popen(" base64
    $urlopen = "urllib.request" base64
    $bash = "#!/bin/bash" base64
    $sh = "#!/bin/sh" base64
    $devtcp = "/dev/tcp/" base64
    $curl = "| bash" base64
  condition:
    any of them
}

rule download_and_execute_command {
  meta:
    level = "error"
    about = "a command runs what it downloads"
    fix = "Depend on a package with a hash in requirements.lock instead"
  strings:
    $pipe = /\b(curl|wget|fetch)\s[^|\n]{1,300}\|\s*(sudo\s+)?(env\s+)?(\/\S{0,30})?((ba|z|da)?sh|python3?|perl|node)\b/
    $subst = /\b(ba|z|da)?sh\s+(-c\s+)?["']?(\$\(|<\()\s*(curl|wget)\s/
    $chain = /\b(curl|wget)\s[^\n]{1,200}(;|&&)\s*chmod\s+(\+x|[0-7]*7[0-7]{0,2})[^\n]{1,120}(;|&&)/
    $iex = /(iex|invoke-expression)\s*\(?\s*\(?\s*(new-object\s+net\.webclient|iwr|invoke-webrequest)/i
  condition:
    code and any of them
}

rule download_and_execute_python {
  meta:
    level = "error"
    about = "Python code runs what it downloads"
    fix = "Depend on a package with a hash in requirements.lock instead"
  strings:
    $direct = /\b(exec|eval)\s*\(\s*(compile\s*\(\s*)?[\w.()'"]{0,60}(urlopen|requests\.get|httpx\.get|urllib3?\.request)\b/
    $get = /urlretrieve\s*\(|urlopen\s*\(|requests\.get\s*\(|httpx\.get\s*\(/
    $chmod = /chmod\s*\([^)\n]{0,60}(0o?7[0-7][0-7]|S_IX|S_IEXEC)/
    $run = /os\.(system|popen|exec[lv]p?e?|spawn\w+)\s*\(|subprocess\.\w+\s*\(/
  condition:
    kind == "python" and ($direct or ($get and $chmod and $run))
}

rule install_at_run_time {
  meta:
    level = "warning"
    about = "code installs packages while it runs"
    fix = "Name them in requirements.txt, so that they are locked and confined"
  strings:
    $pip = /["'](pip3?|uv)["']\s*,\s*["'](install|pip)["']/
    $module = /\bpip\.(main|_internal)\b/
    $command = /\b(pip3?|uv\s+pip|npm|gem)\s+install\s+[\w.@-]/
    $run = /os\.(system|popen)|subprocess|create_subprocess/
  condition:
    (kind == "python" and $run and any of ($pip, $command)) or (kind == "python" and $module) or (kind == "shell" and $command)
}

rule docs_pipe_to_shell {
  meta:
    level = "warning"
    about = "a text tells readers to run what they download"
    fix = "Name a package and its version instead"
  strings:
    $pipe = /\b(curl|wget)\s[^|\n]{1,300}\|\s*(sudo\s+)?(\/\S{0,30})?((ba|z|da)?sh|python3?)\b/
    $subst = /\b(ba|z|da)?sh\s+(-c\s+)?["']?(\$\(|<\()\s*(curl|wget)\s/
  condition:
    prose and any of them
}

rule protected_by_pyarmor {
  meta:
    level = "error"
    about = "the code was made unreadable by a program for that"
    fix = "Publish the source as it is"
  strings:
    $pyarmor = /__pyarmor__|pyarmor_runtime|pytransform\s+import/
    $others = /pyobfuscate\.com|Obfuscated (with|by) \w{2,30}|pyminifier|development-tools\.net\/python-obfuscator/i
    $names = /\b[Il1|]{14}/
    $ooo = /\b_?[O0]{14}/
  condition:
    kind == "python" and (any of ($pyarmor, $others) or #names > 5 or #ooo > 5)
}
