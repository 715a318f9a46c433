#!/usr/bin/env python3
"""Every row of the collected tables of Exchange builds, CVEs and scripts is in the catalogue.

usage: catalogue.py SHARED

The tables lie beside the tree, if anywhere: SHARED/knowledge/exchange-builds.csv,
exchange-cves.csv and exchange-script-baseline.csv. Prints TAP.
"""
import csv
import os
import re
import sys

CATALOGUE = 'dossiers/exchange-server'


def rows(path):
    with open(path, encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def product(name):
    return name.replace('Exchange ', 'Exchange Server ', 1)


def update(row):
    return (row['cu'] + ' ' + row['su']).strip()


def score(text):
    """The number alone: the catalogue may have a better one, never none."""
    return re.match(r'[0-9.]*', text).group()


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, what, lost):
        self.n += 1
        self.failed += bool(lost)
        print(f"{'not ok' if lost else 'ok'} {self.n} - {what}")
        for item in sorted(lost)[:20]:
            print(f'# not in the catalogue: {item}')


def builds(tap, wanted):
    known = {(r['product'], r['update'], r['build'], r['released'], r['eol'])
             for r in rows(f'{CATALOGUE}/builds.csv')}
    lost = {(product(r['product']), update(r), r['build'], r['release_date'], r['eol'])
            for r in wanted} - known
    tap.ok(f'{len(wanted)} builds', lost)


def fixes(tap, wanted):
    known = {(r['cve'], r['product'], r['update'], r['build'], r['rule'])
             for r in rows(f'{CATALOGUE}/fixes.csv')}
    lost = {(r['cve'], product(r['product']), update(r), r['cu_or_first_fixed_build'], r['rule'])
            for r in wanted} - known
    tap.ok(f'{len(wanted)} fixes', lost)


def facts(tap, wanted):
    known = {r['cve']: r for r in rows(f'{CATALOGUE}/cves.csv')}
    lost = set()
    for r in wanted:
        ours = known.get(r['cve'])
        if (not ours or not ours['title'] or ours['kev_added'] != r['kev_added'] or
                ours['kev_ransomware'] != r['kev_ransomware'] or
                (score(r['cvss']) and score(ours['cvss']) != score(r['cvss']))):
            lost.add(r['cve'])
    tap.ok(f"facts of {len({r['cve'] for r in wanted})} CVEs", lost)


def baseline(tap, wanted):
    def facts(r):
        return r['path'], r['sha256'], r['first_build'], r['last_build'], r['builds_seen']
    known = {facts(r) for r in rows(f'{CATALOGUE}/baseline.csv')}
    tap.ok(f'{len(wanted)} shipped scripts', {facts(r) for r in wanted} - known)


def main():
    folder = os.path.join(sys.argv[1], 'knowledge')
    tables = [os.path.join(folder, name) for name in
              ('exchange-builds.csv', 'exchange-cves.csv', 'exchange-script-baseline.csv')]
    if not all(map(os.path.exists, tables)):
        print(f'ok 1 - collected tables # SKIP no {folder}\n1..1')
        return
    tap = Tap()
    known_builds, known_cves, known_scripts = map(rows, tables)
    builds(tap, known_builds)
    fixes(tap, known_cves)
    facts(tap, known_cves)
    baseline(tap, known_scripts)
    print(f'1..{tap.n}')
    sys.exit(1 if tap.failed else 0)


main()
