// What leaves the machine, and what uses it up.

rule miner {
  meta:
    level = "error"
    about = "code mines cryptocurrency, or starts a program that does"
    fix = "Remove it"
  strings:
    $stratum = /stratum\+(tcp|ssl|tls):\/\//
    $xmrig = /\bxmrig\b/i
    $options = "--donate-level"
    $web = /coinhive|coin-hive|cryptoloot|webminepool|coinimp/i
    $pools = /(minexmr|supportxmr|nanopool|2miners|moneroocean|hashvault)\.(com|org|pro|stream)/
    $algorithm = /["'](randomx|cryptonight(-\w{1,10})?)["']/
  condition:
    (code or kind == "other") and any of them
}

rule exfiltration_collector {
  meta:
    level = "error"
    about = "code names a service that collects whatever is sent to it"
    fix = "Send to a host of your own, with a permission that names it"
  strings:
    $sites = /\b(webhook\.site|requestbin\.(com|net)|pipedream\.net|requestcatcher\.com|beeceptor\.com|postb\.in|hookbin\.com|burpcollaborator\.net|oastify\.com|interact\.sh|canarytokens\.com|dnslog\.cn|ceye\.io)\b/
    $oast = /\boast\.(fun|pro|live|site|online|me)\b/
    $tunnels = /\.(ngrok\.io|ngrok-free\.app|trycloudflare\.com|serveo\.net|loca\.lt|localhost\.run)\b/
  condition:
    code and any of them
}

rule exfiltration_webhook {
  meta:
    level = "error"
    about = "code sends to a chat of the author's"
    fix = "Make the address a setting of the plugin, so that it is the user's own"
  strings:
    $discord = /discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d{15,20}\//
    $telegram = /api\.telegram\.org\/bot\d{8,10}:[\w-]{30}/
    $slack = /hooks\.slack\.com\/services\/T[A-Z0-9]{8,10}\/B[A-Z0-9]{8,10}\/[A-Za-z0-9]{20}/
    $teams = /[\w-]{3,40}\.webhook\.office\.com\/webhookb2\/[0-9a-f-]{36}/
  condition:
    any of them
}

rule exfiltration_paste {
  meta:
    level = "warning"
    about = "code names a service that publishes what is sent to it"
    fix = "Say in the README what is sent there, and when"
  strings:
    $sites = /\b(pastebin\.com\/api|paste\.ee|hastebin\.com|0x0\.st|transfer\.sh|file\.io|gofile\.io|anonfiles\.com|catbox\.moe|termbin\.com|rentry\.co|dpaste\.(org|com)|ix\.io|temp\.sh|bashupload\.com)\b/
  condition:
    code and $sites
}

rule exfiltration_environment {
  meta:
    level = "error"
    about = "code sends the whole environment away"
    fix = "Send the variables that are needed, by name"
  strings:
    $all = /(dumps|str|dict|repr|urlencode|encode|f["'][^"'\n]{0,40}\{)\s*\(?\s*(dict\s*\(\s*)?\{?(\*\*)?\s*os\.environ(\.copy\(\)|\.items\(\))?\s*[)},]/
    $given = /(data|json|params|body|content)\s*=\s*(dict\s*\(\s*)?\{?(\*\*)?\s*os\.environ(\.copy\(\))?\s*[)},]/
    $node = /JSON\.stringify\s*\(\s*process\.env\s*\)/
    $send = /urlopen\s*\(|requests\.(post|put|get|request)\s*\(|httpx\.\w{2,12}\s*\(|HTTPS?Connection\s*\(|\.sendall?\s*\(|\.post\s*\(|fetch\s*\(/
  condition:
    code and $send and any of ($all, $given, $node)
}

rule exfiltration_names {
  meta:
    level = "warning"
    about = "code looks up host names that are made of data, by which data leaves unseen"
    fix = "Send data over a connection, with a permission that names the host"
  strings:
    $format = /gethostbyname(_ex)?\s*\(\s*f["'][^"'\n]{0,40}\{|getaddrinfo\s*\(\s*f["'][^"'\n]{0,20}\{[^"'\n]{0,60}(encode|hex)/
    $hex = /gethostbyname(_ex)?\s*\([^)\n]{0,80}(hexlify|b32encode|\.hex\(\))/
    $dig = /\b(dig|nslookup|host)\s[^\n]{0,40}\$\(/
  condition:
    code and any of them
}

rule recording_input {
  meta:
    level = "error"
    about = "code records keys, the screen or the clipboard"
    fix = "Remove it; what a session shows is to be had with 'session.read'"
  strings:
    $keys = /import\s+(pynput|keyboard)\b|from\s+(pynput|keyboard)\b|pynput\.keyboard/
    $screen = /ImageGrab\.grab\s*\(|import\s+(pyscreenshot|mss)\b|pyautogui\.screenshot/
    $events = /\/dev\/input\/event/
    $clipboard = /pyperclip\.paste\s*\(|xclip\s+[^\n]{0,30}-o\b|wl-paste\b/
  condition:
    code and any of them
}
