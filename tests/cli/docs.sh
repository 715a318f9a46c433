#!/bin/sh
# The documentation tells the truth: paths and links exist, the README's output is really printed.
set -u
tocsin=$1
. tests/tap.sh

pages() { find . -name '*.md' -not -path './build*' -not -path './.git/*' | sort; }

# exists FILE...: names on standard input, each of which must be there
all_exist() {
    lost=0
    while read -r name from; do
        [ -e "$name" ] || { echo "$from: no '$name'"; lost=1; }
    done
    return $lost
}
some() { [ "$(wc -l <"$1")" -ge "$2" ] || { echo "only $(wc -l <"$1") found, wanted $2"; return 1; }; }

# --- the table of ARCHITECTURE.md ---
sed -n '/^## Where do I find/,$p' ARCHITECTURE.md | grep '^|' | grep -o '`[^`]*`' | tr -d '`' |
    sed 's/$/ ARCHITECTURE.md/' >"$tap_work/table"
ok 'ARCHITECTURE.md has a table of paths' some "$tap_work/table" 40
ok 'every path of that table exists' all_exist <"$tap_work/table"

# --- links between pages: [text](path), relative to the page ---
for page in $(pages); do
    grep -o '](\([^)]*\))' "$page" | sed 's/^](//; s/)$//; s/#.*//' |
        grep -v -e '^$' -e '^[a-z]*:' | sed "s|^|$(dirname "$page")/|; s|\$| $page|"
done >"$tap_work/links"
ok 'pages link to each other' some "$tap_work/links" 40
ok 'every link leads to a file' all_exist <"$tap_work/links"

# --- paths of the tree named in pages: `src/...`, `docs/...` and so on ---
for page in $(pages); do
    grep -o '`\(src\|docs\|data\|tests\|tools\|script\|dossiers\|examples\)/[A-Za-z0-9_./-]*`' "$page" | tr -d '`' |
        sed "s|\$| $page|"
done >"$tap_work/named"
ok 'pages name files of the tree' some "$tap_work/named" 80
ok 'every file that a page names exists' all_exist <"$tap_work/named"

# --- docs/... named in code, data and scripts ---
grep -r -o 'docs/[A-Za-z0-9_/-]*\(\.md\|/\)' src tools script dossiers data tests/unit tests/cli tests/gen tests/hostile \
    --include='*.[ch]' --include='*.py' --include='*.sh' --include='*.yaml' --include='*.yml' |
    grep -v 'tests/cli/docs.sh' | sed 's/^\([^:]*\):\(.*\)$/\2 \1/' | sort -u >"$tap_work/headers"
ok 'headers name their pages' some "$tap_work/headers" 40
ok 'every page that a header names exists' all_exist <"$tap_work/headers"

# --- the README's output: each line of its two blocks is a line of a real run ---
run "$tocsin" scan examples
ok "the README's command runs" status_is 1
# The blocks that follow the docs.sh mark, without prompt and omissions.
sed -n '/<!-- docs.sh/,/^## /p' README.md | awk '/^```/ { inside = !inside; next } inside' |
    grep -v -e '^\$ ' -e '^\.\.\.$' >"$tap_work/quoted"
ok 'the README quotes output' some "$tap_work/quoted" 12
ok 'the README quotes three verdicts' sh -c \
    "grep -q COMPROMISED '$tap_work/quoted' && grep -q 'not enough evidence' '$tap_work/quoted' && grep -q 'no sign' '$tap_work/quoted'"
is_printed() {
    lost=0
    while IFS= read -r line; do
        grep -F -x -q -e "$line" "$tap_work/out" || { echo "not printed: $line"; lost=1; }
    done <"$tap_work/quoted"
    return $lost
}
ok 'every line that the README quotes is printed' is_printed

# --- commands named in pages exist, and their options ---
run "$tocsin" help --json
cp "$tap_work/out" "$tap_work/help"
for page in $(pages); do
    grep -o '^[^#|]*\(build/\)\?tocsin \(scan\|extract\|rules lint\|dossier lint\|dossier list\|doctor\|help\|completion\) .*' "$page" |
        grep -o -e ' --[a-z][a-z-]*' | tr -d ' ' | sed "s|^--||; s|\$| $page|"
done >"$tap_work/options"
options_exist() {
    lost=0
    while read -r option page; do
        grep -q "\"$option\"" "$tap_work/help" || { echo "$page: no option --$option"; lost=1; }
    done
    return $lost
}
ok 'every option in an example exists' options_exist <"$tap_work/options"

# --- what the pages must not hold ---
# A path of the machine that ran an example, taken from this machine: its home and this folder.
no_machine_paths() {
    for own in "$HOME/" "$PWD/" "$tap_work/"; do
        [ "$own" = / ] || ! grep -n -F -e "$own" -- $(find . -name '*.md' -not -path './build*' -not -path './.git/*') || return 1
    done
}
ok 'no machine paths' no_machine_paths
tap_done
