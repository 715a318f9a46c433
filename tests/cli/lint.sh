#!/bin/sh
# rules lint, dossier lint, dossier list and doctor.
set -u
tocsin=$1
. tests/tap.sh

mkdir "$tap_work/rules"
cat >"$tap_work/rules/good.yml" <<'RULE'
title: A page that should not be there
id: 6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9c11
logsource:
  category: webserver
detection:
  page:
    cs-uri-stem|contains: /absent.aspx
  condition: page
level: high
RULE
sed 's/category: webserver/product: no-such-product/; s/6f1a/6f1b/' "$tap_work/rules/good.yml" >"$tap_work/rules/elsewhere.yaml"
printf 'title: [\n' >"$tap_work/rules/broken.yml"
printf 'not a rule\n' >"$tap_work/rules/readme.txt"

# field FILE-OF-THE-RULE KEY: from the JSON Lines of the last run
field() {
    python3 -c '
import json, sys
for line in open(sys.argv[1]):
    rule = json.loads(line)
    if rule["type"] == "rule" and rule["file"].endswith("/" + sys.argv[2]):
        print(json.dumps(rule[sys.argv[3]]))
' "$tap_work/out" "$1" "$2"
}
is() { [ "$1" = "$2" ] || { echo "got $1, wanted $2"; return 1; }; }

run "$tocsin" rules lint --json "$tap_work/rules"
ok 'an invalid rule gives status 1' status_is 1
ok 'the good rule is ok' is "$(field good.yml status)" '"ok"'
ok 'the good rule has its id' is "$(field good.yml id)" '"6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9c11"'
ok 'the good rule runs on IIS logs' sh -c "echo '$(field good.yml kinds)' | grep -q iis"
ok 'a rule for other logs is unsupported' is "$(field elsewhere.yaml status)" '"unsupported"'
ok 'a rule for other logs has a reason' sh -c "echo '$(field elsewhere.yaml reason)' | grep -q logsource"
ok 'a broken file is invalid' is "$(field broken.yml status)" '"invalid"'
ok 'other files of the folder are left alone' is "$(field readme.txt status)" ''
run "$tocsin" rules lint "$tap_work/rules"
ok 'the summary counts' out_has '1 of 3 rules in 3 files run, 1 do not, 1 are invalid'
ok 'the broken file is named with its line' out_has 'broken.yml:'
ok 'the rule that does not run is named' out_has 'elsewhere.yaml:'
run "$tocsin" rules lint "$tap_work/rules/good.yml"
ok 'a good rule alone gives status 0' status_is 0
run "$tocsin" rules lint "$tap_work/rules/elsewhere.yaml"
ok 'a rule for other logs gives status 0' status_is 0
mkdir "$tap_work/empty"
run "$tocsin" rules lint "$tap_work/empty"
ok 'a folder without rules is incomplete' status_is 3
run "$tocsin" rules lint "$tap_work/absent"
ok 'a missing path is an input error' status_is 74

run "$tocsin" dossier list
ok 'dossier list succeeds' status_is 0
ok 'dossier list names the affair of 2021' out_has hafnium-exchange-2021
run "$tocsin" dossier list --json
ok 'dossier list --json is JSON Lines' python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$tap_work/out"
run "$tocsin" dossier lint
ok 'the dossiers inside the program have no problem' status_is 0
run "$tocsin" dossier lint no/such/folder
ok 'a missing dossier gives status 1' status_is 1
run "$tocsin" dossier lint hafnium-exchange-2012
ok 'an unknown dossier: the nearest is named' out_has "did you mean 'hafnium-exchange-2021'?"
run "$tocsin" dossier lint xyzzy
ok 'an unknown dossier like none: no other is named' sh -c "! grep -q 'did you mean' '$tap_work/out'"

