#!/bin/sh
# The shipped rules over files of Windows that are read as events: nothing above informational on
# ordinary ones, and each changed one found by its rule.
set -u
tocsin=$1
. tests/tap.sh

python3 tests/gen/artefacts.py "$tap_work" || exit 1
# The findings as "title|grade|level|kind|file".
findings() {
    python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)
    if f["type"] == "finding":
        print(f["title"], f["grade"], f["level"], f["kind"], f["file"], sep="|")
' <"$tap_work/out"
}
scan() {
    run "$tocsin" scan --json "$@"
    findings >"$tap_work/found"
}
found() { grep -F -q -e "$1|$2" "$tap_work/found" || { cat "$tap_work/found"; return 1; }; }
# Each title is found in the file that was made for it.
each_in_its_file() {
    missing=0
    while IFS="$(printf '\t')" read -r title file; do
        grep -q -e "^$title|.*/$file\$" "$tap_work/found" || { echo "$title: not in $file"; missing=1; }
    done <"$tap_work/titles"
    return $missing
}
read_as() { grep '"type":"coverage"' "$tap_work/out" | grep -q -e "\"kind\":\"$1\"" || { grep '"type":"coverage"' "$tap_work/out"; return 1; }; }
none_above_informational() { ! grep -v '|weak|informational|' "$tap_work/found"; }
no_gap() { ! grep '"type":"gap"' "$tap_work/out"; }

scan "$tap_work/clean"
for kind in iis-config task-file wer powershell-history powershell-transcript; do
    ok "clean: $kind is read" read_as "$kind"
done
ok 'clean: nothing above informational' none_above_informational
ok 'clean: no gap' no_gap
ok 'clean: found nothing' sh -c "[ $status -eq 0 ] || [ $status -eq 3 ]"

scan "$tap_work/bad"
ok 'bad: status 1' status_is 1
ok 'bad: each configuration and file is found by its rule' each_in_its_file
for grade in 'Web folder with a name that Windows keeps for devices|compromise' 'Web shell inside a configuration|compromise' \
    'Web shell in a web folder|compromise' 'Script that is no text|compromise' 'Virtual directory written as a web shell|compromise'; do
    ok "bad: $grade" found "${grade%|*}" "${grade#*|}"
done
ok 'bad: a task that is encoded' found 'Task that runs encoded PowerShell' progressed
ok 'bad: a task that fetches' found 'Task that fetches a program or script' progressed
ok 'bad: a task in Users\Public' found 'Task that runs a file from a folder where everybody can write' progressed
ok 'bad: a task in ProgramData' found 'Task that runs a file from ProgramData' weak
ok 'bad: a hidden task' found 'Hidden task with a command' weak
ok 'bad: a task of a known name' found 'Task of a name known from this affair' progressed
ok 'bad: a crash of the control panel' found 'Control panel of Exchange crashed (error report)' weak
ok 'bad: a crash of Outlook on the web' found 'Worker of Exchange crashed (error report)' weak
ok 'bad: a crash of voice mail' found 'Voice mail worker crashed on a forged object (error report)' attempt
for where in history transcript; do
    ok "bad: $where, LSASS" found "Memory of LSASS taken ($where)" progressed
    ok "bad: $where, fetched" found "Script fetched and run ($where)" attempt
    ok "bad: $where, mailbox" found "Mailboxes exported to a script or to the server itself ($where)" compromise
    ok "bad: $where, protection" found "Virus protection switched off or told to look away ($where)" weak
done
ok 'bad: a transcript of an encoded command' found 'Transcript of an encoded command' attempt
ok 'secrets of configurations are not shown' sh -c "! grep -q 'validationKey=\|ValidationKey: 00' '$tap_work/out'"

# Beside the logs of a host ordinary files change nothing of its verdicts.
mkdir "$tap_work/host"
cp -r examples/EX04 examples/EX06 "$tap_work/host"
verdicts() {
    run "$tocsin" scan --json "$tap_work/host"
    grep '"type":"verdict"' "$tap_work/out" >"$tap_work/$1"
}
verdicts before
for host in EX04 EX06; do
    mkdir "$tap_work/host/$host/C"
    cp -r "$tap_work/clean/C/Windows" "$tap_work/clean/C/inetpub" "$tap_work/host/$host/C"
    mkdir -p "$tap_work/host/$host/C/Users/anna/AppData/Roaming/PSReadLine"
    find "$tap_work/clean" -name 'ConsoleHost_history.txt' -exec cp {} "$tap_work/host/$host/C/Users/anna/AppData/Roaming/PSReadLine" \;
done
verdicts after
ok 'beside logs: the files are read' grep -q '"host":"EX04","kind":"task-file"' "$tap_work/out"
ok 'beside logs: no verdict changes' cmp "$tap_work/before" "$tap_work/after"
ok 'beside logs: there are verdicts' test "$(wc -l <"$tap_work/before")" -ge 6

# Who wants no dossiers wants no rules of the program either.
mkdir "$tap_work/rules"
printf 'title: t\nlogsource: {product: windows, service: task-file}\ndetection:\n  s: {Image|endswith: \\mshta.exe}\n  condition: s\n' >"$tap_work/rules/r.yml"
scan --no-dossiers --rules "$tap_work/rules" "$tap_work/bad"
ok 'without dossiers: the rule given' found t weak
ok 'without dossiers: no other' test "$(wc -l <"$tap_work/found")" -eq 1
# Rules of Sigma's categories run on commands of tasks and of histories.
printf 'title: t\nlogsource: {product: windows, category: process_creation}\ndetection:\n  s: {Image|endswith: [\\mshta.exe, \\rundll32.exe]}\n  condition: s\nlevel: low\n' >"$tap_work/rules/r.yml"
scan --no-dossiers --rules "$tap_work/rules" "$tap_work/bad"
ok 'a rule for started processes: tasks' grep -q '|task-file|' "$tap_work/found"
ok 'a rule for started processes: histories' grep -q '|powershell-history|' "$tap_work/found"
tap_done
