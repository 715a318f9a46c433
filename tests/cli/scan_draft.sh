#!/bin/sh
# A draft dossier as it was written: lint and scan accept it, what it names is found, and nothing of
# it decides.
set -u
tocsin=$1
make_draft=$2
. tests/tap.sh

address=45.77.12.9 domain=bad-host.com

# json FIELD TYPE: of the last run, one a line
json() {
    python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["type"] == sys.argv[3]:
        print(o[sys.argv[2]])
' "$tap_work/out" "$1" "$2" | sort | uniq -c | sed 's/^ *//'
}
are() { [ "$(json "$1" "$2")" = "$3" ] || { json "$1" "$2"; cat "$tap_work/out"; return 1; }; }

# no_worse: no verdict above these two, and none of the draft
no_worse() {
    python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["type"] == "verdict" and (o["verdict"] not in ("no-sign", "not-enough-evidence")
                                   or str(o["dossier"]).startswith("draft-")):
        sys.exit(line)
' "$tap_work/out"
}
weak_only() { [ "$(json grade finding | sed 's/^[0-9]* //')" = weak ]; }

run "$make_draft" "$tap_work/draft" "$address" "$domain"
ok 'a draft is written' status_is 0
ok 'it has two indicators; three were left out' out_has 'draft-microsoft-exchange-01234567 2 3'
run "$tocsin" dossier lint "$tap_work/draft"
ok 'dossier lint accepts it' status_is 0
log=$tap_work/logs/EX01/u_ex210303.log
mkdir -p "$tap_work/logs/EX01"
{
    printf '#Software: Microsoft Internet Information Services 10.0\n'
    printf '#Fields: date time s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status\n'
    for hour in 00 01 02 03 04 05; do
        printf '2021-03-03 %s:10:00 EX01 10.0.0.1 GET /owa/ - 443 - 10.0.0.7 Mozilla/5.0 - 200\n' $hour
        printf '2021-03-03 %s:11:00 EX01 10.0.0.1 POST /owa/auth/x.aspx - 443 - %s Mozilla/5.0 - 200\n' $hour $address
        printf '2021-03-03 %s:12:00 EX01 10.0.0.1 GET /a u=http://%s/b 443 - 10.0.0.8 Mozilla/5.0 - 200\n' $hour $domain
        printf '2021-03-03 %s:13:00 EX01 10.0.0.1 GET /b - 443 - 192.0.2.77 Mozilla/5.0 - 200\n' $hour
    done
} >"$log"

run "$tocsin" scan --json --dossier "$tap_work/draft" "$tap_work/logs"
ok 'scan runs with it alone; the status is that of a run without findings that count' \
    sh -c "[ $status -eq 0 ] || [ $status -eq 3 ]"
ok 'the summary names it' out_has '"draft-microsoft-exchange-01234567":'
ok 'what it names is found' sh -c "grep -q 'known address $address' '$tap_work/out' && grep -q 'known domain $domain' '$tap_work/out'"
ok 'what was left out is not' sh -c "! grep -q '\"rule\":\"indicator:address:192.0.2.77' '$tap_work/out'"
ok 'every finding is weak' weak_only
ok 'no verdict above no sign, and none of the draft' no_worse
ok 'a finding says where it comes from' out_has 'from a draft made of posts'
run "$tocsin" scan --dossier "$tap_work/draft" "$tap_work/logs"
ok 'the text shows it among what does not decide' out_has 'from a draft made of posts, which nobody has checked, known address'

# --- beside a shipped dossier: its verdicts are what they are without the draft ---
run "$tocsin" scan --json --dossier hafnium-exchange-2021 "$tap_work/logs"
without=$(json verdict verdict)
run "$tocsin" scan --json --dossier hafnium-exchange-2021 --dossier "$tap_work/draft" "$tap_work/logs"
same_with_affair() {
    python3 -c '
import json, sys
print(sum(1 for line in open(sys.argv[1]) for o in [json.loads(line)]
          if o["type"] == "verdict" and o["dossier"] == "hafnium-exchange-2021"))
' "$tap_work/out" | grep -q 1 && json verdict verdict | grep -q "${without#* }"
}
ok 'the shipped dossier says the same beside it' same_with_affair

# --- somebody strengthens the draft, and leaves its key in place ---
sed -i 's/,weak,/,strong,/' "$tap_work/draft/indicators.csv"
mkdir "$tap_work/draft/rules"
cat >"$tap_work/draft/rules/loud.yml" <<'RULE'
title: Any request for a page of a planted name
id: 6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9c12
logsource:
  category: webserver
detection:
  page:
    cs-uri-stem|contains: /owa/auth/x.aspx
  condition: page
level: critical
grade: compromise
stage: shell
meaning: Planted.
next: Planted.
RULE
cat >>"$tap_work/draft/dossier.yaml" <<'MORE'
deciding: [iis]
seen:
  kinds: [iis]
  paths: [/owa/]
window:
  from: 2021-03-03
  source: planted
MORE
run "$tocsin" scan --json --dossier "$tap_work/draft" "$tap_work/logs"
ok 'a loud rule in a draft is heard' out_has 'Any request for a page of a planted name'
ok 'and is weak, like the rest' weak_only
ok 'still no verdict of the draft' no_worse

# --- the same once somebody has taken the key away: now it is a dossier, and it does decide ---
sed -i '/^draft:/d' "$tap_work/draft/dossier.yaml"
run "$tocsin" scan --json --dossier "$tap_work/draft" "$tap_work/logs"
ok 'without the key the same folder decides' sh -c "grep -q '\"verdict\":\"compromised\"' '$tap_work/out'"
run "$make_draft" "$tap_work/draft" "$address" "$domain"
ok 'and is not written over by a draft' status_is 1
ok 'with the reason' err_has 'is no draft: it is left alone'
tap_done
