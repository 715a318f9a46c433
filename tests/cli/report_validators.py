#!/usr/bin/env python3
"""Exports against the validators of those who made the formats: OASIS' stix2-validator, PyMISP's schemas,
list of types and templates of objects. Prints TAP.

usage: report_validators.py TOCSIN PRINT_REPORT

They are in the environment that script/lib.sh makes beside the program (tests/validators/); without it all is
skipped. Nothing may be asked of the network while they run.
"""
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOCSIN, PRINT_REPORT = (os.path.abspath(a) for a in sys.argv[1:3])
PYTHON = pathlib.Path(TOCSIN).parent / 'validators' / 'bin' / 'python'
if not (PYTHON.parent.parent / 'complete').exists():
    print('1..0 # SKIP no validators of STIX and MISP: script/lib.sh gets them from PyPI')
    sys.exit(0)
if pathlib.Path(sys.prefix).resolve() != PYTHON.parent.parent.resolve():
    os.execv(PYTHON, [str(PYTHON), '-I', *sys.argv])

ASKED = []


def guard(event, args):
    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname', 'socket.sendto', 'socket.sendmsg'):
        ASKED.append(f'{event} {args[1:]}')
        raise OSError('no network while validating')


sys.addaudithook(guard)
import jsonschema  # noqa: E402
import stix2validator  # noqa: E402

MISP = pathlib.Path(importlib.util.find_spec('pymisp').origin).parent / 'data'
# What the validator only recommends, and why it is not done: identifiers are of version 5, so that the same
# case gives the same (103); logs do not tell the client's port (301); pages of ATT&CK and threads have no hash
# (302); what a value is known for may be nobody's to tell (303).
RECOMMENDED = {'103', '301', '302', '303'}
# Keys of the core format that PyMISP's strict schema, older than they are, does not know.
LATER = {'Object', 'extends_uuid', 'Sighting', 'first_seen', 'last_seen'}
count, failed = 0, 0


def ok(what, faults):
    global count, failed
    count += 1
    failed += bool(faults)
    print(f'{"not ok" if faults else "ok"} {count} - {what}')
    for fault in faults[:10]:
        print('#', str(fault)[:300])


def run(*command):
    return subprocess.run(command, capture_output=True, check=False).stdout


# --- STIX ---

def stix_faults(text):
    options = stix2validator.ValidationOptions(version='2.1')
    result = stix2validator.validate_string(text.decode(), options)
    results = getattr(result, 'object_results', None) or [result]
    faults = [str(e) for r in [result, *results] for e in getattr(r, 'errors', None) or []]
    for r in results:
        for warning in getattr(r, 'warnings', None) or []:
            code = re.search(r'\{(\d+)\}', str(warning))
            if not code or code[1] not in RECOMMENDED:
                faults.append(str(warning))
    return faults or ([] if result.is_valid else ['not valid'])


# --- MISP ---

def schema_faults(name, document):
    schema = json.loads((MISP / name).read_text())
    faults = []
    for e in jsonschema.validators.validator_for(schema)(schema).iter_errors(document):
        unknown = set(e.instance) - set(e.schema.get('properties', {})) if e.validator == 'additionalProperties' else None
        if not unknown or unknown - LATER:
            faults.append(f'{name}: {list(e.path)}: {e.message[:200]}')
    return faults


def template_faults(o):
    path = MISP / 'misp-objects' / 'objects' / o['name'] / 'definition.json'
    if not path.exists():
        return [f'no template {o["name"]}']
    t = json.loads(path.read_text())
    faults = []
    if o['template_uuid'] != t['uuid'] or o['meta-category'] != t['meta-category'] or int(o['template_version']) > t['version']:
        faults.append(f'{o["name"]}: not of its template')
    for a in o['Attribute']:
        part = t['attributes'].get(a['object_relation'])
        if not part or part['misp-attribute'] != a['type']:
            faults.append(f'{o["name"]}: {a["object_relation"]} is no {a["type"]}')
    parts = {a['object_relation'] for a in o['Attribute']}
    if set(t.get('required', [])) - parts or not parts & set(t.get('requiredOneOf') or parts):
        faults.append(f'{o["name"]}: a part is missing')
    return faults


