#!/bin/sh
# The completion scripts know every command and option, and the shells accept them.
set -u
tocsin=$1
. tests/tap.sh

"$tocsin" help --json | python3 -c '
import json, sys
program = json.load(sys.stdin)
for command in program["commands"]:
    for option in command["options"] + program["options"]:
        print(option["name"])
' | sort -u >"$tap_work/options"
"$tocsin" help --json | python3 -c '
import json, sys
print("\n".join(sorted({word for c in json.load(sys.stdin)["commands"] for word in c["name"].split()})))
' >"$tap_work/words"

# has_all FILE LIST PREFIX: every word of the list stands in the file, with its prefix
has_all() {
    while read -r word; do
        grep -q -e "$3$word\\([^a-z-]\\|\$\\)" "$1" || { echo "lacks $3$word"; return 1; }
    done <"$2"
}

for shell in bash zsh fish; do
    run "$tocsin" completion "$shell"
    ok "completion $shell succeeds" status_is 0
    script=$tap_work/completion.$shell
    cp "$tap_work/out" "$script"
    prefix=--
    [ "$shell" != fish ] || prefix='-l '
    ok "completion $shell has every option" has_all "$script" "$tap_work/options" "$prefix"
    ok "completion $shell has every command" has_all "$script" "$tap_work/words" ''
    if command -v "$shell" >/dev/null; then
        ok "$shell accepts it" "$shell" -n "$script"
    else
        skip "$shell accepts it" "no $shell"
    fi
done

# bash_offers LINE WANTED: what bash offers behind the line contains the word
cat >"$tap_work/offer" <<'SCRIPT'
source "$1"
read -r -a COMP_WORDS <<<"$2"
[[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tocsin
printf '%s\n' "${COMPREPLY[@]}"
SCRIPT
bash_offers() {
    bash "$tap_work/offer" "$tap_work/completion.bash" "$1" >"$tap_work/offered" 2>&1
    grep -qx -e "$2" "$tap_work/offered" || { cat "$tap_work/offered"; return 1; }
}
ok 'bash offers commands' bash_offers 'tocsin sc' scan
ok 'bash offers the second word' bash_offers 'tocsin rules ' lint
ok 'bash offers options' bash_offers 'tocsin scan --own' --own-scanner
ok 'bash offers options of a command of two words' bash_offers 'tocsin rules lint --js' --json
ok 'bash offers shells' bash_offers 'tocsin completion z' zsh
ok 'bash offers files for a value' bash_offers 'tocsin scan --rules VERSIO' VERSION

run "$tocsin" completion tcsh
ok 'an unknown shell is a usage error' status_is 2
ok 'an unknown shell is named' err_has tcsh
tap_done
