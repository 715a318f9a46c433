#!/usr/bin/env python3
"""exposure against worked cases: each row of exposure_cases.tsv is a host of its own.

    exposure_cases.py TOCSIN

Prints each answer that is not the one wanted, and exits with 1 if there is one.
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile


def main():
    text = pathlib.Path(__file__).with_suffix('.tsv').read_text(encoding='utf-8')
    lines = [line for line in text.splitlines() if not line.startswith('#')]
    cases = list(csv.DictReader(lines, delimiter='\t'))
    with tempfile.TemporaryDirectory() as folder:
        inventory = pathlib.Path(folder, 'inventory.csv')
        with inventory.open('w', newline='') as f:
            out = csv.writer(f)
            out.writerow(['host', 'version'])
            out.writerows([f'h{i}', case['version']] for i, case in enumerate(cases))
        done = subprocess.run([sys.argv[1], 'exposure', '--json', str(inventory)],
                              capture_output=True, text=True, check=False)
    if done.returncode != 1:
        sys.exit(f'status {done.returncode}: {done.stderr}')
    answers = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if row['type'] == 'exposure':
            answers[row['host'], row['cve']] = row
    wrong = 0
    for i, case in enumerate(cases):
        got = answers.get((f'h{i}', case['cve']))
        state = got['state'] if got else 'no answer'
        if state != case['state']:
            wrong += 1
            print(f"{case['version']} {case['cve']}: {state}, not {case['state']} ({case['why']})"
                  f" {got['because'] if got else ''}")
    print(f'{len(cases)} cases, {wrong} wrong')
    sys.exit(wrong > 0 or len(cases) < 77)


main()
