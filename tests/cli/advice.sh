#!/bin/sh
# What to do next: from a case, for people and programs, and what is done stays done.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
export XDG_CONFIG_HOME="$w/config"
unset TOCSIN_CASE TOCSIN_SECTORS TOCSIN_COUNTRY 2>/dev/null

# asked EXPRESSION: over rows, the objects of the last output
asked() { python3 - "$w/out" "$1" <<'PYTHON'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
advice = [r for r in rows if r['type'] == 'advice']
actors = [r for r in rows if r['type'] == 'actor']
ids = [a['id'] for a in advice]
by = {a['id']: a for a in advice}
if not eval(sys.argv[2]):
    print(ids, actors)
    sys.exit(1)
PYTHON
}

run "$tocsin" scan --case "$w/c.case" examples
run "$tocsin" advice --case "$w/c.case" --json
cp "$w/out" "$w/all"
ok 'advice exits with 0' status_is 0
ok 'the most urgent comes first, on the worst hosts' asked "advice[0]['phase'] == 'isolate' and 'EX01' in advice[0]['hosts']"
ok 'what is due never goes back' asked "(lambda h: h == sorted(h))([0 if a['due'] == 'now' else int(a['due'][:-1]) * (24 if a['due'][-1] == 'd' else 1) for a in advice])"
ok 'isolate before preserve before respond before rebuild' asked \
    "ids.index('P-02.isolate') < ids.index('P-02.preserve') < ids.index('P-02.secrets') < ids.index('P-02.rebuild')"
ok 'each step says why, how, who says so, and which condition chose it' asked \
    "all(a[k] for a in advice for k in ('id', 'play', 'step', 'why', 'how', 'source', 'because', 'due', 'audience'))"
ok 'one step for several hosts is one item' asked "len(ids) == len(set(ids)) and {'EX01', 'EX02'} <= set(by['P-02.isolate']['hosts'])"
ok 'the exact form of an affair stands for the general one' asked \
    "'SP01' not in by['P-02.isolate']['hosts'] and by['sharepoint-toolshell-2025.intruder.farm-off']['hosts'] == ['SP01']"
ok 'a cleared host needs two people' asked "'EX04' in by['P-10.clear']['hosts']"
ok 'ransomware and exfiltration are prepared for' asked "'P-06.backup' in by and 'P-07.egress' in by and by['P-06.backup']['hosts'] == []"
ok 'groups are ranked with reasons, and never named as the attacker' asked \
    "actors and actors == sorted(actors, key=lambda a: -a['score']) and all(len(a['reasons']) == 5 and 0 <= a['score'] <= 1 for a in actors)"
ok 'what is not known of the user says so' asked "all('sector: unknown' in a['reasons'] or any('whoever' in x for x in a['reasons']) for a in actors)"
run "$tocsin" advice --case "$w/c.case" --json
ok 'the same case gives the same advice' sh -c "grep -v summary $w/all >$w/a; grep -v summary $w/out | diff $w/a - >&2"

# The profile moves groups
run env TOCSIN_SECTORS=hospital TOCSIN_COUNTRY=Taiwan "$tocsin" advice --case "$w/c.case" --json
ok 'a profile is taken into account' asked "any('country: TW is among its known targets' in a['reasons'] for a in actors)"

# For people
run "$tocsin" advice --case "$w/c.case" --host EX04
ok 'the steps of one host' out_has 'What to do next on EX04'
ok 'and of no other' sh -c "! grep -q 'P-02.isolate' $w/out"
run "$tocsin" advice --case "$w/c.case"
ok 'the checklist says when' out_has 'Within 24 hours'
ok 'and that who it was does not follow' out_has 'Who it was does not follow'
run "$tocsin" advice --case "$w/c.case" --cacao
ok 'as a CACAO playbook' sh -c "python3 -c 'import json, sys; d = json.load(open(\"$w/out\")); sys.exit(d[\"type\"] != \"playbook\")'"
ok 'without names of hosts' sh -c "! grep -q EX01 $w/out"

