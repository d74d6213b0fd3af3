// What nobody can read.

rule binary_program {
  meta:
    level = "error"
    about = "a file is a compiled program or library"
    fix = "Leave it out; depend on a package that brings it"
  strings:
    $dos = "This program cannot be run in DOS mode"
    $elf = { 7F 45 4C 46 (01 | 02) (01 | 02) 01 }
  condition:
    $elf at 0 or (uint16(0) == 0x5A4D and (uint32(uint32(0x3C)) == 0x00004550 or $dos in (0..256)))
    or uint32(0) == 0xFEEDFACE or uint32(0) == 0xFEEDFACF or uint32(0) == 0xCEFAEDFE or uint32(0) == 0xCFFAEDFE
    or uint32be(0) == 0xCAFEBABE or uint32be(0) == 0x0061736D
}

rule binary_bytecode {
  meta:
    level = "error"
    about = "a file is Python bytecode"
    fix = "Put the source into the package"
  condition:
    filesize > 16 and uint16(2) == 0x0A0D and uint16(0) > 0x0BB8 and uint16(0) < 0x1000 and uint32(4) < 4
}

rule binary_hidden {
  meta:
    level = "error"
    about = "a program is hidden in another file"
    fix = "Leave it out"
  strings:
    $elf = { 7F 45 4C 46 (01 | 02) (01 | 02) 01 00 00 00 00 00 00 00 00 00 }
    $dos = "This program cannot be run in DOS mode"
    $elf64 = "f0VMRgIBAQAAAAAA"
    $pe64 = "TVqQAAMAAAAEAAAA"
    $elfhex = "7f454c460201010000000000" nocase
  condition:
    for any of ($elf, $dos) : (@ > 256) or any of ($elf64, $pe64, $elfhex)
}

rule pickle_file {
  meta:
    level = "warning"
    about = "a file holds pickled objects, and whoever loads them runs what they say"
    fix = "Keep data as JSON"
  condition:
    kind == "other" and uint8(0) == 0x80 and uint8(1) >= 2 and uint8(1) <= 5 and uint8(filesize - 1) == 0x2E
}

rule pickle_program {
  meta:
    level = "error"
    about = "pickled objects start programs when they are loaded"
    fix = "Leave them out"
  strings:
    $old = /c(posix|nt|os|subprocess|builtins|__builtin__)\n(system|popen|Popen|call|check_output|exec|eval|execfile)\n/
    $new = /\x8c.(posix|nt|os|subprocess|builtins)\x94?\x8c.(system|popen|Popen|call|check_output|exec|eval)\x94?\x93/s
  condition:
    any of them
}

rule archive {
  meta:
    level = "warning"
    about = "a file is an archive, and what is in it was not looked at"
    fix = "Unpack it"
  condition:
    uint32be(0) == 0x504B0304 or uint16be(0) == 0x1F8B or uint32be(0) == 0xFD377A58 or uint32be(0) == 0x377ABCAF
    or (uint16be(0) == 0x425A and uint8(2) == 0x68 and uint32be(4) == 0x31415926) or uint32be(0) == 0x52617221 or uint32be(0) == 0x28B52FFD
    or (filesize > 512 and uint32be(257) == 0x75737461)
}
