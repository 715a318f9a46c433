#!/bin/sh
# One server after a break-in, as a folder, as KAPE's zip and as Velociraptor's: what is found in it
# does not depend on how it came.
set -u
tocsin=$1
. tests/tap.sh
same() { python3 tests/cli/scan_collection.py same "$@"; }
holds() { python3 tests/cli/scan_collection.py holds "$@"; }

made=$tap_work/made
python3 tests/gen/collection.py "$made" || exit 1
velociraptor=$made/velociraptor/Collection-EX01-2021-03-06T08_00_00Z.zip
# scan NAME ARGUMENT...: the answer is left as NAME.json
scan() {
    name=$1
    shift
    run "$tocsin" scan --json "$@"
    cp "$tap_work/out" "$tap_work/$name.json"
}
answers() { holds "$tap_work/$1.json" "$2"; }

scan tree "$made/tree"
ok 'a folder: found' status_is 1
ok 'a folder: no gap' answers tree 'not gaps'
scan kape "$made/kape"
scan velociraptor "$made/velociraptor"
ok 'a zip of Velociraptor: no gap' answers velociraptor 'not gaps'
ok 'a folder, KAPE and Velociraptor: the same' same "$tap_work/tree.json" "$tap_work/kape.json" "$tap_work/velociraptor.json"
ok 'all is of one host' answers velociraptor '{r["host"] for r in findings + coverage + verdicts} == {"EX01"}'
ok 'compromised, by the logs' answers velociraptor \
    '("hafnium-exchange-2021", "compromised") in [(v["dossier"], v["verdict"]) for v in verdicts]'
ok 'the build of ExSetup.exe is that of the verdicts' answers velociraptor '{v["build"] for v in verdicts} == {"15.1.2106.2"}'
for title in 'Virtual directory written as a web shell' 'Web shell in a web folder' \
    'Archive in ProgramData or a folder for temporary files' 'Large memory dump where intruders put theirs' \
    'Task that runs encoded PowerShell' 'Control panel of Exchange crashed' 'Memory of LSASS taken (history)' \
    'Script written into the address of a virtual directory' 'Web shell used: POST'; do
    ok "found: $title" answers kape "titled('$title')"
done
ok 'the page: when its virtual directory was set, when it was created, and where' answers kape \
    '[(f["time"], f["fields"]["CreationUtcTime"], f["fields"]["TargetFilename"]) for f in titled("Virtual directory written")] ==
     [("2021-03-03T03:21:20Z", "2021-03-03 03:21:26", "C:\\inetpub\\wwwroot\\aspnet_client\\k3TzPq9a.aspx")]'
ok 'the page and the requests that wrote and used it are one episode' answers kape \
    'any({titled(t)[0]["id"] for t in ("Virtual directory written as a web shell", "Script written into the address",
          "Web shell used: POST")} <= set(e["findings"]) and e["dossier"] == "hafnium-exchange-2021" for e in episodes)'
ok 'nothing is found in files that are harmless' answers kape \
    'not [f for f in findings if f["file"].rsplit("/")[-1] in
          ("iisstart.htm", "list.txt", "hosts", "ExSetup.exe", "web.config", "applicationHost.config")]'
ok "what KAPE's SkipLog names is a gap" answers kape \
    'sorted(g["detail"] for g in gaps) == ["C:\\Windows\\System32\\config\\SAM: Access denied",
                                           "C:\\pagefile.sys: Larger than the limit"] and
     {g["reason"] for g in gaps} == {"not-collected"} and summary["gaps"] == 2'

# Without anything of ExSetup.exe the build is known from the logs alone.
mkdir "$tap_work/bare"
cp -r "$made/tree/EX01" "$tap_work/bare"
find "$tap_work/bare" -name '*.LOG' -exec rm {} +
scan bare "$tap_work/bare"
ok 'the build comes from ExSetup.exe where no log has one' answers bare \
    '{v["build"] for v in verdicts if v["dossier"] == "hafnium-exchange-2021"} == {"15.1.2106.2"}'
find "$tap_work/bare" -name 'ExSetup.exe' -exec rm {} +
scan bare "$tap_work/bare"
ok 'without both no build is named' answers bare 'not [v for v in verdicts if v.get("build")]'

