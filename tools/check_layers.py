#!/usr/bin/env python3
"""Checks the shape of the source tree: layers, who opens files, sizes, forgotten tests.

Prints TAP. Each rule is one test; what breaks it follows as a comment.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / 'src'

# A folder includes itself and folders of a lower layer, never one beside it.
LAYER = {
    'base': 0,
    'os': 1,
    'model': 2,
    'codec': 3, 'match': 3,
    'dossier': 4, 'store': 4, 'output': 4,
    'scan': 5, 'watch': 5, 'exposure': 5, 'report': 5, 'serve': 5, 'fleet': 5,
    'cli': 6,
}
MAX_FILE_LINES = 900
MAX_FUNCTION_LINES = 60
# Reviewed exceptions: 'folder/file.c:function': 'reason'.
LONG_FUNCTIONS = {}
OPENERS = re.compile(r'(?<![\w.>])(open|openat|openat2|creat|fopen|freopen|fdopen)\s*\(')
# A definition starts in column 0 and its braces stand there, too (clang-format sees to it).
SIGNATURE = re.compile(r'^[A-Za-z_].*?\b(\w+)\s*\(')


def sources(folder, *patterns):
    return sorted(p for pattern in patterns for p in folder.rglob(pattern))


def name(path):
    return str(path.relative_to(ROOT))


def code_only(text):
    """The text without comments and string contents; line breaks stay."""
    def blank(match):
        found = match.group(0)
        return '""' if found[0] == '"' else re.sub(r'[^\n]', ' ', found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def wrong_includes():
    for path in sources(SRC, '*.c', '*.h'):
        own = path.relative_to(SRC).parts[0]
        if own not in LAYER:
            yield f'{name(path)}: folder "{own}" has no layer in tools/check_layers.py'
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            folder = target.split('/')[0]
            if folder not in LAYER or '/' not in target:
                yield f'{name(path)}:{number}: "{target}" does not start at src/'
            elif folder != own and LAYER[folder] >= LAYER[own]:
                yield f'{name(path)}:{number}: {own} may not include {target}'


def raw_opens():
    for path in sources(SRC, '*.c', '*.h'):
        if path.relative_to(SRC).parts[0] == 'os':
            continue
        for number, line in enumerate(code_only(path.read_text()).splitlines(), 1):
            match = OPENERS.search(line)
            if match:
                yield f'{name(path)}:{number}: {match.group(1)}() belongs into src/os'


def long_files():
    for path in sources(SRC, '*.c', '*.h') + sources(ROOT / 'tests', '*.c', '*.h'):
        lines = len(path.read_text().splitlines())
        if lines > MAX_FILE_LINES:
            yield f'{name(path)}: {lines} lines, at most {MAX_FILE_LINES}'


def functions(text):
    """(name, first line, number of lines) of every definition."""
    lines = code_only(text).splitlines()
    signature = None
    for at, line in enumerate(lines):
        match = SIGNATURE.match(line)
        if match and not line.startswith(('typedef', 'struct {', 'enum {')):
            signature = match.group(1)
        if line != '{' or signature is None:
            continue
        end = next((i for i in range(at, len(lines)) if lines[i].startswith('}')), at)
        yield signature, at + 1, end - at + 1
        signature = None


def long_functions():
    for path in sources(SRC, '*.c', '*.h'):
        for function, line, length in functions(path.read_text()):
            key = f'{path.relative_to(SRC)}:{function}'
            if length > MAX_FUNCTION_LINES and key not in LONG_FUNCTIONS:
                yield f'{name(path)}:{line}: {function} has {length} lines, at most {MAX_FUNCTION_LINES}'


def unlisted_tests():
    for folder, pattern in (('unit', 'test_*.c'), ('fuzz', 'fuzz_*.c'), ('cli', '*.sh')):
        listed = ROOT / 'tests' / folder / 'meson.build'
        text = listed.read_text() if listed.exists() else ''
        for path in sources(ROOT / 'tests' / folder, pattern):
            if f"'{path.stem}'" not in text:
                yield f"{name(path)}: '{path.stem}' is not listed in tests/{folder}/meson.build"


RULES = [
    ('a folder includes only itself and lower layers', wrong_includes),
    ('only src/os opens files', raw_opens),
    (f'no file has more than {MAX_FILE_LINES} lines', long_files),
    (f'no function has more than {MAX_FUNCTION_LINES} lines', long_functions),
    ('every test is listed', unlisted_tests),
]


def main():
    print(f'1..{len(RULES)}')
    failed = 0
    for number, (what, rule) in enumerate(RULES, 1):
        broken = list(rule())
        failed += bool(broken)
        print(f'{"not ok" if broken else "ok"} {number} - {what}')
        for line in broken:
            print(f'# {line}')
    sys.exit(bool(failed))


main()
