#!/bin/sh
# What is worked out about rules is kept: nothing that is said or found depends on it.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
evidence=$w/evidence
rules=$w/rules
cache=$w/home/.cache/tocsin
export HOME="$w/home"
unset XDG_CACHE_HOME TOCSIN_RULE_CACHE
mkdir -p "$HOME" "$evidence" "$rules/below"

printf '#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-03-01 10:00:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n2026-03-01 10:00:01 192.0.2.1 GET /first/page.aspx - 443 - 198.51.100.7 agent 200 0 0 15\n2026-03-01 10:00:02 192.0.2.1 GET /second/page.aspx - 443 - 198.51.100.7 agent 200 0 0 15\n' >"$evidence/u_ex260301.log"
# rule FILE TITLE WORD
rule() {
    printf 'title: %s\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-uri-stem|contains: %s\n  condition: s\nlevel: high\n' "$2" "$3" >"$1"
}
rule "$rules/a.yml" One /first/
rule "$rules/below/b.yaml" Two /third/
printf 'title: Unread\nlogsource:\n  product: nothing-that-is-read\ndetection:\n  s:\n    x: y\n  condition: s\n' >"$rules/c.yml"
printf 'title: Needs a list\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-uri-stem|expand: "%%pages%%"\n  condition: s\n' >"$rules/d.yml"
printf 'title: Broken\nlogsource: [\n' >"$rules/e.yml"
printf 'title: No condition\nlogsource:\n  category: webserver\ndetection:\n  s:\n    x: y\n' >"$rules/f.yml"

# scan [OPTION]...: findings and messages of the last run, without the time that it took
scan() {
    run "$tocsin" scan --json -j1 --no-dossiers --rules "$rules" "$@" "$evidence"
    sed 's/"elapsed_s":[0-9.]*//' "$w/out" >"$w/said"
    cat "$w/err" >>"$w/said"
}
entries() { find "$cache" -type f 2>/dev/null | wc -l; }
is() { [ "$1" = "$2" ] || { printf 'got %s, wanted %s\n' "$1" "$2"; return 1; }; }
found() { is "$(grep -c '"type":"finding"' "$w/out")" "$1"; }

export TOCSIN_RULE_CACHE=off
scan
cp "$w/said" "$w/without"
ok 'switched off nothing is kept' [ ! -e "$HOME/.cache" ]
ok 'each kind of problem is named' sh -c "for word in 'no values are known' 'not valid YAML' 'has no condition' '1 rules are for kinds'; do grep -q \"\$word\" $w/err || exit 1; done"
unset TOCSIN_RULE_CACHE
scan
ok 'the first run says and finds the same' cmp "$w/said" "$w/without"
ok 'and keeps one entry' is "$(entries)" 1
ok 'for the user alone' is "$(stat -c %a "$HOME/.cache" "$cache" "$cache"/rules-* | tr '\n' ' ')" '700 700 600 '
before=$(stat -c '%i %Y' "$cache"/rules-*)
scan
ok 'so does the second, which reads it' cmp "$w/said" "$w/without"
ok 'and leaves it as it is' is "$(stat -c '%i %Y' "$cache"/rules-*)" "$before"
grep '"type":"finding"' "$w/out" >"$w/by.one"
run "$tocsin" scan --json -j2 --no-dossiers --rules "$rules" "$evidence"
grep '"type":"finding"' "$w/out" >"$w/by.two"
ok 'workers change nothing' cmp "$w/by.one" "$w/by.two"

# What is in the files decides, and what they are called
found_before=$(grep -c '"type":"finding"' "$w/out")
rule "$rules/below/b.yaml" Two /second/
scan
ok 'a rule that was changed counts' sh -c "[ $found_before = 1 ] && grep -q '\"title\":\"Two\"' $w/out"
ok 'as another entry' is "$(entries)" 2
rule "$rules/below/b.yaml" Two /third/
scan
ok 'and as it was before, by the first one' sh -c "cmp $w/said $w/without && [ \$(find $cache -type f | wc -l) = 2 ]"
mv "$rules/a.yml" "$rules/z.yml"
scan
ok 'a file of another name is another set' is "$(entries)" 3
mv "$rules/z.yml" "$rules/a.yml"
printf 'pages: [/first/page.aspx]\n' >"$w/lists.yaml"
scan --placeholders "$w/lists.yaml"
ok 'placeholders are part of it' sh -c "! grep -q 'no values are known' $w/err && grep -q 'Needs a list' $w/out"
scan
ok 'and those who have none are told so again' cmp "$w/said" "$w/without"

