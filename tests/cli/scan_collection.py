#!/usr/bin/env python3
"""Compares answers of `scan --json` about one server that came in different packing.

usage: scan_collection.py same ANSWER ANSWER...   findings, verdicts, coverage and gaps of hours alike
       scan_collection.py holds ANSWER EXPRESSION...

A collector may know when a file was created where a copy of it does not: a finding about that file
says so, and is then another one; all else about it is the same.
Expressions see findings, gaps, verdicts, coverage, episodes, summary, file(row) -> its file or '', and titled(text) -> findings.
"""
import json
import re
import sys

CREATED = re.compile(r'CreationUtcTime: [^|]* \| ')
SAME = {'finding': ('rule', 'title', 'host', 'target_host', 'kind', 'dossier', 'grade', 'level', 'time', 'last', 'count'),
        'coverage': ('host', 'kind', 'first', 'last', 'records', 'files', 'hours')}


def read(path):
    with open(path, encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def of(rows, kind):
    return [r for r in rows if r['type'] == kind]


def essence(row):
    """What must be the same of it wherever it came from."""
    if row['type'] == 'verdict':
        return row
    out = {k: row[k] for k in SAME[row['type']] if k in row}
    if row['type'] == 'finding':
        out['evidence'] = CREATED.sub('', row['evidence'])  # some collectors know it
        out['id'] = row['id']
    return out


def lines_of(path):
    out = [json.dumps(essence(row), sort_keys=True)
           for kind in ('finding', 'verdict', 'coverage') for row in of(read(path), kind)]
    assert len(out) > 20, path + ': hardly anything in it'
    return sorted(out)


def same(paths):
    failed = False
    for path in paths[1:]:
        a, b = lines_of(paths[0]), lines_of(path)
        for sign, x, y in (('-', a, b), ('+', b, a)):
            for line in x:
                if line not in y:
                    print(sign, path, line[:600])
                    failed = True
        failed |= len(a) != len(b)
    return not failed


def holds(path, expressions):
    rows = read(path)
    names = {name: of(rows, kind) for name, kind in (
        ('findings', 'finding'), ('gaps', 'gap'), ('verdicts', 'verdict'), ('coverage', 'coverage'),
        ('episodes', 'episode'))}
    names['summary'] = rows[-1]
    names['file'] = lambda row: row['file'] or ''
    names['titled'] = lambda text: [f for f in names['findings'] if text in f['title']]
    failed = [e for e in expressions if not eval('(' + e + ')', names)]  # expressions of this tree's own tests
    for e in failed:
        print('not so:', e)
    if failed:
        print(*[(f['host'], f['title'], f['time'], f['file']) for f in names['findings']], sep='\n')
        print(*names['gaps'], *names['verdicts'], *names['episodes'], sep='\n')
    return not failed


sys.exit(not (same(sys.argv[2:]) if sys.argv[1] == 'same' else holds(sys.argv[2], sys.argv[3:])))
