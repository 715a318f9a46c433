#!/usr/bin/env python3
"""Checks documents against the fields of Elastic Common Schema 8.11; the first wrong one fails.

usage: ecs_check.py FILE [N]     N: so many documents, no more
"""
import json
import re
import sys

# Fields as the schema defines them, with their types; "[]" for those that must be arrays. Beside
# them: what is the program's own, below "tocsin".
FIELDS = '''
@timestamp date | message text | tags keyword[] | ecs.version keyword
event.kind keyword | event.category keyword[] | event.type keyword[] | event.module keyword | event.dataset keyword
event.id keyword | event.start date | event.end date | event.reason keyword | event.severity long | event.original keyword
host.name keyword | related.hosts keyword[] | related.ip ip[]
vulnerability.category keyword[] | vulnerability.classification keyword | vulnerability.description keyword
vulnerability.enumeration keyword | vulnerability.id keyword | vulnerability.reference keyword
vulnerability.report_id keyword | vulnerability.scanner.vendor keyword | vulnerability.score.base float
vulnerability.score.environmental float | vulnerability.score.temporal float | vulnerability.score.version keyword
vulnerability.severity keyword
package.name keyword | package.version keyword | package.type keyword | package.architecture keyword
'''
TYPES = {}
for entry in re.split(r'[|\n]', FIELDS.strip()):
    name, kind = entry.split()
    TYPES[name] = kind
OWN = {
    'state': 'keyword', 'precision': 'keyword', 'source': 'keyword', 'file': 'keyword', 'line': 'long',
    'seen': 'date', 'since': 'date', 'other_until': 'date', 'fixed_by': 'keyword', 'fixed_build': 'keyword',
    'kev': 'boolean', 'kev_added': 'date', 'kev_due': 'date', 'ransomware': 'boolean', 'dossiers': 'keyword[]',
    'site': 'keyword', 'owner': 'keyword', 'facing': 'keyword', 'accepted.owner': 'keyword',
    'accepted.reason': 'keyword', 'accepted.until': 'date',
}
TYPES.update({'tocsin.' + name: kind for name, kind in OWN.items()})
REQUIRED = {'@timestamp', 'ecs.version', 'message', 'event.kind', 'event.category', 'event.type', 'event.dataset',
            'event.id', 'host.name', 'vulnerability.id', 'vulnerability.scanner.vendor', 'tocsin.state',
            'tocsin.precision', 'tocsin.source', 'tocsin.kev'}
DATE = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')
CHECK = {
    'keyword': lambda v: isinstance(v, str) and 0 < len(v.encode()) <= 32766,
    'text': lambda v: isinstance(v, str) and v != '',
    'date': lambda v: isinstance(v, str) and DATE.fullmatch(v),
    'long': lambda v: isinstance(v, int) and not isinstance(v, bool),
    'float': lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    'boolean': lambda v: isinstance(v, bool),
    'ip': lambda v: isinstance(v, str) and re.fullmatch(r'[0-9a-f.:]+', v),
}


def flat(value, name=''):
    if isinstance(value, dict):
        for key, v in value.items():
            yield from flat(v, f'{name}.{key}' if name else key)
    else:
        yield name, value


def check(document):
    fields = dict(flat(document))
    for name in REQUIRED - set(fields):
        sys.exit(f'{name} is missing: {document}')
    for name, value in fields.items():
        if name not in TYPES:
            sys.exit(f'no such field: {name}')
        kind, array = TYPES[name].removesuffix('[]'), TYPES[name].endswith('[]')
        if array != isinstance(value, list) or not all(CHECK[kind](v) for v in (value if array else [value])):
            sys.exit(f'{name} is no {TYPES[name]}: {value!r}')
    # ECS allows these values, and these types for the category.
    if fields['event.kind'] not in {'alert', 'asset', 'enrichment', 'event', 'metric', 'state', 'signal'}:
        sys.exit('event.kind')
    if fields['event.category'] == ['vulnerability'] and fields['event.type'] != ['info']:
        sys.exit('event.type: a vulnerability is info')
    if fields.get('vulnerability.severity') not in {None, 'Critical', 'High', 'Medium', 'Low', 'None'}:
        sys.exit('vulnerability.severity')


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        documents = [json.loads(line) for line in file]
    for document in documents:
        check(document)
    if len(sys.argv) > 2 and len(documents) != int(sys.argv[2]):
        sys.exit(f'{len(documents)} documents, not {sys.argv[2]}')


main()
