#!/usr/bin/env python3
"""Made-up inventory of forty Exchange servers in a country's agencies, as of 8 March 2021.

    fleet.py >fleet.csv

Sixteen still lack the update of 2 March 2021; of the other twenty-four, some were seen without it
first. Always the same bytes.
"""
import csv
import random
import sys

SITES = ['North', 'South', 'East', 'West', 'Capital']
OWNERS = ['Health', 'Justice', 'Schools', 'Water', 'Police', 'Taxes']
# before, after: of the lines that got an update
LINES = [('15.1.2176.2', '15.1.2176.9'), ('15.1.2106.2', '15.1.2106.13'), ('15.2.792.3', '15.2.792.10'),
         ('15.2.721.2', '15.2.721.13'), ('15.0.1497.2', '15.0.1497.12')]
OLD = ['15.1.1261.35', '15.0.1367.3']  # lines that got none
HOSTS, OPEN = 40, 16


def main():
    chance = random.Random(8)
    out = csv.writer(sys.stdout, lineterminator='\n')
    out.writerow(['host', 'build', 'date', 'site', 'owner', 'internet-facing'])
    order = list(range(HOSTS))
    chance.shuffle(order)
    still_open = set(order[:OPEN])
    for i in range(HOSTS):
        host = f'mail{i + 1:02d}.gov.example'
        about = [SITES[i % len(SITES)], OWNERS[i % len(OWNERS)], 'yes' if i % 4 else 'no']
        before, after = LINES[i % len(LINES)]
        if i in still_open and i % 7 == 0:
            before = chance.choice(OLD)
        if i in still_open or i % 2:
            out.writerow([host, before, f'2021-03-{chance.randint(1, 2):02d}', *about])
        if i not in still_open:
            out.writerow([host, after, f'2021-03-{chance.randint(3, 8):02d}', *about])


main()