def misp_faults(text):
    document = json.loads(text)
    types = json.loads((MISP / 'describeTypes.json').read_text())['result']['category_type_mappings']
    faults = schema_faults('schema.json', document) + schema_faults('schema-lax.json', document)
    objects = document['Event']['Object']
    for a in document['Event']['Attribute'] + [a for o in objects for a in o['Attribute']]:
        if a['type'] not in types.get(a['category'], []):
            faults.append(f'{a["category"]} has no {a["type"]}')
    return faults + [f for o in objects for f in template_faults(o)]


# --- what is validated ---

def marked_case(folder):
    """A list whose indicators have marks of their own, found in a log."""
    tags = ('green', 'amber', 'amber+strict', 'red')
    event = {'Event': {'info': 'a list', 'Attribute': [
        {'type': 'ip-dst', 'value': f'198.51.100.{21 + i}', 'to_ids': True, 'Tag': [{'name': f'tlp:{tag}'}]}
        for i, tag in enumerate(tags)]}}
    rows = ['#Fields: date time s-ip cs-method cs-uri-stem s-port cs-username c-ip cs(User-Agent) sc-status']
    rows += [f'2021-03-03 04:0{i}:01 10.0.0.5 GET /owa/ 443 - 198.51.100.{21 + i} Mozilla/5.0 200' for i in range(5)]
    (folder / 'list.json').write_text(json.dumps(event))
    (folder / 'u_ex210303.log').write_text('\n'.join(rows) + '\n')
    run(TOCSIN, 'scan', '--no-dossiers', '--indicators', folder / 'list.json', '--case', folder / 'marked',
        folder / 'u_ex210303.log')
    return folder / 'marked'


def exports(folder):
    """(what, STIX, MISP)"""
    for how in ('', 'victim-data', 'hostile', 'empty'):
        yield (how or 'veiled', *(run(PRINT_REPORT, f, *[how] * bool(how)) for f in ('stix', 'misp')))
    run(TOCSIN, 'scan', '--case', folder / 'case', 'examples')
    run(TOCSIN, 'exposure', '--case', folder / 'case', 'examples')
    for case, *more in ((folder / 'case',), (folder / 'case', '--with-victim-data'), (marked_case(folder),),
                        (folder / 'marked', '--tlp', 'red'), (folder / 'marked', '--tlp', 'clear')):
        what = ' '.join(['examples' if case.name == 'case' else 'marked', *more])
        yield (what, *(run(TOCSIN, 'report', '--quiet', '--case', case, '--format', f, *more) for f in ('stix', 'misp')))


def broken(text, change):
    document = json.loads(text)
    change(document)
    return json.dumps(document).encode()


def break_pattern(bundle):
    next(o for o in bundle['objects'] if o.get('pattern_type') == 'stix')['pattern'] = '[ipv4-addr:value = ]'


def break_time(bundle):
    next(o for o in bundle['objects'] if o['type'] == 'sighting')['first_seen'] = 'yesterday'


def value_no_text(event):
    event['Event']['Attribute'][0]['value'] = 7


def other_type(event):
    event['Event']['Attribute'][0]['type'] = 'ip-src'
    event['Event']['Attribute'][0]['category'] = 'Financial fraud'


def main():
    with tempfile.TemporaryDirectory() as name:
        for what, stix, misp in exports(pathlib.Path(name)):
            ok(f'{what}: OASIS\' validator finds nothing wrong', stix_faults(stix) if stix else ['nothing was written'])
            ok(f'{what}: PyMISP\'s schemas, types and templates', misp_faults(misp) if misp else ['nothing was written'])
    # The validators do look.
    for change in (break_pattern, break_time):
        ok(f'refused: {change.__name__}', [] if stix_faults(broken(stix, change)) else ['passed'])
    for change in (value_no_text, other_type):
        ok(f'refused: {change.__name__}', [] if misp_faults(broken(misp, change)) else ['passed'])
    ok('nothing was asked of the network', ASKED)
    print(f'1..{count}')
    sys.exit(failed > 0)


main()
