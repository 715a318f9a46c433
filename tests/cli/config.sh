#!/bin/sh
# Settings: who is asked what, which source counts, and what is refused.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
export XDG_CONFIG_HOME="$w/config"
unset TOCSIN_CASE TOCSIN_SECTORS TOCSIN_COUNTRY TOCSIN_PRODUCTS TOCSIN_CONTACT TOCSIN_OWN_SCANNERS TOCSIN_TLP
own=$w/config/tocsin/config.yaml

run "$tocsin" init
ok 'without a terminal nobody is asked' status_is 2
ok 'and nothing is written' [ ! -e "$own" ]
run "$tocsin" init --sector hospital --sector Government --country netherlands --product 'Exchange Server' --contact "it's@example.org"
ok 'init writes the user'"'"'s file' [ -f "$own" ]
ok 'for the user alone' sh -c "[ \$(stat -c %a $own) = 600 ]"
run "$tocsin" config --json
cp "$w/out" "$w/set"
# value KEY: of the last output
value() { python3 - "$w/out" "$1" <<'PYTHON'
import json, sys
print(next('; '.join(r['value']) for r in map(json.loads, open(sys.argv[1])) if r['key'] == sys.argv[2]))
PYTHON
}
is() { [ "$1" = "$2" ] || { printf 'got %s, wanted %s\n' "$1" "$2"; return 1; }; }
ok 'words are folded to those of STIX' is "$(value profile.sectors)" 'healthcare; government'
ok 'and of ISO 3166' is "$(value profile.country)" NL
ok 'a quote in a text stays one' is "$(value profile.contact)" "it's@example.org"
cp "$own" "$w/before"
run "$tocsin" init --country US
ok 'a file that is there is not replaced' sh -c "[ $status = 2 ] && cmp $own $w/before"
run "$tocsin" init --country US --force
ok 'unless it is forced' grep -q "country: 'US'" "$own"
run "$tocsin" init --country US --output -
ok 'standard output is a file, too' out_has "country: 'US'"
run "$tocsin" init --sector wizardry --output "$w/x.yaml"
ok 'a sector that is none is refused, with the list' sh -c "[ $status = 2 ] && [ ! -e $w/x.yaml ] && grep -q 'hospitality-leisure' $w/err"
run "$tocsin" init --country Atlantis --output "$w/x.yaml"
ok 'so is a country' status_is 2
run "$tocsin" init --contact "$(printf 'a\nown_scanners: 10.0.0.1')" --output "$w/x.yaml"
ok 'a line break does not get in' sh -c "[ $status = 2 ] && [ ! -e $w/x.yaml ]"

# On a terminal
python3 - "$tocsin" "$w/asked.yaml" >"$w/out" 2>&1 <<'PYTHON'
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], 'init', '--output', sys.argv[2]])
for line in (b'wizardry\n', b'bank, education\n', b'cz\n', b'Exchange Server, GitLab\n', b'\n'):
    time.sleep(0.3)
    os.write(fd, line)
try:
    while os.read(fd, 4096):
        pass
except OSError:
    pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
ok 'on a terminal it asks, again where the answer is none' sh -c \
    "grep -q \"sectors: .'financial-services', 'education'.\" $w/asked.yaml && grep -q \"country: 'CZ'\" $w/asked.yaml && ! grep -q '^  contact' $w/asked.yaml"

# Which source counts
cat >"$own" <<'YAML'
profile:
  country: US
  sectors:
    - retail
