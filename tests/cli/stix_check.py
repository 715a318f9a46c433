#!/usr/bin/env python3
"""Checks a bundle against what STIX 2.1 says of it; the first thing that is wrong fails.

usage: stix_check.py BUNDLE [TYPE=N ...]     TYPE=N: so many objects of that type, no more
"""
import json
import re
import sys

UUID5 = r'[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z')
COMMON = set('type spec_version id created_by_ref created modified labels external_references extensions '
             'object_marking_refs'.split())
# Properties beside the common ones; those with a star are required.
OBJECTS = {
    'identity': '*name description roles identity_class sectors contact_information',
    'extension-definition': '*name description *schema *version *extension_types extension_properties',
    'infrastructure': '*name description infrastructure_types aliases kill_chain_phases first_seen last_seen',
    'vulnerability': '*name description',
    'relationship': '*relationship_type description *source_ref *target_ref start_time stop_time',
    'sighting': 'description first_seen last_seen count *sighting_of_ref observed_data_refs where_sighted_refs summary',
    'note': 'abstract *content authors *object_refs',
    'report': '*name description report_types *published *object_refs',
    'grouping': 'name description *context *object_refs',
    'observed-data': '*first_observed *last_observed *number_observed object_refs',
    'attack-pattern': '*name description aliases kill_chain_phases',
    'intrusion-set': '*name description aliases first_seen last_seen goals resource_level primary_motivation',
    'malware': '*is_family name description malware_types aliases',
    'indicator': 'name description indicator_types *pattern *pattern_type pattern_version *valid_from valid_until',
    'course-of-action': '*name description',
    'location': 'name description latitude longitude region country',
}
OBSERVABLES = {
    'software': '*name cpe swid languages vendor version',
    'ipv4-addr': '*value', 'ipv6-addr': '*value', 'domain-name': '*value', 'url': '*value',
    'email-addr': '*value', 'mac-addr': '*value', 'file': 'hashes name size', 'autonomous-system': '*number name',
    'windows-registry-key': 'key values', 'user-account': 'user_id account_login account_type display_name',
    'network-traffic': 'src_ref dst_ref src_port dst_port *protocols start end is_active',
}
# What the specification lists of these (4, "Relationships"); related-to joins anything.
RELATIONS = {('infrastructure', 'has'): {'vulnerability'}, ('infrastructure', 'consists-of'): set(OBSERVABLES),
             ('indicator', 'indicates'): {'attack-pattern', 'intrusion-set', 'malware'},
             ('intrusion-set', 'targets'): {'identity', 'location', 'vulnerability'},
             ('intrusion-set', 'uses'): {'attack-pattern', 'malware', 'infrastructure'},
             ('course-of-action', 'mitigates'): {'attack-pattern', 'vulnerability', 'malware'}}
# TLP 2.0, as OASIS publishes it.
TLP_EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'
TLP = {'clear': '94868c89-83c2-464b-929b-a1a8aa3c8487', 'green': 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
       'amber': '55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber+strict': '939a9414-2ddd-4d32-a0cd-375ea402b003',
       'red': 'e828b379-4e03-4974-9ac4-e53a884c97c1'}


def want(holds, what, of):
    if not holds:
        sys.exit(f'{what}: {json.dumps(of)[:400]}')


def values_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for v in value:
            yield v
            yield from values_of(v)


def refs_of(o):
    for key, value in o.items():
        if key.endswith('_ref'):
            yield value
        elif key.endswith('_refs'):
            yield from value


def check_marking(o):
    level = o['extensions'][TLP_EXTENSION]['tlp_2_0']
    wanted = {'type': 'marking-definition', 'spec_version': '2.1', 'id': 'marking-definition--' + TLP[level],
              'created': '2022-10-01T00:00:00.000Z', 'name': 'TLP:' + level.upper(),
              'extensions': {TLP_EXTENSION: {'extension_type': 'property-extension', 'tlp_2_0': level}}}
    want(o == wanted, 'a marking of nobody', o)


def check_object(o):
    if o['type'] == 'marking-definition':
        check_marking(o)
        return
    sdo = o['type'] in OBJECTS
    table = OBJECTS if sdo else OBSERVABLES
    want(o['type'] in table, 'no such type', o)
    words = table[o['type']].split()
    required = {w[1:] for w in words if w[0] == '*'} | {'type', 'id', 'spec_version'}
    required |= {'created', 'modified'} if sdo else set()
    known = {w.strip('*') for w in words}
    known |= COMMON if sdo else {'type', 'spec_version', 'id', 'extensions', 'object_marking_refs'}
    want(required <= set(o), f'lacks {required - set(o)}', o)
    want(set(o) <= known, f'unknown: {set(o) - known}', o)
    want(o['spec_version'] == '2.1', 'version', o)
    want(re.fullmatch(o['type'] + '--' + UUID5, o['id']), 'id', o)
    want(not any(v is None or v in ('', [], {}) for v in values_of(o)), 'an empty value', o)
    times = [o[k] for k in ('created', 'modified', 'first_seen', 'last_seen', 'start_time', 'stop_time',
                            'published', 'first_observed', 'last_observed', 'valid_from', 'valid_until') if k in o]
    want(all(TIME.fullmatch(t) for t in times), 'a time', o)
    for a, b in (('created', 'modified'), ('first_seen', 'last_seen'), ('first_observed', 'last_observed')):
        want(a not in o or b not in o or o[a] <= o[b], f'{a} behind {b}', o)
    want('valid_until' not in o or o['valid_from'] < o['valid_until'], 'valid', o)
    want(o['type'] != 'location' or 'region' in o or 'country' in o, 'a place that is nowhere', o)
    want(o['type'] != 'network-traffic' or 'src_ref' in o or 'dst_ref' in o, 'traffic of nobody', o)
    want('start_time' not in o or 'stop_time' not in o or o['start_time'] < o['stop_time'], 'start, stop', o)


def check_references(o, by_id):
    for ref in refs_of(o):
        want(ref in by_id, f'{ref} is not in the bundle', o)
    for key in o.get('extensions', {}):
        if key in (TLP_EXTENSION, 'http-request-ext'):
            continue
        want(by_id.get(key, {}).get('type') == 'extension-definition', 'an extension of nobody', o)
    if o['type'] == 'relationship':
        source, target = by_id[o['source_ref']]['type'], by_id[o['target_ref']]['type']
        want(o['relationship_type'] == 'related-to' or target in RELATIONS.get((source, o['relationship_type']), ()), 'no such relationship', o)


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        bundle = json.load(file)
    want(set(bundle) == {'type', 'id', 'objects'} and bundle['type'] == 'bundle', 'no bundle', list(bundle))
    want(re.fullmatch('bundle--' + UUID5, bundle['id']), 'id of the bundle', bundle['id'])
    by_id = {}
    for o in bundle['objects']:
        check_object(o)
        want(o['id'] not in by_id, 'twice', o)
        by_id[o['id']] = o
    for o in bundle['objects']:
        check_references(o, by_id)
    marked = [o for o in bundle['objects'] if o['type'] != 'marking-definition']
    if len(marked) < len(bundle['objects']):
        want(all(o.get('object_marking_refs') for o in marked), 'not all are marked', [])
    for type_, n in (a.split('=') for a in sys.argv[2:]):
        found = sum(o['type'] == type_ for o in bundle['objects'])
        want(found == int(n), f'{found} of {type_}, not {n}', {})


main()
