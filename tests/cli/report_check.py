#!/usr/bin/env python3
"""Checks the formats of a report; the first thing that is wrong fails.

usage: report_check.py json FILE        the document keeps to docs/reference/schema/report.json, which names every key
       report_check.py timesketch FILE  what its importer asks for
       report_check.py navigator FILE   a layer of format 4.5, each technique once
       report_check.py cacao FILE       members that CACAO 2.0 requires; every step is reached and comes to an end
       report_check.py csv FILE [N]     N findings
       report_check.py veiled JSON FILE...  nothing that JSON, a report with victim data, says of the victim is in FILE
"""
import csv
import datetime as dt
import json
import re
import sys

TYPES = {'string': str, 'number': (int, float), 'integer': int, 'boolean': bool, 'null': type(None), 'array': list,
         'object': dict}
UUID = r'[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


# ---- json ----

def is_of(value, name):
    if name in ('number', 'integer') and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[name])


def keep_to(schema, value, place):
    """As much of JSON Schema as the contract uses; a key that no schema names is wrong, too."""
    if '$ref' in schema:
        schema = load('docs/reference/schema/' + schema['$ref'].rsplit(':', 1)[1] + '.json')
    assert 'const' not in schema or value == schema['const'], f'{place}: {value!r}'
    assert 'enum' not in schema or value in schema['enum'], f'{place}: {value!r}'
    types = schema.get('type', [])
    types = types if isinstance(types, list) else [types]
    assert not types or any(is_of(value, t) for t in types), f'{place}: {value!r} is no {types}'
    if isinstance(value, dict):
        known, others = schema.get('properties', {}), schema.get('additionalProperties')
        for key in schema.get('required', []):
            assert key in value, f'{place}.{key} is missing'
        for key, part in value.items():
            assert key in known or others, f'{place}.{key} is in no schema'
            keep_to(known.get(key, others), part, f'{place}.{key}')
    if isinstance(value, list):
        for i, part in enumerate(value):
            keep_to(schema.get('items', {}), part, f'{place}[{i}]')


def check_json(path):
    report = load(path)
    keep_to(load('docs/reference/schema/report.json'), report, 'report')
    listed = {f['id'] for f in report['findings']}
    for episode in report['episodes']:
        assert set(episode['findings']) <= listed, f'episode {episode["id"]}'
    assert report['findings_total'] >= len(report['findings'])


# ---- timesketch ----

def check_timesketch(path):
    with open(path, encoding='utf-8') as file:
        rows = [json.loads(line) for line in file]
    assert rows, 'no events'
    for row in rows:
        for key in ('message', 'datetime', 'timestamp_desc', 'data_type'):
            assert row.get(key), f'{key}: {row}'
        when = dt.datetime.fromisoformat(row['datetime'])
        epoch = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
        assert (when - epoch) // dt.timedelta(microseconds=1) == row['timestamp'], row
        assert all(not isinstance(v, str) or len(v.encode()) <= 32766 for v in row.values()), row
    assert {r['data_type'] for r in rows} == {'tocsin:finding', 'tocsin:event'}


# ---- navigator ----

def check_navigator(path):
    layer = load(path)
    assert isinstance(layer['name'], str) and layer['domain'] == 'enterprise-attack'
    assert layer['versions'] == {'attack': '18', 'navigator': '5.2.0', 'layer': '4.5'}
    gradient = layer['gradient']
    assert len(gradient['colors']) >= 2 and gradient['maxValue'] > gradient['minValue']
    ids = [t['techniqueID'] for t in layer['techniques']]
    assert ids == sorted(set(ids)), 'each technique once, in order'
    scored = {t['techniqueID'] for t in layer['techniques'] if 'score' in t}
    for t in layer['techniques']:
        assert re.fullmatch(r'T\d{4}(\.\d{3})?', t['techniqueID']), t
        assert set(t) <= {'techniqueID', 'score', 'color', 'comment', 'enabled', 'metadata', 'showSubtechniques'}, t
        assert gradient['minValue'] < t.get('score', 1) <= gradient['maxValue'], t
        assert t['enabled'] or ('score' not in t and 'color' not in t), t
        assert all(set(m) == {'name', 'value'} and all(isinstance(v, str) and v for v in m.values())
                   for m in t['metadata'] + layer['metadata']), t
        parent, _, sub = t['techniqueID'].partition('.')
        assert not sub or t['techniqueID'] not in scored or \
            any(o['techniqueID'] == parent and o['showSubtechniques'] for o in layer['techniques']), t
    for item in layer['legendItems']:
        assert item['label'] and re.fullmatch(r'#[0-9a-f]{6}', item['color']), item
    for t in layer['techniques']:  # a grade has the colour that the gradient gives its score
        place = t.get('score', 0) * (len(gradient['colors']) - 1) / gradient['maxValue']
        grade = [m['value'] for m in t['metadata'] if m['name'] == 'grade']
        assert 'score' not in t or {'label': grade[0], 'color': gradient['colors'][int(place)]} in layer['legendItems'], t


# ---- cacao ----

STEP = {'type', 'name', 'description', 'external_references', 'on_completion'}
STEPS = {'start': STEP, 'end': STEP - {'on_completion'}, 'action': STEP | {'commands', 'agent'},
         'parallel': STEP | {'next_steps'}}
