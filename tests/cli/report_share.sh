#!/bin/sh
# A case for others: STIX and MISP keep to their specifications, over a report in which every list has
# something, over hostile texts and over a real case; nothing of the victim leaves unless asked.
set -u
tocsin=$1
print_report=$2
. tests/tap.sh
w=$tap_work
stix() { python3 tests/cli/stix_check.py "$@"; }
misp() { python3 tests/cli/misp_check.py "$@"; }

# --- a report that has everything (tests/unit/sample_report.h) ---
for how in '' victim-data hostile empty; do
    as=${how:-veiled}
    for format in stix misp; do
        run "$print_report" "$format" $how
        ok "$as: $format is written" status_is 0
        cp "$w/out" "$w/$format.$as"
    done
    ok "$as: stix is STIX 2.1" stix "$w/stix.$as"
    ok "$as: misp is an event" misp "$w/misp.$as"
done

# --- a case of the examples ---
run "$tocsin" scan --case "$w/case" examples
run "$tocsin" exposure --case "$w/case" examples
write() { run "$tocsin" report --case "$w/case" --format "$@" && cp "$w/out" "$w/$1"; }
write stix
ok 'examples: stix is STIX 2.1' stix "$w/stix" report=1 marking-definition=1
holds() { python3 -c '
import json, sys
objects = json.load(open(sys.argv[1]))["objects"]
by_id = {o["id"]: o for o in objects}
report = [o for o in objects if o["type"] == "report"][0]
assert set(by_id) - {report["id"]} - set(report["object_refs"]) == {o["id"] for o in objects if o["type"] == "marking-definition"}
of = [by_id[o["sighting_of_ref"]] for o in objects if o["type"] == "sighting"]
assert {"indicator"} <= {o["type"] for o in of} <= {"indicator", "attack-pattern"}
rules = [o for o in objects if o.get("pattern_type") == "sigma"]
assert rules and all("\ndetection:\n" in o["pattern"] for o in rules)
verdicts = [o["abstract"] for o in objects if o["type"] == "note"]
assert "compromised" in verdicts and "not-enough-evidence" in verdicts
' "$1"; }
ok 'examples: the report holds all, rules are indicators with their text, verdicts are notes' holds "$w/stix"
cp "$w/stix" "$w/first"
write stix
ok 'examples: the same case gives the same bytes' cmp "$w/stix" "$w/first"
write misp
ok 'examples: misp is an event' misp "$w/misp"
names='EX0[0-9]|SP01|WEB01|example[.](org|com|net)|contoso'
ok 'examples: stix names no host' sh -c "! grep -qiE '$names' $w/stix"
ok 'examples: misp names no host' sh -c "! grep -qiE '$names' $w/misp"
ok 'examples: no private address' sh -c "! grep -qE '\"(10|192[.]168)[.][0-9.]+\"' $w/stix $w/misp"
write stix --with-victim-data --tlp red
ok 'with victim data: STIX 2.1, hosts by name, marked as asked' sh -c \
    "python3 tests/cli/stix_check.py $w/stix && grep -q '\"name\":\"EX01\"' $w/stix && grep -q '\"tlp_2_0\":\"red\"' $w/stix"
write misp --with-victim-data
ok 'with victim data: an event, hosts by name' sh -c \
    "python3 tests/cli/misp_check.py $w/misp && grep -q target-machine $w/misp"

# --- a feed ---
run "$tocsin" report --case "$w/case" --format misp-feed
ok 'misp-feed wants a folder' sh -c "[ $status = 2 ] && grep -q -- '-o' $w/err"
run "$tocsin" report --case "$w/case" --format misp-feed -o "$w/feed"
ok 'misp-feed is written' status_is 0
ok 'misp-feed: manifest, event and hashes fit one another' misp "$w/feed"
run "$tocsin" report --case "$w/case" --format misp-feed -o "$w/feed"
ok 'misp-feed: written again into the same folder' misp "$w/feed"
run "$tocsin" report --case "$w/case" --format misp-feed -o "$w/case/x"
ok 'misp-feed: a folder that cannot be made' status_is 74
tap_done