own_scanners: [192.0.2.10, 192.0.2.0/28]
tlp: green
YAML
run "$tocsin" config --explain
ok 'each value is told with file and line' out_has "profile.country   US  ($own:2)"
ok 'the line of a list is its own' out_has "profile.sectors   retail  ($own:4)"
ok 'what is not set says so' out_has 'case              not set'
run env TOCSIN_COUNTRY=jp TOCSIN_OWN_SCANNERS=198.51.100.7,198.51.100.8 "$tocsin" config --explain
ok 'the environment goes before the file' out_has 'profile.country   JP  (TOCSIN_COUNTRY)'
ok 'a list replaces the whole list' out_has 'own_scanners      198.51.100.7, 198.51.100.8  (TOCSIN_OWN_SCANNERS)'
run env HOME="$w/home" XDG_CONFIG_HOME=relative "$tocsin" config --explain
ok 'a relative XDG_CONFIG_HOME is ignored' out_has "$w/home/.config/tocsin/config.yaml"
mkdir "$w/evidence"
printf 'own_scanners: [203.0.113.9]\n' >"$w/evidence/tocsin.yaml"
cp "$w/evidence/tocsin.yaml" "$w/evidence/config.yaml"
ok 'no file of the current folder counts' sh -c \
    "cd $w/evidence && ! XDG_CONFIG_HOME=$w/none $(realpath "$tocsin") config | grep 203.0.113.9"

# What verbs make of it
run "$tocsin" scan --json examples/EX04
ok 'scan says where own scanners come from' err_has "2 own scanners of $own:5"
run "$tocsin" scan --json --own-scanner 203.0.113.5 examples/EX04
ok 'but for those of its option' sh -c "! grep 'own scanner' $w/err"
run "$tocsin" scan --case "$w/c.case" examples/EX04
run "$tocsin" report --case "$w/c.case" --format json
ok 'the mark of a report is that of the settings' out_has '"tlp":"TLP:GREEN"'
run "$tocsin" report --case "$w/c.case" --format json --tlp red
ok 'unless an option names one' out_has '"tlp":"TLP:RED"'
run env TOCSIN_CASE="$w/c.case" "$tocsin" timeline
ok 'a case may be set' status_is 0
cp "$w/c.case" "$w/kept.case"
run env TOCSIN_CASE="$w/c.case" "$tocsin" report -o "$w/c.case"
ok 'but is never written over' sh -c "[ $status = 2 ] && cmp $w/c.case $w/kept.case"
run env TOCSIN_CASE="$w/c.case" "$tocsin" case purge --source "$(printf %064d 0)" --by an --why test --yes
ok 'nor is anything purged from it unless it is named' sh -c "[ $status = 2 ] && cmp $w/c.case $w/kept.case"
ok 'which is said' err_has '--case FILE is needed'
run env TOCSIN_CASE="$w/c.case" "$tocsin" report --format md
ok 'it names the report' out_has '# c'

# What is refused
refused() { printf -- "$1" >"$own"; run "$tocsin" config; ok "refused with its line: $2" refusal "$3"; }
refusal() { status_is 2 && err_has "$1"; }
refused 'profile:\n  sector: retail\n' 'a key that nobody knows' "$own:2: key: 'sector' is not known"
refused 'tlp: purple\n' 'a value that is none' ":1: tlp: 'purple' is not clear"
refused 'profile: {country: [NL, US]}\n' 'a list for one text' ':1: profile.country'
refused 'a: b: c\n' 'what is no YAML' "$own:1"
refused '- x\n' 'what is no map' ':1: config'
refused 'tlp: green\ntlp: red\n' 'a key twice' "$own:2"
printf 'tlp: green\n' >"$own"
chmod o+w "$own"
run "$tocsin" config
ok 'a file that everybody can write is refused' sh -c "[ $status = 2 ] && grep -q 'chmod o-w' $w/err"
rm "$own"; mkfifo "$own"
run "$tocsin" config
ok 'a pipe is no file' sh -c "[ $status != 0 ]"
rm "$own"; head -c 70000 /dev/zero | tr '\0' '#' >"$own"
run "$tocsin" config
ok 'nor is one that is too large' sh -c "[ $status != 0 ]"
run env TOCSIN_TLP=purple XDG_CONFIG_HOME="$w/none" "$tocsin" config
ok 'the environment is checked as well' sh -c "[ $status = 2 ] && grep -q TOCSIN_TLP $w/err"
tap_done