PLAYBOOK = {'type', 'spec_version', 'id', 'name', 'description', 'playbook_types', 'playbook_activities',
            'playbook_processing_summary', 'created_by', 'created', 'modified', 'labels', 'external_references',
            'markings', 'workflow_start', 'workflow', 'agent_definitions',
            'data_marking_definitions'}
REQUIRED = {'type', 'spec_version', 'id', 'name', 'created_by', 'created', 'modified', 'workflow_start', 'workflow'}


def check_reference(r):
    assert r['name'] and set(r) - {'name'} and set(r) <= {'name', 'url', 'source', 'external_id'}, r


def check_step(book, name, step):
    kind = step['type']
    assert re.fullmatch(f'{kind}--{UUID}', name) and name.split('--')[1][14] == '4', name
    assert set(step) <= STEPS[kind], step
    assert kind == 'end' or step['on_completion'] in book['workflow'], step
    for r in step.get('external_references', []):
        check_reference(r)
        assert r in book['external_references'], r
    if kind == 'action':
        assert step['name'] and step['agent'] in book['agent_definitions'], step
        assert step['commands'] and all(c['type'] == 'manual' and isinstance(c['command'], str)
                                        and c['playbook_activity'] in book['playbook_activities']
                                        for c in step['commands']), step
    if kind == 'parallel':
        assert len(step['next_steps']) > 1, step


def walk(book, name, ends, seen):
    """Follows a branch to its end, which is no other branch's."""
    while True:
        assert name not in seen, f'{name} is reached twice'
        seen.add(name)
        step = book['workflow'][name]
        for branch in step.get('next_steps', []):
            walk(book, branch, ends, seen)
        if step['type'] == 'end':
            ends.append(name)
            return
        name = step['on_completion']


def check_cacao(path):
    book = load(path)
    assert REQUIRED <= set(book) <= PLAYBOOK, set(book)
    assert book['type'] == 'playbook' and book['spec_version'] == 'cacao-2.0'
    assert re.fullmatch(f'playbook--{UUID}', book['id']) and re.fullmatch(f'identity--{UUID}', book['created_by'])
    times = book['created'], book['modified']
    assert all(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', t) for t in times) and times[0] <= times[1]
    assert book['playbook_activities'] and book['agent_definitions']
    for name, agent in book['agent_definitions'].items():
        assert re.fullmatch(f'{agent["type"]}--{UUID}', name) and agent['name'], agent
    for name, marking in book.get('data_marking_definitions', {}).items():
        assert marking['id'] == name and marking['type'] == 'marking-tlp' and marking['created_by'], marking
    assert set(book.get('markings', [])) == set(book.get('data_marking_definitions', {}))
    for r in book.get('external_references', []):
        check_reference(r)
    for name, step in book['workflow'].items():
        check_step(book, name, step)
    kinds = [s['type'] for s in book['workflow'].values()]
    assert kinds.count('start') == 1 and book['workflow'][book['workflow_start']]['type'] == 'start'
    assert 'action' in kinds and 'end' in kinds
    ends, seen = [], set()
    walk(book, book['workflow_start'], ends, seen)
    assert seen == set(book['workflow']), set(book['workflow']) - seen
    numbers = [n.split('--')[1] for n in [*book['workflow'], *book['agent_definitions'], book['id']]]
    assert len(numbers) == len(set(numbers)), 'no number twice'


# ---- rows, words ----

def check_csv(path, want=None):
    with open(path, encoding='utf-8', newline='') as file:
        rows = list(csv.reader(file))
    assert rows[0][:4] == ['time', 'last', 'grade', 'level'] and rows[0][-2:] == ['id', 'tlp'], rows[0]
    assert all(len(r) == len(rows[0]) for r in rows), 'columns'
    assert not any(cell[:1] in '=+-@\t\r' and cell for r in rows for cell in r), 'a formula'
    assert want is None or len(rows) - 1 == int(want), f'{len(rows) - 1} rows'


PEOPLE = {'cs-username', 'AuthenticatedUser', 'AnchorMailbox', 'UserName', 'User', 'SubjectUserName'}


def of_the_victim(report):
    words = {v['verdict']['host'] for v in report['verdicts']}
    for e in report['evidence']:
        words |= {e['host'], e['file'], (e['file'] or '').rsplit('/', 1)[-1]}
    for e in report['episodes']:
        words |= {*e['accounts'], *e['mailboxes']}
    for f in report['findings']:
        words |= {f['host'], f['target_host'], f['evidence']}
        words |= {v for k, v in f['fields'].items() if k.partition('#')[0] in PEOPLE}
    words |= {w.rsplit('\\', 1)[1] for w in words if w and '\\' in w}
    words |= {json.dumps(w)[1:-1] for w in words if w}
    return {w.lower() for w in words if w and len(w) > 3} - {'system'}  # NT AUTHORITY, and a part of paths


def check_veiled(lifted, *paths):
    words = of_the_victim(load(lifted))
    assert len(words) > 20, words
    for path in paths:
        with open(path, encoding='utf-8') as file:
            text = file.read().lower()
        for word in words:
            at = text.find(word)
            assert at < 0, f'{path}: {word}: ...{text[max(0, at - 60):at + 60]}...'


globals()['check_' + sys.argv[1]](*sys.argv[2:])
