// What belongs to the user and to no plugin.

rule credentials_ssh {
  meta:
    level = "error"
    about = "code names the user's SSH keys"
    fix = "Leave keys to ssh and its agent; start git or ssh with 'system.execute' instead"
  strings:
    $key = /\.ssh[\/\\]{1,2}(id_(rsa|dsa|ecdsa|ed25519)|identity\b|authorized_keys)/
    $name = /["']id_(rsa|dsa|ecdsa|ed25519)["']/
    $folder = /["'\/]\.ssh\b/
  condition:
    code and ($key or ($name and $folder))
}

rule credentials_ssh_folder {
  meta:
    level = "warning"
    about = "code names the folder of the user's SSH keys"
    fix = "Name the one file that is needed, with a permission for it"
  strings:
    $folder = /["'\/~]\.ssh(["'\/]|\s|$)/
    $use = /open\s*\(|read_(text|bytes)|listdir|scandir|glob|expanduser|Path\.home|copytree|os\.path/
  condition:
    code and $folder and (kind != "python" or $use)
}

rule credentials_files {
  meta:
    level = "warning"
    about = "code names a file in which other programs keep credentials"
    fix = "Have the user enter a token of its own, as a setting with 'secret: true'"
  strings:
    $aws = /\.aws[\/\\]{1,2}credentials/
    $gcloud = "application_default_credentials.json"
    $gcloud2 = /\.config[\/\\]gcloud/
    $azure = /\.azure[\/\\]/
    $kube = /\.kube[\/\\]config/
    $docker = /\.docker[\/\\]config\.json/
    $netrc = /["'\/]\.netrc\b/
    $pypirc = /["'\/]\.pypirc\b/
    $npmrc = /["'\/]\.npmrc\b/
    $git = ".git-credentials"
    $gh = /\.config[\/\\]gh[\/\\]hosts\.yml/
    $vault = /["'\/]\.vault-token\b/
    $terraform = "credentials.tfrc.json"
    $gnupg = /["'\/]\.gnupg\b/
  condition:
    code and any of them
}

rule credentials_collected {
  meta:
    level = "error"
    about = "code goes through the places where several programs keep credentials"
    fix = "Remove it: no plugin needs the credentials of others"
  strings:
    $ssh = /["'\/~]\.ssh\b/
    $aws = /\.aws\b/
    $gcloud = /gcloud|application_default_credentials/
    $azure = /["'\/]\.azure\b/
    $kube = /["'\/]\.kube\b/
    $docker = /\.docker[\/\\]config\.json/
    $netrc = /["'\/]\.netrc\b/
    $pypirc = /["'\/]\.pypirc\b/
    $npmrc = /["'\/]\.npmrc\b/
    $git = ".git-credentials"
    $gnupg = /["'\/]\.gnupg\b/
    $history = /["'\/]\.(bash|zsh|python)_history\b/
    $env = /glob\(["'][^"']{0,40}\.env\b/
  condition:
    code and 3 of them
}

rule credentials_browser {
  meta:
    level = "error"
    about = "code names the places where browsers keep passwords and cookies"
    fix = "Remove it: no plugin needs what is in a browser"
  strings:
    $profile = /(google-chrome|Google[\/\\]{1,2}Chrome|BraveSoftware|microsoft-edge|\.mozilla[\/\\]firefox|Opera Software|Vivaldi|chromium)/
    $login = "Login Data"
    $state = "Local State"
    $cookies = /["'\/]Cookies["'\/]/
    $firefox = /logins\.json|key4\.db|cookies\.sqlite/
    $library = /import\s+(browser_cookie3|browsercookie|pycookiecheat)/
  condition:
    code and ($library or ($profile and any of ($login, $state, $cookies, $firefox)) or 2 of ($login, $state, $firefox))
}

rule credentials_wallets {
  meta:
    level = "error"
    about = "code names files or extensions of cryptocurrency wallets"
    fix = "Remove it: no plugin needs a wallet"
  strings:
    $core = /["'\/]wallet\.dat\b/
    $folders = /\.(electrum|bitcoin|ethereum|monero|litecoin)[\/\\]/
    $keystore = /[Ee]thereum[\/\\]keystore/
    $exodus = "exodus.wallet"
    $metamask = "nkbihfbeogaeaoehlefnkodbefgpgknn"
    $phantom = "bfnaelmomeimhlpmgjnjophhpkkoljpa"
    $solana = /\.config[\/\\]solana[\/\\]id\.json/
  condition:
    code and any of them
}

rule credentials_agents {
  meta:
    level = "error"
    about = "code names the files in which coding agents or yesman keep credentials"
    fix = "Remove it; a plugin gets its own secrets as settings"
  strings:
    $claude = /\.claude[\/\\]\.credentials\.json/
    $codex = /\.codex[\/\\]auth\.json/
    $gemini = /\.gemini[\/\\]oauth_creds\.json/
    $copilot = /github-copilot[\/\\](hosts|apps)\.json/
    $ours = /\.yesman[\/\\](secrets\.key|plugin_secrets\.json|state\.db)/
  condition:
    code and any of them
}

rule credentials_metadata_service {
  meta:
    level = "error"
    about = "code names the address from which clouds give credentials to their machines"
    fix = "Remove it: a plugin must not act as the machine it runs on"
  strings:
    $v4 = "169.254.169.254"
    $decimal = "2852039166"
    $google = "metadata.google.internal"
    $v6 = "fd00:ec2::254"
    $ecs = "169.254.170.2"
  condition:
    code and any of them
}

rule credentials_system {
  meta:
    level = "error"
    about = "code names what the system keeps of its users and processes"
    fix = "Remove it: a plugin's own environment is in os.environ"
  strings:
    $shadow = /\/etc\/(shadow|gshadow|sudoers)\b/
    $environ = /\/proc\/[^\/"']{1,20}\/(environ|mem|maps)\b/
    $keyring = /\.local\/share\/keyrings/
  condition:
    code and any of them
}
