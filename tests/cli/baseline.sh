#!/bin/sh
# baseline make: which files, which paths, gaps, statuses; and a dossier that reads it back.
set -u
tocsin=$1
. tests/tap.sh

v15=$tap_work/disk/Exchange/V15
mkdir -p "$v15/FrontEnd/HttpProxy/owa/auth" "$v15/ClientAccess/ecp/bin" \
    "$tap_work/disk/inetpub/wwwroot/aspnet_client" "$tap_work/app/sub" "$tap_work/none"
printf 'logon' >"$v15/FrontEnd/HttpProxy/owa/auth/logon.ASPX"
head -c 300000 /dev/zero >"$v15/ClientAccess/ecp/bin/a, \"b\".dll"
: >"$tap_work/disk/inetpub/wwwroot/aspnet_client/web.config"
printf 'no' >"$v15/FrontEnd/HttpProxy/owa/auth/logo.gif"
printf 'app' >"$tap_work/app/sub/index.php"

is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
paths() { python3 -c '
import csv, sys
print(*[r["path"] for r in csv.DictReader(open(sys.argv[1]))], sep="|")' "$tap_work/out"; }
# Every row against the file itself, hashed by somebody else.
hashes() { python3 -c '
import csv, hashlib, os, sys
want = {hashlib.sha256(open(os.path.join(d, n), "rb").read()).hexdigest()
        for d, _, names in os.walk(sys.argv[2]) for n in names
        if os.path.splitext(n)[1].lower() in (".aspx", ".dll", ".config")}
got = {r["sha256"] for r in csv.DictReader(open(sys.argv[1]))}
sys.exit(f"{got ^ want}" if got != want else 0)' "$tap_work/out" "$1"; }

run "$tocsin" baseline make --product 'Exchange Server 2019' --build 15.2.1544.4 "$tap_work/disk"
ok 'status 0: all was read' status_is 0
ok 'scripts, programs and configurations, from a known web folder on' \
    is "$(paths)" 'ClientAccess\ecp\bin\a, "b".dll|FrontEnd\HttpProxy\owa\auth\logon.ASPX|wwwroot\aspnet_client\web.config'
ok 'with their SHA-256' hashes "$tap_work/disk"
ok 'with build and product' out_has ',15.2.1544.4,15.2.1544.4,Exchange Server 2019'
ok 'what was counted' err_has '1 scripts, 1 programs, 1 configurations; 0 gaps'
cp "$tap_work/out" "$tap_work/first"

run "$tocsin" baseline make --product 'Exchange Server 2019' --build 15.2.1544.4 \
    -o "$tap_work/file.csv" "$tap_work/disk/"
ok 'into a file' cmp "$tap_work/first" "$tap_work/file.csv"
ok 'and nothing else' out_empty

run "$tocsin" baseline make "$tap_work/app"
ok 'a folder that no baseline knows: its own name in front' is "$(paths)" 'app\sub\index.php'
run "$tocsin" baseline make --below 'inetpub/wwwroot\shop' "$tap_work/app/sub"
ok 'or what --below says' is "$(paths)" 'inetpub\wwwroot\shop\index.php'

# --- what cannot be read ---
ln -s index.php "$tap_work/app/sub/link.aspx"
mkfifo "$tap_work/app/sub/pipe.aspx"
printf 'x' >"$tap_work/app/sub/$(printf 'a\033[2Jb.aspx')"
run "$tocsin" baseline make "$tap_work/app"
ok 'status 3: not all of it' status_is 3
ok 'the rest is there' is "$(paths)" 'app\sub\index.php'
ok 'a link is named' err_has 'link.aspx: not-examined: symbolic link'
ok 'a pipe is named, and not waited for' err_has 'pipe.aspx: not-examined: named pipe'
ok 'a name that would paint the terminal is left out' err_has 'left-out: its name holds what no reader can see'

run "$tocsin" baseline make "$tap_work/none"
ok 'nothing to list is an error' sh -c "[ $status -ne 0 ] && grep -q 'no scripts, programs' '$tap_work/err'"
run "$tocsin" baseline make "$tap_work/file.csv"
ok 'a file is no folder: status 2' status_is 2
run "$tocsin" baseline make --build 15.2 "$tap_work/app"
ok 'a build has four numbers: status 2' status_is 2
run "$tocsin" baseline make -o "$tap_work/app/out.csv" "$tap_work/app"
ok 'nothing is written into what is read: status 2' status_is 2
ok 'and nothing was' test ! -e "$tap_work/app/out.csv"
if [ -e /dev/full ]; then
    status=0
    "$tocsin" baseline make "$tap_work/disk" >/dev/full 2>"$tap_work/err" || status=$?
    ok 'a full disk: status 74' status_is 74
fi

# --- read back ---
mkdir "$tap_work/own"
cp "$tap_work/first" "$tap_work/own/baseline.csv"
cat >"$tap_work/own/dossier.yaml" <<'YAML'
id: own
kind: catalogue
title: t
summary: s
as_of: 2026-01-01
sources: [s]
products:
  - {name: P, from: 1.0.0.0, to: 2.0.0.0, vendor: V, names: [P], source: s}
YAML
run "$tocsin" dossier lint "$tap_work/own"
ok 'a catalogue may have a baseline' status_is 0
printf 'web.config,,,\n' >>"$tap_work/own/baseline.csv"
run "$tocsin" dossier lint "$tap_work/own"
ok 'a path of one name is told with its line' out_has 'baseline.csv:5: no path of two names'
tap_done