# --- packed again ---
(cd "$made/kape" && tar czf "$tap_work/a.tar.gz" EX01.zip && tar cf "$tap_work/b.tar" EX01.zip)
for what in tar.gz tar.zst 7z; do
    case $what in
    tar.gz) ;;
    tar.zst) command -v zstd >/dev/null && zstd -q "$tap_work/b.tar" -o "$tap_work/a.tar.zst" ;;
    7z) command -v 7z >/dev/null && (cd "$made/kape" && 7z a -bd "$tap_work/a.7z" EX01.zip >/dev/null) ;;
    esac
    if [ -e "$tap_work/a.$what" ]; then
        scan nested "$tap_work/a.$what"
        ok "the zip in a $what: the same" same "$tap_work/kape.json" "$tap_work/nested.json"
        ok "the zip in a $what: the same gaps" answers nested '{g["reason"] for g in gaps} == {"not-collected"} and len(gaps) == 2'
    else
        skip "the zip in a $what: the same" 'no program that packs it'
        skip "the zip in a $what: the same gaps" 'no program that packs it'
    fi
done

# --- a file of the host that is called like Velociraptor's list of holes; times ---
python3 - "$tap_work" <<'PYTHON'
import json, os, struct, sys, zipfile
sys.path.insert(0, 'tests/gen')
import collection as c
from formats import utc
dump = b'MDMP\x93\xa7\0\0'.ljust(c.DUMP_BYTES, b'\0')
t = utc('2021-03-03 03:21:26')
files = {'C:/Windows/Temp/lsass.idx': (dump, t), 'C:/Windows/Temp/hosts': (b'sparse', t)}
holes = ('uploads/auto/C%3A/Windows/Temp/hosts.idx', b'{"ranges":[]}', t)
c.pack(os.path.join(sys.argv[1], 'idx', 'Collection-EX01-2021-03-06T08_00_00Z.zip'), c.velociraptor_members(files, 'EX01') + [holes])

def ntfs(moment):
    ticks = int((moment.timestamp() + 11644473600) * 10000000)
    return struct.pack('<HHIHHQQQ', 0x000a, 32, 0, 1, 24, ticks, ticks, ticks)

# As 7-Zip writes it: true times in the directory alone, others in the time of some zone.
shell = '<%@ Page Language="JScript"%><%eval(Request.Item["inert"],"unsafe");%>'
os.makedirs(os.path.join(sys.argv[1], 'times'))
with zipfile.ZipFile(os.path.join(sys.argv[1], 'times', 'EX02.zip'), 'w') as z:
    rows = [(name, (2021, 3, 2, 22, 21, 26)) for name in 'abc'] + [('first', (1980, 1, 1, 0, 0, 0)), ('none', (1980, 0, 0, 0, 0, 0))]
    for name, told in rows:
        info = zipfile.ZipInfo('C/inetpub/wwwroot/%s.aspx' % name, told)
        z.writestr(info, shell + name)
        info.extra = ntfs(t) if len(name) == 1 else b''
PYTHON
scan idx "$tap_work/idx"
ok 'a dump called .idx: found' answers idx '[f["fields"]["TargetFilename"] for f in titled("Dump of LSASS")] == ["C:\\Windows\\Temp\\lsass.idx"]'
ok 'a list of holes: no evidence' answers idx '{c["files"] for c in coverage if c["kind"] == "file"} == {2} and not [g for g in gaps if g["reason"] == "not-collected"]'
scan times "$tap_work/times"
ok 'each member of a zip has the times of its directory; no time is none' answers times \
    '{f["fields"]["Name"]: f["time"] for f in titled("Web shell in a web folder")} ==
     {n + ".aspx": "2021-03-03T03:21:26Z" if len(n) == 1 else None for n in ("a", "b", "c", "first", "none")}'
scan times --since 2021-01-01 "$tap_work/times"
ok 'a file without a time is not left out' answers times 'len(titled("Web shell in a web folder")) == 5'

# --- how many workers ---
but_summary() { grep -v '"type":"summary"' "$tap_work/$1.json" >"$tap_work/$1.cut"; }
for what in kape velociraptor; do
    for jobs in 1 4; do
        scan "j$jobs" -j $jobs "$made/$what"
        but_summary "j$jobs"
    done
    ok "$what: one worker and four say the same" cmp "$tap_work/j1.cut" "$tap_work/j4.cut"
done
ok 'and it is not nothing' test "$(wc -l <"$tap_work/j1.cut")" -gt 40

