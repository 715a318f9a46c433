#!/usr/bin/env python3
"""What tests ask of the output of `tocsin watch`.

usage: watch_look.py lines FILE          every line is an object, the last one a summary
       watch_look.py key FILE KEY        a key of the summary
       watch_look.py ids FILE...         ids of the alerts, in their order
       watch_look.py about FILE SUBJECT  day, lane, customer and assets of its alerts
       watch_look.py first FILE SUBJECT  days from its first alert to 2021-03-02, or "none"
       watch_look.py since FILE DAY      ids of alerts at or after that day
       watch_look.py contract FILE       the alerts have the keys, and the types, of the schema
       watch_look.py xml FILE, json FILE it is well-formed
"""
import datetime as dt
import json
import sys
import xml.etree.ElementTree

SCHEMA = 'docs/reference/schema/alert.json'
TYPES = {'string': str, 'number': (int, float), 'integer': int, 'boolean': bool, 'null': type(None), 'array': list,
         'object': dict}


def objects(path):
    with open(path, encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def alerts(path):
    return [o for o in objects(path) if o['type'] == 'alert']


def check(schema, value, place):
    """As much of JSON Schema as the contract uses."""
    if 'const' in schema:
        assert value == schema['const'], place
    if 'enum' in schema:
        assert value in schema['enum'], f'{place}: {value}'
    types = schema.get('type', [])
    types = types if isinstance(types, list) else [types]
    assert not types or any(isinstance(value, TYPES[t]) for t in types), f'{place}: {value!r} is not {types}'
    if isinstance(value, dict):
        missing = [k for k in schema.get('required', []) if k not in value]
        assert not missing, f'{place}: {missing} missing'
        for key, part in schema.get('properties', {}).items():
            if key in value:
                check(part, value[key], f'{place}.{key}')
    if isinstance(value, list):
        for i, part in enumerate(value):
            check(schema.get('items', {}), part, f'{place}[{i}]')


def contract(path):
    with open(SCHEMA, encoding='utf-8') as f:
        schema = json.load(f)
    told = alerts(path)
    assert told, 'no alert'
    for alert in told:
        check(schema, alert, alert['subject'])
        assert alert['observed'] > alert['expected'] and 0 <= alert['p'] <= alert['threshold'] or alert['again'], alert
        assert 0 < sum(1 for p in alert['posts'] if p['snippet']) <= 3, 'snippets of ' + alert['title']
        assert [p['time'] for p in alert['posts']] == sorted(p['time'] for p in alert['posts']), 'order of posts'
        assert alert['sites'] and alert['why'] and alert['title'], alert['id']


def about(path, subject):
    return [a for a in alerts(path) if a['subject'] == subject]


def first(path, subject):
    days = [dt.date.fromisoformat(a['time'][:10]) for a in about(path, subject)]
    return (dt.date(2021, 3, 2) - min(days)).days if days else 'none'


def main(what, path, *rest):
    if what == 'lines':
        told = objects(path)
        assert told[-1]['type'] == 'summary' and all(o['type'] in ('alert', 'joined', 'gap', 'summary') for o in told)
        assert told[-1]['findings'] == len(alerts(path))
    elif what == 'key':
        print(objects(path)[-1][rest[0]])
    elif what == 'ids':
        print('\n'.join(a['id'] for name in (path, *rest) for a in alerts(name)))
    elif what == 'about':
        for a in about(path, rest[0]):
            print(a['time'][:10], a['lane'], a['customer'], *a['assets'])
    elif what == 'first':
        print(first(path, rest[0]))
    elif what == 'since':
        print('\n'.join(a['id'] for a in alerts(path) if a['time'][:10] > rest[0]))
    elif what == 'contract':
        contract(path)
    elif what == 'xml':
        xml.etree.ElementTree.parse(path)
    elif what == 'json':
        with open(path, encoding='utf-8') as f:
            json.load(f)


if __name__ == '__main__':
    main(*sys.argv[1:])
