#!/bin/sh
# Help, JSON and manual page know every command and option of the command table.
set -u
tocsin=$1
. tests/tap.sh

# The table as "command<TAB>option", from the JSON form.
table() {
    python3 -c '
import json, sys
program = json.load(sys.stdin)
for command in program["commands"]:
    for option in command["options"] + program["options"]:
        print(command["name"], option["name"], sep="\t")
'
}

run "$tocsin" help --json
ok 'help --json succeeds' status_is 0
cp "$tap_work/out" "$tap_work/json"
ok 'help --json is one JSON object' python3 -m json.tool "$tap_work/json"
table <"$tap_work/json" >"$tap_work/table"
cut -f1 "$tap_work/table" | sort -u >"$tap_work/commands"
ok 'the table has commands' grep -qx scan "$tap_work/commands"

run "$tocsin" --help
ok '--help succeeds' status_is 0
cp "$tap_work/out" "$tap_work/overview"
ok '--help and help say the same' sh -c "\"$tocsin\" help | cmp - '$tap_work/overview'"
run "$tocsin" help --man
ok 'help --man succeeds' status_is 0
cp "$tap_work/out" "$tap_work/man"

# has_options FILE COMMAND [sed expression that undoes the file's escapes]
has_options() {
    sed "${3-}" "$1" >"$tap_work/plain"
    awk -F '\t' -v c="$2" '$1 == c {print $2}' "$tap_work/table" | while read -r option; do
        grep -q -e "--$option\\([^a-z-]\\|\$\\)" "$tap_work/plain" || { echo "lacks --$option"; exit 1; }
    done
}

while read -r command; do
    # shellcheck disable=SC2086 # a command of two words is two arguments
    run "$tocsin" $command --help
    ok "$command --help succeeds" status_is 0
    ok "$command --help writes no error" err_empty
    cp "$tap_work/out" "$tap_work/help"
    ok "$command --help has every option" has_options "$tap_work/help" "$command"
    ok "$command --help fits 80 columns" awk 'length > 80 && !/^  tocsin|^usage/ {print; bad = 1} END {exit bad}' "$tap_work/help"
    # shellcheck disable=SC2086
    run "$tocsin" help $command
    ok "help $command says the same" cmp "$tap_work/out" "$tap_work/help"
    ok "$command is in the overview" grep -q "^  $command  " "$tap_work/overview"
    ok "$command is in the manual page" grep -q "^\\.SS $command\$" "$tap_work/man"
    ok "the manual page has every option of $command" has_options "$tap_work/man" "$command" 's/\\fB//g; s/\\-/-/g'
    # shellcheck disable=SC2086
    run "$tocsin" help --man $command
    ok "$command has a manual page of its own" status_is 0
    cp "$tap_work/out" "$tap_work/page"
    ok "the manual page of $command has every option" has_options "$tap_work/page" "$command" 's/\\fB//g; s/\\-/-/g'
done <"$tap_work/commands"

if command -v man >/dev/null && man --version >/dev/null 2>&1; then
    ok 'the manual page can be read' sh -c "MANWIDTH=80 man --warnings -l '$tap_work/man' 2>&1 >/dev/null | { ! grep . ; }"
else
    skip 'the manual page can be read' 'no man'
fi
run "$tocsin" help nosuch
ok 'help of an unknown command is a usage error' status_is 2
tap_done
