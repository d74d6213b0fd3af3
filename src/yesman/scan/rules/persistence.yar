// What stays when the plugin is gone.

rule persistence_cron {
  meta:
    level = "error"
    about = "code puts something into the timetable of the system"
    fix = "Use 'activation: on_startup', or an event"
  strings:
    $pipe = /crontab\s+(-\s*$|-["'\s|;)]|\/|-u\s)/
    $list = /["']crontab["']\s*,\s*["'](-|\/)/
    $files = /\/(etc\/cron\.(d|daily|hourly|weekly)|etc\/crontab|var\/spool\/cron)\b/
  condition:
    code and any of them
}

rule persistence_systemd {
  meta:
    level = "error"
    about = "code makes a service that is started without the plugin"
    fix = "Use 'activation: on_startup'"
  strings:
    $user = /\.config\/systemd\/user/
    $system = /\/(etc|lib|usr\/lib)\/systemd\/system\b/
    $enable = /systemctl["',\s]+(--user["',\s]+)?enable\b/
    $autostart = /\.config\/autostart\b/
    $launchd = /Library\/Launch(Agents|Daemons)\b/
    $registry = /CurrentVersion\\{1,2}Run\b/
  condition:
    code and any of them
}

rule persistence_shell {
  meta:
    level = "error"
    about = "code changes what the user's shell runs when it starts"
    fix = "Tell the user in the README what to add, if anything"
  strings:
    $file = /["'\/~]\.(bashrc|bash_profile|bash_login|zshrc|zprofile|zshenv|bash_aliases)\b|[\/~]\.profile\b|fish\/config\.fish/
    $append = /open\s*\([^\n]{0,160}["'][awx]b?\+?["']/
    $write = /\.write_(text|bytes)\s*\(|\.write\s*\(/
    $redirect = />>?\s*["']?(~|\$\{?HOME\}?|\/home\/\w+)?\/?\.(bashrc|bash_profile|zshrc|zprofile|profile|zshenv)\b/
    $run = /os\.(system|popen)|subprocess|Popen|\bsh\s+-c/
  condition:
    code and (($redirect and (kind != "python" or $run)) or ($file and any of ($append, $write)))
}

rule persistence_python {
  meta:
    level = "error"
    about = "code puts something where Python runs it unasked"
    fix = "Import what is needed where it is needed"
  strings:
    $custom = /["'\/](site|user)customize(\.py)?["']/
    $pth = /[\w}\]]\.pth\b["']/
    $site = /getsitepackages|getusersitepackages|site-packages|purelib|sysconfig\.get_path/
    $startup = /PYTHONSTARTUP["']?\]?\s*=/
    $write = /open\s*\([^\n]{0,160}["'][awx]b?\+?["']|\.write_(text|bytes)\s*\(|copy\w{0,4}\s*\(|>>?\s/
  condition:
    code and ($startup or ($write and ($custom or ($pth and $site))))
}

rule persistence_git_hooks {
  meta:
    level = "warning"
    about = "code names git hooks, which run as the user at every commit"
    fix = "Say in the README what is put there, and ask for 'filesystem.write' of that folder only"
  strings:
    $folder = /\.git["']?\s*[\/,]\s*["']?hooks\b/
    $path = "core.hooksPath"
  condition:
    code and any of them
}

rule persistence_agent {
  meta:
    level = "warning"
    about = "code names files that tell coding agents what to do"
    fix = "Say in the README what is put there, and ask for 'filesystem.write' of that file only"
  strings:
    $claude = /\.claude[\/\\](settings(\.local)?\.json|commands|agents|hooks)\b/
    $memory = /["'\/](CLAUDE|AGENTS|GEMINI)\.md["']/
    $cursor = /["'\/]\.(cursorrules|windsurfrules|clinerules)\b|\.cursor[\/\\](rules|mcp\.json)/
    $mcp = /["'\/]\.mcp\.json\b/
    $write = /\.write_(text|bytes)\s*\(|\.write\s*\(|json\.dump\s*\(|open\s*\([^\n]{0,160}["'][awx]b?\+?["']/
  condition:
    kind == "python" and $write and any of ($claude, $memory, $cursor, $mcp)
}

rule persistence_preload {
  meta:
    level = "error"
    about = "code has a library loaded into other programs"
    fix = "Remove it"
  strings:
    $file = "/etc/ld.so.preload"
    $variable = /LD_PRELOAD["']?\]?\s*[=:,]/
    $mac = "DYLD_INSERT_LIBRARIES"
  condition:
    code and any of them
}