# --- catalogues ---
run "$tocsin" dossier list
ok 'dossier list names the catalogues' sh -c "for c in exchange-server gitlab sharepoint-server; do grep -q \"^\$c .*CVEs\" '$tap_work/out' || exit 1; done"
run "$tocsin" scan --dossier exchange-server examples
ok 'a catalogue is no dossier to scan by' sh -c "[ $status -ne 0 ] && grep -q 'is a catalogue' '$tap_work/err'"
run "$tocsin" scan --json examples
ok 'scan judges by no catalogue' sh -c "grep -q hafnium-exchange-2021 '$tap_work/out' && ! grep -q exchange-server '$tap_work/out'"
mkdir "$tap_work/mine"
cp dossiers/gitlab/* "$tap_work/mine"
sed -i 's/^id: gitlab/id: mine/' "$tap_work/mine/dossier.yaml"
run "$tocsin" dossier lint gitlab "$tap_work/mine"
ok 'two catalogues that agree' status_is 0
sed -i 's/16\.7\.2,16\.7\.2,2024-01-11/16.7.3,16.7.3,2024-01-11/' "$tap_work/mine"/*.csv
run "$tocsin" dossier lint gitlab "$tap_work/mine"
ok 'two catalogues that contradict each other' status_is 1
ok 'the contradiction has its place' out_has 'mine/fixes.csv:14: "CVE-2023-7028" is fixed in 16.7.3, but in 16.7.2 in gitlab, line 14'
run "$tocsin" dossier lint --notes exchange-server
ok 'notes are no problems' status_is 0
ok 'notes are listed' out_has 'exchange-server/builds.csv:188: note: sources differ'
run "$tocsin" dossier lint --notes --json exchange-server
ok 'notes as JSON Lines' python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
sys.exit(not lines or any(x["type"] != "note" or not x["line"] for x in lines))' "$tap_work/out"

run "$tocsin" doctor --json
ok 'doctor loads the catalogues' sh -c "grep -q '\"check\":\"catalogue\",\"name\":\"exchange-server\",\"ok\":true' '$tap_work/out'"
ok 'doctor says what protects' sh -c "grep -q '\"check\":\"protection\",\"name\":\"seccomp\"' '$tap_work/out'"
ok 'doctor --json is JSON Lines' python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$tap_work/out"
ok 'doctor names the libraries' sh -c "for l in pcre2 libyaml isa-l zstd liblzma openssl libseccomp; do grep -q \"\\\"name\\\":\\\"\$l\\\"\" '$tap_work/out' || exit 1; done"

# --- widths ---
narrow() { [ "$(wc -L <"$tap_work/out")" -le "$1" ] || { echo "wider than $1"; cat "$tap_work/out"; return 1; }; }
run "$tocsin" doctor
ok 'doctor has 80 columns' narrow 80
run "$tocsin" dossier list
ok 'dossier list has 80 columns' narrow 80
run "$tocsin" rules lint "$tap_work/rules"
ok 'rules lint: one line a remark for programs' sh -c "! grep -q '^ *logsource' '$tap_work/out' && grep -q 'unsupported: .*logsource' '$tap_work/out'"
# on_terminal ARGUMENT...: the output on a terminal of 80 columns
on_terminal() {
    python3 -c '
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
out = b""
try:
    while data := os.read(fd, 65536):
        out += data
except OSError:
    pass
sys.stdout.buffer.write(out.replace(b"\r", b""))
' "$tocsin" "$@" >"$tap_work/out" </dev/null
}
on_terminal rules lint "$tap_work/rules"
ok 'rules lint: lines as wide as the terminal' narrow 80
ok 'rules lint: what does not fit stands in the next line' out_has logsource
on_terminal dossier lint a/folder/with/a/name/that/is/so/long/that/its/problem/does/not/fit/into/one/line
ok 'dossier lint: lines as wide as the terminal' narrow 80
# --- correlations: what they name may stand in any file; what is wrong is named one by one ---
mkdir -p "$tap_work/correlations"
cat >"$tap_work/correlations/a.yml" <<'RULES'
title: Good
name: good
correlation: {type: event_count, rules: [base], group-by: [c-ip], timespan: 5m, condition: {gte: 2}}
---
title: Over it
correlation: {type: temporal, rules: [good, base], group-by: [c-ip], timespan: 5m}
---
title: Two are gone
id: 2b6e2c7c-6a52-4a0e-9a6d-0f4f8f0f0a01
correlation: {type: temporal, rules: [base, gone, lost], timespan: 5m}
---
title: One
name: one
correlation: {type: temporal, rules: [two], timespan: 5m}
---
title: Two
name: two
correlation: {type: temporal, rules: [one], timespan: 5m}
---
title: No such field
correlation: {type: event_count, rules: [base], group-by: [SubjectUserName], timespan: 5m, condition: {gte: 2}}
---
title: Soon
correlation: {type: event_count, rules: [base], timespan: 5 minutes, condition: {gte: 2}}
RULES
cat >"$tap_work/correlations/b.yml" <<'RULES'
title: Base
name: base
logsource: {category: webserver}
detection: {s: {cs-uri-stem: /x}, condition: s}
---
title: Old
logsource: {category: webserver}
detection: {s: {cs-uri-stem: /x}, condition: s | count(c-ip) by cs-host > 5}
RULES
run "$tocsin" rules lint "$tap_work/correlations"
ok 'correlations run, over rules of other files and over each other' out_has '4 of 9 rules in 2 files run, 4 do not, 1 are invalid'
ok 'a rule that is not there is named' out_has 'a.yml:8: unsupported: it names the rule "gone", which is not loaded'
ok 'and the next one' out_has 'it names the rule "lost", which is not loaded'
ok 'a circle is named' out_has 'it rests on itself'
ok 'a field that no log is known to have is named' out_has 'no log of "base" is known to have the field "SubjectUserName"'
ok 'a timespan that is none is named' out_has "timespan '5 minutes' is not a number and a unit"
ok 'an old aggregation says what to write instead' out_has 'write a correlation of type value_count'
run "$tocsin" rules lint --json "$tap_work/correlations"
ok 'for programs a document is one object' sh -c "grep -c '2b6e2c7c' '$tap_work/out' | grep -q '^1\$' && grep -q 'gone.*; it names the rule.*lost' '$tap_work/out'"

tap_done