# Done
run "$tocsin" advice --case "$w/c.case" --done P-02.isolat --by an --why 'port 7 shut'
ok 'a step that is none is refused, with what was meant' status_is 2
ok 'with the nearest' err_has "did you mean 'P-02.isolate'?"
run "$tocsin" advice --case "$w/c.case" --done P-02.isolate --by an
ok '--done needs a reason' status_is 2
run "$tocsin" advice --case "$w/c.case" --done P-02.isolate --by an --why 'port 7 shut'
ok 'a step is done' status_is 0
run "$tocsin" advice --case "$w/c.case" --json
ok 'and stays done, with who and why' asked "by['P-02.isolate']['done']['who'] == 'an' and by['P-02.isolate']['done']['why'] == 'port 7 shut' and by['P-02.preserve']['done'] is None"
run "$tocsin" report --case "$w/c.case" --format md
ok 'in the report as well' out_has 'port 7 shut'
run "$tocsin" note --case "$w/c.case" --list
ok 'it is a note like others' out_has 'P-02.isolate: done, an'
run "$tocsin" advice --case "$w/c.case" --template ed-21-02
ok 'the template of ED 21-02 counts what is known' out_has 'disconnected           2 of 6'
ok 'and calls the rest unknown' out_has '  memory and disk      unknown'
run "$tocsin" note --case "$w/c.case" --state clear --by bo --why 'it was the wrong port' P-02.isolate
ok 'it can be taken back' status_is 0
run "$tocsin" advice --case "$w/c.case" --json
ok 'and is not done then' asked "by['P-02.isolate']['done'] is None"
run "$tocsin" verify --case "$w/c.case"
ok 'the chain of the case holds' status_is 0

# Of an inventory alone
printf 'host,product,build\nEX10,Exchange Server 2016,15.1.2176.2\n' >"$w/servers.csv"
run "$tocsin" exposure --case "$w/e.case" "$w/servers.csv"
run "$tocsin" advice --case "$w/e.case" --json
ok 'what is open and was not examined is patched and looked at' asked \
    "by['hafnium-exchange-2021.close.update']['hosts'] == ['EX10'] and 'hafnium-exchange-2021.evidence.copy' in by and 'P-02.isolate' not in by"
run "$tocsin" advice --case "$w/e.case" --template ed-21-02
ok 'and counts as a server found' out_has 'servers found          1'

# Hostile: names of hosts are in logs, whys are typed
run "$tocsin" advice --case "$w/c.case" --done P-02.preserve --by "$(printf 'a\033[31mn')" --why "$(printf 'x\nEX99')"
run "$tocsin" advice --case "$w/c.case"
ok 'what was typed is escaped' sh -c "! grep -q '$(printf '\033')' $w/out && ! grep -q '^EX99' $w/out"

# A dossier of one's own, with plain steps alone
cp -r dossiers/proxyshell-2021 "$w/own"
python3 - "$w/own/dossier.yaml" <<'PYTHON'
import re, sys
text = open(sys.argv[1]).read()
text = re.sub(r'\n# What to do, beside.*?\nsources:', '\nsources:', text, flags=re.S).replace('id: proxyshell-2021', 'id: my-affair', 1)
text = re.sub(r'(?m)^(  [a-z-]+:\n    next: .*\n(?:    isolate: true\n)?)',
              r'\1    steps:\n      - step: Do it.\n        why: It helps.\n        source: us\n', text)
open(sys.argv[1], 'w').write(text)
PYTHON
run "$tocsin" dossier lint "$w/own/"
ok 'steps without plays are a good dossier' status_is 0
run "$tocsin" scan --case "$w/own.case" --dossier "$w/own/" examples/EX02
run "$tocsin" advice --case "$w/own.case" --dossier "$w/own/" --json
ok 'and are advice' asked "by['my-affair.compromised.1']['step'] == 'Do it.' and by['my-affair.compromised.1']['hosts'] == ['EX02']"
sed 's/when: host.open == open/when: host.opened == open/' dossiers/hafnium-exchange-2021/dossier.yaml >"$w/x"
rm -rf "$w/bad"; cp -r dossiers/hafnium-exchange-2021 "$w/bad"; cp "$w/x" "$w/bad/dossier.yaml"
run "$tocsin" dossier lint "$w/bad/"
ok 'a fact that is none is told with file and line' sh -c "[ $status = 1 ] && grep -E 'dossier.yaml:[0-9]+: condition: unknown fact at .host.opened' $w/out"

# Misuse
run "$tocsin" advice
ok 'a case is needed' status_is 2
run "$tocsin" advice --case "$w/c.case" --template other
ok 'a template that is none is refused' status_is 2
run "$tocsin" advice --case "$w/c.case" --json --cacao
ok 'one format at a time' status_is 2
run "$tocsin" advice --case "$w/none.case"
ok 'a case that is not there is not made' sh -c "[ $status != 0 ] && [ ! -e $w/none.case ]"
tap_done
