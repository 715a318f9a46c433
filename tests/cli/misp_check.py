#!/usr/bin/env python3
"""Checks an event, or a feed, against what the MISP core format says of it; the first thing that is wrong fails.

usage: misp_check.py EVENT.json | FOLDER
"""
import hashlib
import json
import pathlib
import re
import sys

UUID = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')
# Keys of the format; those with a star have to be there.
KEYS = {
    'event': '*uuid *id *published *info *threat_level_id *analysis *date *timestamp *publish_timestamp *org_id *orgc_id '
             '*attribute_count *distribution sharing_group_id extends_uuid locked *Orgc Org *Tag *Attribute *Object',
    'attribute': '*uuid *type *category *to_ids *event_id *distribution *timestamp *deleted *value comment '
                 'sharing_group_id first_seen last_seen object_relation Sighting Tag',
    'object': '*uuid *name *meta-category *template_uuid *template_version *timestamp *distribution *deleted '
              'description event_id sharing_group_id comment *Attribute',
    'sighting': '*type *uuid *date_sighting source',
    'tag': '*name colour exportable',
    'org': '*uuid *name *id',
}
CATEGORIES = {
    'Network activity': 'ip-src ip-dst domain email url uri user-agent http-method AS mac-address text comment',
    'Payload delivery': 'md5 sha1 sha224 sha256 sha384 sha512 ssdeep tlsh filename sigma text comment vulnerability',
    'External analysis': 'vulnerability text comment link', 'Attribution': 'threat-actor text comment',
    'Targeting data': 'target-machine target-user comment', 'Other': 'text comment',
    'Persistence mechanism': 'regkey', 'Financial fraud': 'btc xmr',
}
# misp-objects: uuid, version, parts and their types.
OBJECTS = {
    'http-request': ('b4a8d163-8110-4239-bfcf-e08f3a9fdf7b', '4', 'network',
                     {'ip-src': 'ip-src', 'method': 'http-method', 'uri': 'uri', 'user-agent': 'user-agent'}, {'uri'}),
    'course-of-action': ('3d1c2c06-68a9-4394-8c8d-258d115f796f', '1', 'misc',
                         dict.fromkeys(('name', 'type', 'objective', 'description'), 'text'), {'name', 'type'}),
}


def want(holds, what, of):
    if not holds:
        sys.exit(f'{what}: {json.dumps(of)[:400]}')


def keys(kind, o):
    words = KEYS[kind].split()
    want({w[1:] for w in words if w[0] == '*'} <= set(o), f'{kind}: a key is missing', sorted(o))
    want(set(o) <= {w.strip('*') for w in words}, f'{kind}: unknown key', sorted(o))
    for key, value in o.items():
        if key in ('published', 'to_ids', 'deleted', 'locked', 'exportable'):
            want(isinstance(value, bool), key, o)
        elif key not in ('Orgc', 'Org', 'Tag', 'Attribute', 'Object', 'Sighting'):
            want(isinstance(value, str), f'{key} is no text', o)
        if key.endswith('timestamp') or key in ('date_sighting', 'id', 'org_id', 'orgc_id', 'attribute_count'):
            want(value.isdigit(), f'{key} is no number', o)


def attribute(a, seen):
    keys('attribute', a)
    want(UUID.fullmatch(a['uuid']) and a['uuid'] not in seen, 'uuid', a)
    seen.add(a['uuid'])
    want(a['type'] in CATEGORIES[a['category']].split(), 'no such type in this category', a)
    want(a['value'], 'no value', a)
    for tag in a.get('Tag', []):
        keys('tag', tag)
        want(re.fullmatch(r'tlp:(clear|green|amber|amber\+strict|red)', tag['name']), 'no mark', a)
    want(len(a.get('Tag', [])) <= 1, 'two marks', a)
    sightings = a.get('Sighting', [])
    want(len({json.dumps(s) for s in sightings}) == len(sightings), 'a sighting twice', a)
    for s in sightings:
        keys('sighting', s)
        want(s['uuid'] == a['uuid'], 'a sighting of another', a)


def check_event(e):
    keys('event', e)
    keys('org', e['Orgc'])
    want(UUID.fullmatch(e['uuid']) and re.fullmatch(r'\d{4}-\d\d-\d\d', e['date']), 'head', e['uuid'])
    want(e['distribution'] == '0' and len(e['info']) <= 256 and '\n' not in e['info'], 'head', e['info'])
    for tag in e['Tag']:
        keys('tag', tag)
    want(e['Tag'][0]['name'].startswith('tlp:'), 'no mark', e['Tag'])
    seen, values = set(), set()
    for a in e['Attribute']:
        attribute(a, seen)
        value = (a['category'], a['type'], a['value'])
        want(value not in values, 'an attribute twice', a)
        values.add(value)
    n = len(e['Attribute'])
    for o in e['Object']:
        keys('object', o)
        want(o['uuid'] not in seen, 'an object twice', o)
        seen.add(o['uuid'])
        uuid, version, category, parts, needed = OBJECTS[o['name']]
        want((o['template_uuid'], o['template_version'], o['meta-category']) == (uuid, version, category), 'template', o)
        for a in o['Attribute']:
            attribute(a, seen)
            want(parts.get(a['object_relation']) == a['type'], 'no such part', a)
        want(needed <= {a['object_relation'] for a in o['Attribute']}, 'a part is missing', o)
        n += len(o['Attribute'])
    want(str(n) == e['attribute_count'], 'attribute_count', n)
    return e


def check_feed(folder):
    manifest = json.loads((folder / 'manifest.json').read_text())
    want({p.name for p in folder.iterdir()} == {'manifest.json', 'hashes.csv'} | {u + '.json' for u in manifest},
         'files', sorted(p.name for p in folder.iterdir()))
    hashes = set()
    for uuid, told in manifest.items():
        raw = (folder / f'{uuid}.json').read_bytes()
        e = check_event(json.loads(raw)['Event'])
        want(told.pop('integrity:sha256') == hashlib.sha256(raw).hexdigest(), 'integrity', uuid)
        want(told == {k: e[k] for k in told} and {'info', 'Orgc', 'timestamp', 'date', 'Tag'} <= set(told), 'told', told)
        want(e['uuid'] == uuid and e['published'] and e['publish_timestamp'] != '0', 'published', uuid)
        values = [a['value'] for a in e['Attribute'] + [a for o in e['Object'] for a in o['Attribute']]]
        hashes |= {f'{hashlib.md5(v.encode()).hexdigest()},{uuid}' for v in values}
    want(set((folder / 'hashes.csv').read_text().split()) == hashes, 'hashes.csv', [])


def main():
    path = pathlib.Path(sys.argv[1])
    if path.is_dir():
        check_feed(path)
    else:
        check_event(json.loads(path.read_text())['Event'])


main()
