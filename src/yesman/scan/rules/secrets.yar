// Secrets of whoever made the package; `yesman.scan.secrets` looks closer at some.

rule secret_private_key {
  meta:
    level = "warning"
    about = "a private key is in the package"
    fix = "Take it out, and make a new one: everybody who has the package has it"
  strings:
    $pem = /-----BEGIN (RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s{1,4}(\w[\w-]{2,20}: [^\n]{1,80}\n\s{0,4}){0,3}[A-Za-z0-9+\/=\s]{64}/
    $pgp = /-----BEGIN PGP PRIVATE KEY BLOCK-----\s/
    $age = /\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/
  condition:
    any of them
}

rule secret_github {
  meta:
    level = "warning"
    about = "a token of GitHub is in the package"
    fix = "Revoke it, and take it out"
  strings:
    $token = /\bgh[pousr]_[A-Za-z0-9]{36}\b/
    $fine = /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/
  condition:
    any of them
}

rule secret_gitlab {
  meta:
    level = "warning"
    about = "a token of GitLab is in the package"
    fix = "Revoke it, and take it out"
  strings:
    $token = /\bgl(pat|dt|rt|ptt|oas)-[A-Za-z0-9_-]{20,64}\b/
  condition:
    $token
}

rule secret_aws {
  meta:
    level = "warning"
    about = "an access key of AWS is in the package"
    fix = "Revoke it, and take it out"
  strings:
    $id = /\b(AKIA|ASIA)[A-Z2-7]{16}\b/
  condition:
    $id
}

rule secret_pypi {
  meta:
    level = "warning"
    about = "a token of PyPI is in the package"
    fix = "Revoke it, and take it out"
  strings:
    $token = /\bpypi-AgE[A-Za-z0-9_-]{60,400}/
  condition:
    $token
}

rule secret_npm {
  meta:
    level = "warning"
    about = "a token of npm is in the package"
    fix = "Revoke it, and take it out"
  strings:
    $token = /\bnpm_[A-Za-z0-9]{36}\b/
  condition:
    $token
}

rule secret_models {
  meta:
    level = "warning"
    about = "a key for a model's API is in the package"
    fix = "Revoke it, and make it a setting with 'secret: true'"
  strings:
    $anthropic = /\bsk-ant-(api|admin|oat|sid)\d{2}-[A-Za-z0-9_-]{60,120}/
    $openai = /\bsk-(proj-|svcacct-)?[A-Za-z0-9_-]{20,80}T3BlbkFJ[A-Za-z0-9_-]{20,80}/
    $huggingface = /\bhf_[A-Za-z]{34}\b/
    $google = /\bAIza[0-9A-Za-z_-]{35}\b/
  condition:
    any of them
}

rule secret_chat {
  meta:
    level = "warning"
    about = "a token of a chat service is in the package"
    fix = "Revoke it, and make it a setting with 'secret: true'"
  strings:
    $slack = /\bxox[abprs]-(\d{10,13}-){1,3}[A-Za-z0-9-]{20,40}/
    $slack_app = /\bxapp-\d-[A-Z0-9]{9,12}-\d{10,14}-[a-f0-9]{60}/
    $telegram = /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/
    $discord = /\b[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,40}\b/
  condition:
    any of them
}

rule secret_payment {
  meta:
    level = "warning"
    about = "a key of a payment service is in the package"
    fix = "Revoke it, and make it a setting with 'secret: true'"
  strings:
    $stripe = /\b(sk|rk)_live_[0-9a-zA-Z]{24,99}\b/
    $square = /\bsq0(atp|csp)-[0-9A-Za-z_-]{22,43}\b/
  condition:
    any of them
}

rule secret_token {
  meta:
    level = "warning"
    about = "a signed token is in the package"
    fix = "Take it out; tokens are made when they are needed"
  strings:
    $jwt = /\beyJ[A-Za-z0-9_-]{15,400}\.eyJ[A-Za-z0-9_-]{15,800}\.[A-Za-z0-9_-]{20,800}/
  condition:
    $jwt
}

rule secret_in_address {
  meta:
    level = "warning"
    about = "an address holds a password"
    fix = "Make the password a setting with 'secret: true'"
  strings:
    $url = /\b(https?|ftp|postgres(ql)?|mysql|redis|mongodb(\+srv)?|amqps?):\/\/[^\/\s:@"'<>{}$%]{0,64}:[^\/\s:@"'<>{}$%*]{8,64}@[\w.-]{3,100}/
  condition:
    $url
}

rule secret_assigned {
  meta:
    level = "warning"
    about = "code holds what looks like a password or a key"
    fix = "Make it a setting with 'secret: true'"
  strings:
    $set = /(password|passwd|secret|api_?key|access_?key|auth_?token|access_?token|private_?key)["']?\s{0,3}[:=]\s{0,3}b?["'][A-Za-z0-9+\/=_.-]{24,120}["']/i
  condition:
    code and $set
}
