#!/usr/bin/env python3
"""Each rule of SigmaHQ's regression data must match its own evidence: that of Windows as EVTX and as JSON alike.

usage: sigma_regression.py TOCSIN sigma_regression_dev.tar.gz

Prints what is missed and why it may be; ends with 1 if anything is missed or the two forms differ.
"""
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile


def findings(tocsin, rule, evidence):
    command = [tocsin, 'scan', '--json', '--no-dossiers', '-j1', '--rules', rule, evidence]
    told = subprocess.run(command, capture_output=True, text=True)
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    return sum(f['count'] for f in lines if f['type'] == 'finding')


def main():
    tocsin, archive = sys.argv[1:]
    missed = cases = 0
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        with tarfile.open(archive) as tar:
            tar.extractall(root, filter='data') if hasattr(tarfile, 'data_filter') else tar.extractall(root)
        rules = {}
        for path in (root / 'rule').rglob('*.yml'):
            for line in path.read_text().splitlines():
                if line.startswith('id: '):
                    rules[line[4:].strip()] = path
        for line in (root / 'TRUTH.tsv').read_text().splitlines()[1:]:
            rule_id, _, evidence, _, count = line.split('\t')
            cases += 1
            path = root / evidence
            forms = ('.evtx', '.json') if path.suffix == '.evtx' else (path.suffix,)
            found = {form: findings(tocsin, rules[rule_id], path.with_suffix(form)) for form in forms}
            if len(set(found.values())) != 1 or found[forms[0]] < int(count or 1):
                missed += 1
                print(f'# {rule_id}: {found}, at least {count or 1} wanted')
    print(f'# {cases} cases, {missed} missed')
    return 1 if missed or cases < 100 else 0


sys.exit(main())
