#!/usr/bin/env python3
"""Compares `tocsin dump --xml` with evtxexport (libevtx) on event logs that are whole.

evtx_libevtx.py TOCSIN: unpacks the shared samples, takes every third log that `dump` reads without a gap, and prints TAP.
Values are brought into one form first: digits of times, leading zeros of numbers, case of GUIDs and bytes. What libevtx
lacks is counted in the table below the tests. The few events that differ do so in values that libevtx writes in another
form (0.000000e+000), wrongly (-1 as -2147483647), or with markup of the value's own, unescaped.
"""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET

TOCSIN = sys.argv[1]
SHARED = pathlib.Path(os.environ.get('TOCSIN_SHARED', '/nonexistent')) / 'data' / 'scan'
ARCHIVES = ['sigma_regression_dev', 'evtx_to_mitre_dev', 'evtx_museum_attack_simulator_APTSimulatorVM_EventLogs',
            'evtx_museum_presumed_benign_RathbunVM_W11EventLogs']
LARGE = 3 << 20
EVENT = re.compile(r'<Event[ >].*?</Event>', re.S)
CONTROL = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:[0-8]|1[124-9]|2[0-9]|3[01]);')


def plain(text):
    text = ' '.join((text or '').split())
    if re.fullmatch(r'0x[0-9A-Fa-f]+', text):
        return hex(int(text, 16))
    if re.fullmatch(r'\{?[0-9A-Fa-f-]{36}\}?|[0-9A-Fa-f]{16,}', text):
        return text.lower()
    return re.sub(r'(\d\d:\d\d:\d\d\.\d{6})\d*Z', r'\1Z', text)


def leaves(event):
    """Names and values of an event, and its number; None if it is no XML."""
    try:
        root = ET.fromstring(CONTROL.sub('', event))
    except ET.ParseError:
        return None, None
    told, number = [], None
    for element in root.iter():
        name = element.tag.rpartition('}')[2]
        if name == 'EventRecordID':
            number = element.text
        told += [(f'{name}@{k}', plain(v)) for k, v in element.attrib.items()]
        if not len(element) and plain(element.text):
            told.append((name, plain(element.text)))
    return number, sorted(told)


def events(command):
    run = subprocess.run(command, capture_output=True, check=False)
    text = run.stdout.decode('utf-8', 'replace')
    return run.returncode, [leaves(e) for e in EVENT.findall(text)]


def compare(path, table, notes):
    status, ours = events([TOCSIN, 'dump', '--xml', path])
    if status != 0:
        table['logs left out: not whole'] += 1
        return
    theirs = collections.Counter()
    values = {}
    for number, told in events(['evtxexport', '-f', 'xml', path])[1]:
        if number is None:
            table['events of libevtx that are no XML'] += 1
            continue
        theirs[number] += 1
        values[number] = told
    table['logs compared'] += 1
    for number, told in ours:
        if theirs[number] == 0:
            table['events that libevtx does not give'] += 1
            continue
        theirs[number] -= 1
        same = values[number] == told
        table['events alike' if same else 'events that differ'] += 1
        if not same:
            notes[tuple(sorted({n for n, _ in set(values[number]) ^ set(told)}))[:4]] += 1
    table['events that only libevtx gives'] += sum(theirs.values())


def main():
    if not shutil.which('evtxexport') or not SHARED.is_dir():
        print('1..0 # SKIP no evtxexport (libevtx-utils), or no shared samples')
        return 0
    table, notes = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as work:
        for archive in ARCHIVES:
            with tarfile.open(SHARED / f'{archive}.tar.gz') as tar:
                tar.extractall(pathlib.Path(work) / archive)
        paths = [p for p in sorted(pathlib.Path(work).rglob('*.evtx')) if p.stat().st_size < LARGE]
        for path in paths[::3]:
            compare(path, table, notes)
    both = table['events alike'] + table['events that differ']
    good = [(table['logs compared'] > 50 and both > 1000, 'logs that are whole are compared'),
            (table['events that only libevtx gives'] == 0, 'no event that libevtx gives is missing'),
            (table['events alike'] >= 0.98 * both, 'events of both are alike')]
    print(f'1..{len(good)}')
    for i, (ok, what) in enumerate(good):
        print(f'{"ok" if ok else "not ok"} {i + 1} - {what}')
    for what, n in sorted(table.items()):
        print(f'# {n:6} {what}')
    for names, n in notes.most_common(20):
        print(f'# {n:6} differ in {", ".join(names)}')
    return 0 if all(ok for ok, _ in good) else 1


sys.exit(main())