# --- two hosts ---
python3 tests/gen/collection.py "$tap_work/second" EX02
scan two "$made/kape/EX01.zip" "$tap_work/second/velociraptor"
ok 'two collections: the verdicts of two hosts' answers two \
    '[v["host"] for v in verdicts if (v["dossier"], v["verdict"]) == ("hafnium-exchange-2021", "compromised")] == ["EX01", "EX02"]'
ok 'two collections: as much is found on each' answers two \
    'len({sum(f["host"] == h for f in findings) for h in ("EX01", "EX02")}) == 1 and
     {f["host"] for f in findings} == {"EX01", "EX02"}'
ok 'two collections: each finding is in its own' answers two \
    'not [f for f in findings if f["host"] not in f["file"].split("/made/")[-1].split("/second/")[-1]]'

# --- in a case ---
run "$tocsin" scan --json --case "$tap_work/c.case" "$made/kape"
ok 'kept in a case' status_is 1
run "$tocsin" timeline --json --case "$tap_work/c.case" --since 2021-03-03T03:21:00Z --until 2021-03-03T03:22:00Z
ok 'timeline: the page and the rows of that minute' python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
page = [r for r in rows if "Virtual directory written as a web shell" in json.dumps(r)]
wrote = [r for r in rows if "Script written into the address of a virtual directory" in json.dumps(r)]
sys.exit(not (len(page) == 1 and len(wrote) == 1 and rows.index(wrote[0]) < rows.index(page[0])))' "$tap_work/out"
run "$tocsin" scan --json --case "$tap_work/c.case" "$velociraptor"
run "$tocsin" diff --json --case "$tap_work/c.case"
ok 'the same server from another collector adds nothing' grep -q '"added":0,.*"gone":0' "$tap_work/out"
run "$tocsin" timeline --case "$tap_work/c.case"
ok 'timeline as text: the page' out_has '2021-03-03 03:21:20  EX01              compromise     Virtual directory written as a web shell'
for what in kape velociraptor; do
    run "$tocsin" exposure --json --case "$tap_work/c.case" "$made/$what"
    ok "exposure, $what: open, by the build of ExSetup.exe" python3 -c '
import json, sys
rows = [r for r in map(json.loads, open(sys.argv[1])) if r["type"] == "exposure" and r["cve"] == "CVE-2021-26855"]
sys.exit([(r["host"], r["build"], r["state"], r["source"]) for r in rows] != [("EX01", "15.1.2106.2", "exposed", "file")])' "$tap_work/out"
done

# --- what is sealed ---
mkdir "$tap_work/sealed"
python3 tests/gen/collection.py --sealed "$tap_work/sealed/Collection-EX01-2021-03-06T08_00_00Z.zip"
scan sealed "$tap_work/sealed"
ok 'a sealed collection: incomplete' status_is 3
ok 'a sealed collection: says what to do' answers sealed \
    '[g for g in gaps if file(g).endswith("/data.zip") and "velociraptor" in g["detail"]]'
mkdir "$tap_work/locked"
if command -v 7z >/dev/null; then
    for method in ZipCrypto AES256; do
        (cd "$made/tree" && 7z a -bd -tzip -psecret -mem=$method "$tap_work/locked/EX01.zip" EX01 >/dev/null)
        scan locked "$tap_work/locked"
        ok "a zip with a password ($method): incomplete" status_is 3
        ok "a zip with a password ($method): says what to do" answers locked \
            'gaps and [g for g in gaps if "encrypted" in g["detail"] and "unpack" in g["detail"]] and
             not [g for g in gaps if g["reason"] == "worker-died"]'
        rm "$tap_work/locked/EX01.zip"
    done
    (cd "$made/tree" && 7z a -bd -psecret -mhe=on "$tap_work/locked/EX01.7z" EX01 >/dev/null)
    scan locked "$tap_work/locked"
    ok 'a 7z whose list is encrypted: incomplete' status_is 3
    ok 'a 7z whose list is encrypted: says what to do' answers locked 'any("encrypted" in g["detail"] for g in gaps)'
else
    for what in 1 2 3 4 5 6; do skip "archives with a password, $what" 'no 7z'; done
fi
tar -czf "$tap_work/pipe.tar.gz" -C "$made/tree" .
run sh -c "'$tocsin' scan --json - <'$tap_work/pipe.tar.gz'"
ok 'an archive on a pipe is no all-clear' status_is 3
ok 'and told what to do' out_has 'an archive cannot be opened from a pipe: give it as a file'
tap_done