# Damage
for entry in "$cache"/rules-*; do
    dd if=/dev/urandom of="$entry" bs=1 seek=200 count=50 conv=notrunc 2>/dev/null
done
scan
ok 'a damaged entry is passed over' cmp "$w/said" "$w/without"
for entry in "$cache"/rules-*; do
    truncate -s 100 "$entry"
done
scan
ok 'so is one that was cut' cmp "$w/said" "$w/without"
scan
ok 'and made anew' cmp "$w/said" "$w/without"
ok 'whole' [ "$(find "$cache" -type f -size +1000c | wc -l)" -ge 1 ]
for entry in "$cache"/rules-*; do
    rm "$entry"
    mkfifo "$entry"
done
scan
ok 'a pipe in its place stops nobody' cmp "$w/said" "$w/without"
rm -r "$cache"
ln -s /dev/null "$cache"
scan
ok 'nor does a link' cmp "$w/said" "$w/without"
rm "$cache"

# Two at once, from nothing
for n in 1 2 3 4; do
    "$tocsin" scan --json -j1 --no-dossiers --rules "$rules" "$evidence" >"$w/at.$n" 2>"$w/err.$n" &
done
wait
same=0
for n in 1 2 3 4; do
    sed 's/"elapsed_s":[0-9.]*//' "$w/at.$n" | cat - "$w/err.$n" | cmp - "$w/without" || same=1
done
ok 'several at once say the same' [ "$same" = 0 ]
ok 'and leave one whole entry' is "$(entries)" 1
i=0
while [ "$i" -lt 10 ]; do
    rule "$rules/below/b.yaml" Two "/page$i/"
    scan
    i=$((i + 1))
done
ok 'old entries go' is "$(entries)" 8
rule "$rules/below/b.yaml" Two /third/

# Where nothing is kept
rm -r "$HOME/.cache"
run env -u HOME "$tocsin" scan --no-dossiers --rules "$rules" "$evidence"
ok 'without a home nothing is kept' sh -c "[ $status = 1 ] && [ ! -e $HOME/.cache ]"
run "$tocsin" scan --no-dossiers --rules "$rules" "$HOME" "$evidence"
ok 'nor in evidence' sh -c "[ $status = 1 ] && [ ! -e $HOME/.cache ]"
mkdir -p "$HOME/.cache/inner"
run "$tocsin" scan --no-dossiers --rules "$rules" "$HOME/.cache" "$evidence"
ok 'nor where that is all there is of it' [ ! -e "$cache" ]
chmod 777 "$HOME/.cache"
scan
ok 'nor where everybody can write' sh -c "cmp $w/said $w/without && [ ! -e $cache ]"
chmod 700 "$HOME/.cache"
mkdir -p "$HOME/.config/tocsin"
printf 'rule_cache: off\n' >"$HOME/.config/tocsin/config.yaml"
scan
ok 'nor where the settings say so' sh -c "cmp $w/said $w/without && [ ! -e $cache ]"
export TOCSIN_RULE_CACHE=on
scan
ok 'unless the environment says otherwise' is "$(entries)" 1
export TOCSIN_RULE_CACHE=perhaps
scan
ok 'which says on or off' sh -c "[ $status = 2 ] && grep -q 'TOCSIN_RULE_CACHE' $w/err"
unset TOCSIN_RULE_CACHE
rm -r "$HOME/.config" "$HOME/.cache"
export XDG_CACHE_HOME="$w/elsewhere"
scan
ok 'XDG_CACHE_HOME says where' [ -d "$w/elsewhere/tocsin" ]
unset XDG_CACHE_HOME
if [ "$(id -u)" = 0 ]; then
    # Root writes everywhere: somebody else's home is not root's own.
    chown 65534 "$HOME"
    scan
    ok 'another user'"'"'s home is left alone' sh -c "cmp $w/said $w/without && [ ! -e $HOME/.cache ]"
    chown 0 "$HOME"
    : >"$HOME/.cache"
    scan
    ok 'a file in its place is left alone' sh -c "cmp $w/said $w/without && [ ! -s $HOME/.cache ]"
else
    chmod 500 "$HOME"
    scan
    ok 'a home that cannot be written to costs nothing' sh -c "cmp $w/said $w/without && [ ! -e $HOME/.cache ]"
    chmod 700 "$HOME"
    skip 'another user'"'"'s home' 'not root'
fi
ok 'findings are there after all' found 1
tap_done
