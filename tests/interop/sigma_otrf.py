#!/usr/bin/env python3
"""SigmaHQ's rules over OTRF's Security Datasets, by the techniques that their metadata name.

usage: sigma_otrf.py TOCSIN DATA

- In as many data sets as ever, the rules at hand find a technique that the metadata name, by its old
  number or its new one, parts of it apart.
- Of each other one it is printed how many rules at hand are about its techniques, how many of
  these are for logs that it has, and how near the nearest comes: the parts of its detection that no
  event meets together with the others.
- No rule of those matches an event by a plain evaluation (sigma_events.py): else tocsin missed it.
"""
import collections
import json
import pathlib
import sys
import tempfile
import zipfile

import yaml

import sigma_events as plain

AT_LEAST = 18
CHANNELS = {c.lower(): c for c in plain.SERVICES.values()}  # some are written in small letters


def techniques(sets):
    """By the path of the archive: the metadata name a link to it."""
    found = collections.defaultdict(set)
    for path in sets.rglob('*.yaml'):
        about = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        named = plain.techniques(' '.join(f'{m["technique"]}.{m.get("sub-technique") or ""}' for m in about.get('attack_mappings') or []))
        for file in about.get('files') or []:
            found[file['link'].rpartition('/')[2]] |= named
    return found


def events(folder):
    """Of all files of a data set: channel, number and fields, as they stand in it."""
    for path in sorted(folder.rglob('*.json')):
        for line in path.read_text(errors='replace').splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and 'Channel' in event and str(event.get('EventID', '')).isdigit():
                flat = {k: v if v is None else str(v) for k, v in event.items() if not isinstance(v, (dict, list))}
                flat['Provider_Name'] = flat.get('SourceName')
                yield CHANNELS.get(event['Channel'].lower(), event['Channel']), int(event['EventID']), flat


def main():
    tocsin, data = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (data / 'scan/otrf_security_datasets_dev.tar.gz').exists():
        print('1..1\nok 1 - rules over Security Datasets # SKIP the shared data is not here')
        return 0
    print('1..2')
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for part in 'scan', 'rules':
            (root / part).mkdir()
        rules = plain.unpack(data, 'rules/sigma_rules_dev.tar.gz', root)
        sets = plain.unpack(data, 'scan/otrf_security_datasets_dev.tar.gz', root)
        parsed = [r for p in rules.rglob('*.yml') for r in [list(yaml.load_all(p.read_text(), Loader=yaml.CSafeLoader))]]
        parsed = [r[0] for r in parsed if len(r) == 1 and plain.compared(r[0])]
        named, fitting, missed, total = techniques(sets), 0, [], 0
        for path in sorted(sets.rglob('*.zip')):
            wanted = named[path.name]
            if not wanted:
                continue
            with zipfile.ZipFile(path) as zipped:
                zipped.extractall(root / path.stem)
            found = {t[:5] for f in plain.scan(tocsin, rules, root / path.stem) for t in f['technique']}
            total += 1
            fitting += bool(found & wanted)
            if not found & wanted:
                line, matches = plain.why(parsed, wanted, list(events(root / path.stem)))
                missed += [f'{path.stem}: {title}' for title in matches]
                print(f'# {path.stem} ({" ".join(sorted(wanted))}): {line}')
        print(f'# {total} data sets, {fitting} with a finding of a technique that the metadata name')
        good = plain.result(1, fitting >= AT_LEAST, 'the rules at hand find the techniques of as many data sets as ever')
        for line in missed:
            print('# missed:', line)
        good &= plain.result(2, not missed, 'no rule for the techniques of another matches by a plain evaluation')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
