#!/usr/bin/env python3
"""Checks a `scan --json` answer. usage: check.py ANSWER EXPRESSION...

Expressions are Python; each must be true. They see findings, gaps, verdicts, coverage (lists of
objects), summary, reasons (the set of gap reasons), attacks (rows of attack found, as make.py
writes them), gap(reason, part of the file name) -> the first such gap.
That no worker died is checked always, unless an expression speaks of it.
"""
import json
import sys

RULE = 'ProxyLogon: POST to a static name'


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        rows = [json.loads(line) for line in f]
    kinds = {t: [r for r in rows if r['type'] == t] for t in ('finding', 'gap', 'verdict', 'coverage')}
    mine = [r for r in kinds['finding'] if r['title'].startswith(RULE)]

    def gap(reason, file=''):
        for g in kinds['gap']:
            if g['reason'] == reason and file in (g['file'] or ''):
                return g
        return None

    names = {'findings': kinds['finding'], 'gaps': kinds['gap'], 'verdicts': kinds['verdict'],
             'coverage': kinds['coverage'], 'summary': rows[-1], 'gap': gap,
             'reasons': {g['reason'] for g in kinds['gap']}, 'attacks': sum(r['count'] for r in mine)}
    if not any('worker-died' in e for e in sys.argv):
        sys.argv.append('"worker-died" not in reasons')
    failed = [e for e in sys.argv[2:] if not eval(e, names)]  # expressions of this tree's own tests
    for e in failed:
        print('not so:', e)
    if failed:
        print('attacks', names['attacks'], 'reasons', names['reasons'], 'summary', rows[-1])
        for g in kinds['gap'][:10]:
            print(g)
    sys.exit(1 if failed else 0)


main()
