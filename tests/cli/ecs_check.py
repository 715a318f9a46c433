#!/usr/bin/env python3
"""Checks documents against the fields of Elastic Common Schema 8.11; the first wrong one fails.

usage: ecs_check.py FILE [N]     N: so many documents, no more
       ecs_check.py --bulk FILE  each document after its action, as the _bulk API reads them
"""
import json
import re
import sys

# Fields as the field reference of ECS 8.11 defines them (elastic/ecs, generated/csv/fields.csv), with
# their types; "[]" for those that must be arrays. log.offset is Filebeat's. Beside them: what is the
# program's own, below "tocsin".
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
source.address keyword | source.ip ip | user.name keyword | user_agent.original keyword
url.original wildcard | url.path wildcard | url.query keyword
http.request.method keyword | http.request.referrer keyword | http.response.status_code long
rule.id keyword | rule.name keyword | rule.ruleset keyword
threat.framework keyword | threat.technique.id keyword[] | threat.technique.subtechnique.id keyword[]
threat.indicator.marking.tlp keyword | threat.indicator.marking.tlp_version keyword
log.file.path keyword | log.offset long | file.path keyword | file.name keyword | file.hash.sha256 keyword
package.name keyword | package.version keyword | package.type keyword | package.architecture keyword
'''
TYPES = {}
for entry in re.split(r'[|\n]', FIELDS.strip()):
    name, kind = entry.split()
    TYPES[name] = kind
OWN = {
    'exposure': {
        'state': 'keyword', 'precision': 'keyword', 'source': 'keyword', 'file': 'keyword', 'line': 'long',
        'seen': 'date', 'since': 'date', 'other_until': 'date', 'fixed_by': 'keyword', 'fixed_build': 'keyword',
        'kev': 'boolean', 'kev_added': 'date', 'kev_due': 'date', 'ransomware': 'boolean', 'dossiers': 'keyword[]',
        'site': 'keyword', 'owner': 'keyword', 'facing': 'keyword', 'accepted.owner': 'keyword',
        'accepted.reason': 'keyword', 'accepted.until': 'date',
    },
    'finding': {
        'grade': 'keyword', 'level': 'keyword', 'count': 'long', 'pivot': 'long', 'line': 'long', 'kind': 'keyword',
        'dossier': 'keyword', 'target_host': 'keyword', 'meaning': 'keyword', 'next': 'keyword', 'note': 'keyword',
        'fields': 'keyword[]',
    },
    'alert': {
        'subject': 'keyword', 'subject_kind': 'keyword', 'lane': 'keyword', 'observed': 'long', 'expected': 'float',
        'p': 'float', 'threshold': 'float', 'window_days': 'long', 'voices': 'long', 'threads': 'long',
        'sites': 'keyword[]', 'kev': 'boolean', 'kev_added': 'date', 'customer': 'keyword', 'assets': 'keyword[]',
    },
}
ALWAYS = {'@timestamp', 'ecs.version', 'message', 'event.kind', 'event.category', 'event.type', 'event.module',
          'event.dataset', 'event.id', 'tags'}
REQUIRED = {
    'exposure': {'host.name', 'vulnerability.id', 'vulnerability.scanner.vendor', 'tocsin.state', 'tocsin.precision',
                 'tocsin.source', 'tocsin.kev'},
    'finding': {'rule.name', 'event.severity', 'tocsin.grade', 'tocsin.level', 'tocsin.count'},
    'alert': {'event.end', 'tocsin.subject', 'tocsin.lane', 'tocsin.observed', 'tocsin.p'},
}
# event.kind, event.category and the one event.type that each may have.
CLASS = {
    'exposure': ('state', {'vulnerability'}, 'info'),
    'finding': ('alert', {'intrusion_detection', 'web'}, 'info'),
    'alert': ('alert', {'threat'}, 'indicator'),
}
ACTION = {'exposure': ('index', 'tocsin-exposures'), 'finding': ('create', 'tocsin-findings'),
          'alert': ('create', 'tocsin-alerts')}
DATE = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')
CHECK = {
    'keyword': lambda v: isinstance(v, str) and 0 < len(v.encode()) <= 32766,
    'wildcard': lambda v: isinstance(v, str) and v != '',
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
    dataset = fields.get('event.dataset', '').removeprefix('tocsin.')
    if dataset not in OWN:
        sys.exit(f'event.dataset: {dataset!r}')
    types = {**TYPES, **{'tocsin.' + name: kind for name, kind in OWN[dataset].items()}}
    for name in (ALWAYS | REQUIRED[dataset]) - set(fields):
        sys.exit(f'{name} is missing: {document}')
    for name, value in fields.items():
        if name not in types:
            sys.exit(f'no such field: {name}')
        kind, array = types[name].removesuffix('[]'), types[name].endswith('[]')
        if array != isinstance(value, list) or not all(CHECK[kind](v) for v in (value if array else [value])):
            sys.exit(f'{name} is no {types[name]}: {value!r}')
    kind, categories, event_type = CLASS[dataset]
    if fields['event.kind'] != kind or fields['event.type'] != [event_type]:
        sys.exit(f'{dataset}: event.kind {fields["event.kind"]}, event.type {fields["event.type"]}')
    if not fields['event.category'] or set(fields['event.category']) - categories:
        sys.exit(f'{dataset}: event.category {fields["event.category"]}')
    if fields.get('vulnerability.severity') not in {None, 'Critical', 'High', 'Medium', 'Low', 'None'}:
        sys.exit('vulnerability.severity')
    return dataset


def check_bulk(path):
    with open(path, encoding='utf-8', newline='') as file:
        text = file.read()
    if not text.endswith('\n'):
        sys.exit('the _bulk API wants a line break at the end')
    lines = [json.loads(line) for line in text.splitlines()]
    seen = set()
    if len(lines) % 2 or not lines:
        sys.exit(f'{len(lines)} lines are no pairs')
    for action, document in zip(lines[::2], lines[1::2]):
        verb, index = ACTION[check(document)]
        target = action.get(verb, {})
        if set(action) != {verb} or target != {'_index': index, '_id': document['event']['id']}:
            sys.exit(f'action: {action}')
        if (index, target['_id']) in seen:
            sys.exit(f'twice: {action}')
        seen.add((index, target['_id']))


def main():
    if sys.argv[1] == '--bulk':
        check_bulk(sys.argv[2])
        return
    with open(sys.argv[1], encoding='utf-8') as file:
        documents = [json.loads(line) for line in file]
    for document in documents:
        check(document)
    if len(sys.argv) > 2 and len(documents) != int(sys.argv[2]):
        sys.exit(f'{len(documents)} documents, not {sys.argv[2]}')


main()
