#!/bin/sh
# YARA rules given with --rules, or in a dossier: what they find in files, archives and packed files,
# what is told of it, what is wrong with them, and where they are kept once compiled.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
export HOME="$w/home"
unset XDG_CACHE_HOME
mkdir -p "$w/rules/below" "$w/evidence/EX01/inetpub/wwwroot" "$HOME"

cat >"$w/rules/inert.yar" <<'RULES'
rule Inert_Marker : demo {
    meta:
        description = "an inert marker with bytes beside it"
        reference = "tests/cli/scan_yara.sh"
        score = 60
    strings:
        $text = "inert-marker-7c" ascii wide
        $bytes = { 01 02 ?? 04 [1-3] 06 }
        $begin = "BM"
    condition:
        $begin at 0 and $text and $bytes
}
private rule Helper { strings: $h = "helper-7c" condition: $h }
rule Named { condition: Helper and filename == "named.txt" and extension == ".txt" }
RULES
cat >"$w/rules/below/bad.yara" <<'RULES'
rule Broken {
    condition: nothing_of_that_name
}
RULES
marked() { printf '%sBM..........%s..\001\002\003\004\005\006..inert-marker-7c' "$1" "$2"; }
site=$w/evidence/EX01/inetpub/wwwroot
marked '' '' >"$site/found.bin"
marked x '' >"$site/elsewhere.bin" # "BM" is there, not at the beginning
printf 'BM inert-marker-7c' >"$site/half.bin"
printf 'helper-7c' >"$site/named.txt"
printf 'helper-7c' >"$site/other.txt"
marked '' packed | gzip -n >"$site/packed.bin.gz"
marked '' member >"$w/member.bin"
python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    z.write(sys.argv[2], "inner/member.bin")
    z.writestr("inner/named.txt", "helper-7c")' "$site/archive.zip" "$w/member.bin"

scan() { run "$tocsin" scan --json --no-dossiers --rules "$w/rules" "$@" "$w/evidence"; }
# said KEY...: of each finding of YARA, by its file
said() {
    python3 - "$w/out" "$@" <<'PYTHON'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rows = [r for r in rows if r['type'] == 'finding' and r['rule'].startswith('yara:')]
for r in sorted(rows, key=lambda r: (r['file'], r['rule'])):
    r['name'] = r['file'].split('/wwwroot/')[1]
    r |= {'field ' + k: v for k, v in r['fields'].items()}
    print(*(r[k] for k in sys.argv[2:]))
PYTHON
}
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }

scan
cp "$w/out" "$w/first"
ok 'what matches is found, in archives and packed files as well' is "$status $(said name rule)" '1 archive.zip/inner/member.bin yara:Inert_Marker
archive.zip/inner/named.txt yara:Named
found.bin yara:Inert_Marker
named.txt yara:Named
packed.bin.gz yara:Inert_Marker'
ok 'which strings, and where' is "$(said 'field Strings' | sed -n 3p)" \
    '$text at 0x16: "inert-marker-7c"; $bytes at 0xe: 01 02 03 04 05 06; $begin at 0x0: "BM"'
ok 'what the rule says of itself' is "$(said title 'field Reference' 'field Score' level grade | sed -n 3p)" \
    'Inert_Marker tests/cli/scan_yara.sh 60 medium attempt'
ok 'and where it comes from' is "$(said 'field Source' | sed -n 3p)" "$w/rules/inert.yar"
ok 'a rule that cannot be compiled is named with its line' err_has "$w/rules/below/bad.yara:2: "
ok 'that costs no other' sh -c "! grep -q 'inert.yar:' $w/err"
run "$tocsin" scan --no-dossiers --rules "$w/rules" "$w/evidence"
ok 'for people' out_has 'an inert marker with bytes beside it'

run "$tocsin" scan --case "$w/yara.case" --no-dossiers --rules "$w/rules" "$w/evidence"
run "$tocsin" timeline --case "$w/yara.case"
ok 'each in the timeline, at its time' sh -c "
    [ \$(grep -c ' Inert_Marker  ' $w/out) = 3 ] && grep -q '/found.bin]\$' $w/out"

# The same whatever the way
for way in -j1 -j3 --full --no-hash; do
    scan $way
    ok "$way: the same" is "$(said name rule 'field Strings')" "$(cp "$w/out" "$w/now"; cp "$w/first" "$w/out"; said name rule 'field Strings')"
done

# Compiled once
entries() { find "$w/home" -name 'yara-*' | wc -l | tr -d ' '; }
ok 'compiled rules are kept, from the first run on' is "$(entries) $(stat -c %a "$HOME/.cache/tocsin"/yara-*)" '1 600'
before=$(stat -c '%i %y' "$HOME/.cache/tocsin"/yara-*)
scan
ok 'and used' is "$(stat -c '%i %y' "$HOME/.cache/tocsin"/yara-*)" "$before"
for entry in "$HOME/.cache/tocsin"/yara-*; do printf x >>"$entry"; done
scan
ok 'a damaged entry is made again' is "$(said name | wc -l | tr -d ' ') $(entries)" '5 1'
printf 'rule More { condition: false }\n' >"$w/rules/more.yar"
scan
ok 'other rules are another entry' is "$(entries)" 2
rm -r "$HOME/.cache"
run "$tocsin" scan --json --no-dossiers --rules "$w/rules" "$w"
ok 'nothing is kept in the evidence' is "$status $(entries)" '1 0'
TOCSIN_RULE_CACHE=off scan
ok 'nor if that is switched off' is "$status $(entries)" '1 0'

# A dossier's own
cp -r dossiers/hafnium-exchange-2021 "$w/mine"
cp "$w/rules/inert.yar" "$w/mine/rules/inert.yar"
run "$tocsin" dossier lint "$w/mine"
ok 'a dossier may bring such rules' status_is 0
run "$tocsin" scan --json --dossier "$w/mine" "$w/evidence"
ok 'they find, in its name' is "$(said name dossier 'field Source' | sed -n 3p)" \
    'found.bin hafnium-exchange-2021 dossier:hafnium-exchange-2021/rules/inert.yar'
tap_done
