// Text that is meant for coding agents instead of people.

rule prompt_override {
  meta:
    level = "error"
    about = "a text tells an agent to forget what it was told"
    fix = "Remove it"
  strings:
    $ignore = /\b(ignore|disregard|forget|override)\s+(all\s+|any\s+|every\s+)?(of\s+)?(the\s+|your\s+|these\s+|those\s+)?(previous|prior|above|earlier|preceding|existing|system|original)\s+(instructions?|prompts?|rules|messages|directions|guidelines|context)/i
    $now = /\byou\s+are\s+(now|no\s+longer)\s+(in\s+)?(an?\s+)?(developer\s+mode|DAN\b|unrestricted|jailbroken|bound\s+by)/i
    $new = /\b(new|updated|real)\s+system\s+(prompt|instructions?)\s*:/i
  condition:
    readable and any of them
}

rule prompt_secrecy {
  meta:
    level = "error"
    about = "a text tells an agent to keep something from its user"
    fix = "Remove it"
  strings:
    $secret = /\b(do\s+not|don't|don\xE2\x80\x99t|never)\s+(tell|inform|notify|alert|warn|mention\s+(this|it|that)\s+to|reveal\s+(this|it|that)\s+to|show\s+(this|it|that)\s+to)\s+(the\s+)?(user|human|developer|operator)\b/i
    $without = /\bwithout\s+(telling|asking|informing|notifying|alerting|confirmation\s+(by|of|from))\s+(the\s+|your\s+)?(user|human|developer|operator)\b/i
    $agent = /\b(AI|assistants?|agents?|claude|copilot|cursor|codex|gemini|LLM|language\s+models?)\b/i
    $order = /\b(must|always|immediately|silently|secretly|first|before\s+(doing|answering))\b[^.\n]{0,120}\b(run|execute|read|send|upload|post|curl|cat|write|install)\b/i
  condition:
    readable and $agent and $order and any of ($secret, $without)
}

rule prompt_template {
  meta:
    level = "warning"
    about = "a text holds the marks between which models expect their operator to speak"
    fix = "Remove them, or write them so that no model reads them as its own"
  strings:
    $chatml = /<\|(im_start|im_end|system|endoftext|start_header_id)\|>/
    $llama = /\[\/?INST\]|<<\/?SYS>>/
    $tags = /<\/?(system|system[-_]prompt|system[-_]reminder|assistant[-_]instructions)>/i
    $turn = /\n\n(Human|Assistant): /
  condition:
    prose and any of them
}

rule prompt_hidden {
  meta:
    level = "error"
    about = "a text that readers do not see gives orders to an agent"
    fix = "Remove it"
  strings:
    $comment = /<!--[^>]{0,400}\b(AI|assistants?|agents?|claude|copilot|cursor|codex|LLM|language\s+models?)\b[^>]{0,300}\b(run|execute|curl|wget|cat|send|upload|post|install|read)\b[^>]{0,400}-->/i
    $comment_order = /<!--[^>]{0,600}\b(must|always|immediately|silently|important|instructions?)\b/i
    $invisible = /<(span|div|p|font)[^>]{0,120}(display:\s*none|font-size:\s*0|visibility:\s*hidden|opacity:\s*0|color:\s*(white|#fff(fff)?))[^>]{0,60}>[^<]{0,400}\b(ignore|run|execute|curl|agent|assistant)\b/i
    $reference = /\n\[(\/\/|comment|_)\]:\s*#?\s*["(<][^\n]{0,300}\b(AI|assistant|agent|claude|copilot)\b[^\n]{0,200}\b(run|execute|curl|send|upload)\b/i
  condition:
    (prose or kind == "markup") and (($comment and $comment_order) or $invisible or $reference)
}

rule prompt_for_secrets {
  meta:
    level = "error"
    about = "a text tells its reader to send secrets away"
    fix = "Remove it"
  strings:
    $send = /\b(send|post|upload|exfiltrate|forward)\s[^.\n]{0,80}(environment\s+variables|api[\s_-]?keys?|\.env\b|credentials|private\s+keys?|ssh\s+keys?|id_rsa|access\s+tokens?)[^.\n]{0,80}\b(to|into|in)\s+(https?:\/\/)/i
    $read = /\b(read|cat|open|print|collect)\s[^.\n]{0,40}(~\/\.(ssh|aws|netrc|claude|config\/gh)|\.env\b|id_rsa|id_ed25519)[^.\n]{0,120}\b(send|post|upload|include|append|curl|base64|encode)\b/i
    $curl = /curl\s[^\n]{0,120}(\$\(\s*(env|cat\s)|-d\s*@(~|\$HOME|\/home|\.env)|--data(-binary)?\s*@(~|\$HOME|\.env))/
  condition:
    readable and any of them
}

rule prompt_unguarded {
  meta:
    level = "warning"
    about = "something switches off what an agent asks its user"
    fix = "Leave that decision to the user"
  strings:
    $flags = /--dangerously-skip-permissions|--dangerously-bypass-approvals|--yolo\b|--full-auto\b/
    $mode = /["']?(bypassPermissions|autoApprove|alwaysAllow)["']?\s*[:=]\s*(true|True|\[|["'])/
    $mode2 = /defaultMode["']?\s*:\s*["']bypassPermissions/
  condition:
    readable and any of them
}
