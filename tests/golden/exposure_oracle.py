#!/usr/bin/env python3
"""exposure against a second reckoning, made from lists of builds and CVEs that are not ours.

    exposure_oracle.py TOCSIN

Reads exchange-builds.csv and exchange-cves.csv below TOCSIN_SHARED/knowledge, asks about each
build, its neighbours and the borders of each line, and compares every state. Nothing of the
dossiers is looked at. Skips where the lists are absent; exits with 1 if an answer differs.
"""
import collections
import csv
import io
import os
import pathlib
import subprocess
import sys
import tempfile

LISTS = pathlib.Path(os.environ.get('TOCSIN_SHARED', '../shared'), 'knowledge')
SE, BEFORE_SE = 'Exchange SE', 'Exchange 2019'
# The CVE records of August 2026 name the update after the one in the list.
A_MONTH_LATER = {f'CVE-2026-{n}' for n in (45500, 45501, 45502, 45503, 45504, 45583, 47631)}


def read(name):
    with (LISTS / name).open(encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def numbers(text):
    return tuple(int(part) for part in text.split('.'))


def product_of(b):
    first_two = {(15, 0): 'Exchange 2013', (15, 1): 'Exchange 2016', (15, 2): BEFORE_SE}
    if b[0] in (8, 14):
        return {8: 'Exchange 2007', 14: 'Exchange 2010'}[b[0]]
    return SE if b[:2] == (15, 2) and b[2] >= 2562 else first_two[b[:2]]


class Lists:
    def __init__(self):
        self.released, self.first, self.line_first, self.end = {}, {}, {}, {}
        july = {}
        for row in read('exchange-builds.csv'):
            b, day = numbers(row['build']), (row['release_date'] + '-01')[:10]
            self.released[b] = day
            self.end[row['product']] = row['eol']
            for where, key in ((self.first, row['product']), (self.line_first, b[:3])):
                where[key] = min(day, where.get(key, day))
            if row['su'] == 'Jul26SU':
                july[b[:3]] = b
        self.rows, self.published = collections.defaultdict(list), {}
        for row in read('exchange-cves.csv'):
            b, cve = numbers(row['cu_or_first_fixed_build']), row['cve']
            day = self.released[b]
            self.published[cve] = min(day, self.published.get(cve, day))
            if cve in A_MONTH_LATER:
                b = july[b[:3]]
            self.rows[cve, row['product']].append((b, row['rule']))
        for rows in self.rows.values():
            rows.sort()

    def without_rows(self, product, cve):
        before = self.rows.get((cve, BEFORE_SE))
        if product == SE and before and self.released[before[-1][0]] < self.first[SE]:
            return by_rule(before[-1][1])
        if self.published[cve] < self.first[product]:
            return 'fixed'
        return 'unknown' if self.published[cve] > self.end[product] else None

    def state(self, b, cve):
        """None: the product is not named."""
        product = product_of(b)
        rows = self.rows.get((cve, product))
        if not rows:
            return self.without_rows(product, cve)
        if b >= rows[-1][0]:
            return by_rule(rows[-1][1])
        for fixed, rule in reversed(rows):
            if fixed[:3] == b[:3]:
                return by_rule(rule) if b >= fixed else 'exposed'
        lower = [row for row in rows if row[0] < b]
        if lower and self.line_first.get(b[:3], '') > self.released[lower[-1][0]]:
            return by_rule(lower[-1][1])
        return 'exposed'


def by_rule(rule):
    return 'fixed' if rule == 'build' else 'fixed-if-configured'


def builds_around(builds):
    for a, b, c, d in builds:
        yield from ((a, b, c, d), (a, b, c, d + 1), (a, b, c, max(d - 1, 0)), (a, b, c, 0),
                    (a, b, c, 9999), (a, b, c - 1, d), (a, b, c + 1, 0))


def ask(tocsin, builds):
    with tempfile.TemporaryDirectory() as folder:
        inventory = pathlib.Path(folder, 'inventory.csv')
        lines = ('.'.join(map(str, b)) for b in builds)
        inventory.write_text('host,build\n' + ''.join(f'h{b},{b}\n' for b in lines))
        done = subprocess.run([tocsin, 'exposure', '--csv', str(inventory)], check=False,
                              capture_output=True, text=True)
    if done.returncode != 1:
        sys.exit(f'status {done.returncode}: {done.stderr}')
    return {(numbers(row['host'][1:]), row['cve']): row['state']
            for row in csv.DictReader(io.StringIO(done.stdout))}


def main():
    if not (LISTS / 'exchange-cves.csv').exists():
        print(f'# SKIP: no lists in {LISTS}')
        return
    lists = Lists()
    builds = sorted(set(builds_around(lists.released)))
    got, wrong = ask(sys.argv[1], builds), 0
    for b in builds:
        for cve in lists.published:
            want, state = lists.state(b, cve), got.get((b, cve))
            if state != want:
                wrong += 1
                print(f'{b} {cve}: {state}, not {want}')
    print(f'{len(builds)} builds, {len(lists.published)} CVEs, {wrong} wrong')
    sys.exit(wrong > 0)


main()
