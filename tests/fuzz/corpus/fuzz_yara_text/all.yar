import "pe"
private rule a : x y { meta: m = "t" n = -1 b = true strings: $a = "te\x41xt" nocase wide ascii fullword
 $b = { 4D 5A ?? 9? [2-4] ( 61 | 62 63 ) // c
 00 } $c = /a(b|cd)+[xX]\s{2}(?:e|f)/is $d = "xored" xor(1-3) $e = "based" base64wide
 condition: (2 of ($a, $b*) or not $c at 0) and for any i in (1..#d) : ( @d[i] > 3 ) }
global rule g { condition: filesize < 3MB and uint16be(0) ^ 0x20 != 0x4d5a }
rule r { strings: $s = "abc" condition: a and pe.imphash() == "x" and filename matches /\.t(x|y)t$/ and 30% of them }
