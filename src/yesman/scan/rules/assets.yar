// Scripts and pages among the assets.

rule script_decoded {
  meta:
    level = "error"
    about = "a script executes what it decodes"
    fix = "Put the code into the package as it is"
  strings:
    $eval = /\b(eval|setTimeout|setInterval|Function)\s*\(\s*(atob|unescape|decodeURIComponent|String\.fromCharCode|Buffer\.from)\s*\(/
    $function = /new\s+Function\s*\([^)\n]{0,60}(atob|unescape|fromCharCode)\s*\(/
    $packer = "eval(function(p,a,c,k,e,"
    $write = /document\.write\s*\(\s*(unescape|atob|decodeURIComponent)\s*\(/
    $url = /(src|href)\s*=\s*["']?(data:text\/(javascript|html);base64,|javascript:\s*eval)/i
  condition:
    web and any of them
}

rule script_obfuscated {
  meta:
    level = "error"
    about = "a script was made unreadable by a program for that"
    fix = "Publish the source as it is, or minified"
  strings:
    $names = /\b_0x[0-9a-f]{4,6}\b/
    $jsfuck = /(\[\]|!\[\]|\+\[\]|\(!\[\]\+\[\]\)|\[!\[\]\]){12}/
    $codes = /fromCharCode\s*\(\s*(\d{1,3}\s*,\s*){30}/
    $escapes = /(\\x[0-9a-fA-F]{2}){40}/
    $unicode = /(\\u00[0-9a-fA-F]{2}){40}/
    $aaencode = "ﾟωﾟﾉ"
  condition:
    web and (#names > 20 or any of ($jsfuck, $codes, $escapes, $unicode, $aaencode))
}

rule script_thief {
  meta:
    level = "error"
    about = "a script sends cookies, storage or input away"
    fix = "Remove it"
  strings:
    $send = /fetch\s*\(|XMLHttpRequest|sendBeacon\s*\(|new\s+Image\s*\(|new\s+WebSocket\s*\(/
    $what = /document\.cookie|localStorage\.getItem|JSON\.stringify\s*\(\s*(localStorage|sessionStorage)|addEventListener\s*\(\s*["']key(down|press|up)["']/
    $to = /["'`]https?:\/\/[\w.-]{1,80}[^"'`\n]{0,120}["'`]\s*(\+|,|\$\{)/
  condition:
    web and all of them
}

rule script_from_elsewhere {
  meta:
    level = "warning"
    about = "a page loads a script from another host"
    fix = "Put the script into the package"
  strings:
    $tag = /<script[^>]{0,200}\ssrc\s*=\s*["']?(https?:)?\/\//i
    $import = /\bimport\s*\(\s*["'`]https?:\/\//
    $from = /\bfrom\s+["']https?:\/\//
    $workers = /importScripts\s*\(\s*["']https?:\/\//
  condition:
    web and any of them
}

rule script_in_image {
  meta:
    level = "error"
    about = "an image holds a script"
    fix = "Take the script out of the image"
  strings:
    $svg = "<svg" nocase
    $script = /<script[\s>]/i
    $handler = /\son(load|error|click|begin|mouseover)\s*=\s*["']/i
    $foreign = /<foreignObject[\s>]/i
    $link = /(xlink:)?href\s*=\s*["']\s*javascript:/i
  condition:
    kind == "image" and $svg and any of ($script, $handler, $foreign, $link)
}
