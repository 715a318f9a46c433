#!/usr/bin/env python3
"""The tutorial tells the truth: its commands run, and every line that it quotes is printed. Prints TAP.

usage: tutorial.py TOCSIN

A block that starts with "$ " is a session: commands, and below each some lines of what it prints, whole
or in part; "..." stands for the rest. Blocks without "$ " are not run.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

TOCSIN = os.path.abspath(sys.argv[1])
PAGE = pathlib.Path('docs/tutorial/the-first-day-of-a-case.md')


def sessions(text):
    """(command, quoted lines) of all blocks, in order."""
    for block in text.split('```')[1::2]:
        lines = block.strip('\n').split('\n')
        if not lines[0].startswith('$ '):
            continue
        command, quoted = None, []
        for line in lines:
            if line.startswith('$ '):
                if command:
                    yield command, quoted
                command, quoted = line[2:], []
            elif line != '...':
                quoted.append(line)
        yield command, quoted


def main():
    failed, count = 0, 0
    with tempfile.TemporaryDirectory() as work:
        os.symlink(os.path.abspath('examples'), f'{work}/examples')
        env = dict(os.environ, PATH=f'{os.path.dirname(TOCSIN)}:{os.environ["PATH"]}', HOME=work, XDG_CONFIG_HOME=work)
        for command, quoted in sessions(PAGE.read_text()):
            run = subprocess.run(command, shell=True, cwd=work, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            missing = [line for line in quoted if line not in run.stdout]
            good = run.returncode in (0, 1, 3) and not missing
            count, failed = count + 1, failed + (not good)
            print(f'{"ok" if good else "not ok"} {count} - {command}')
            for line in missing:
                print(f'# not printed: {line}')
            if run.returncode not in (0, 1, 3):
                print(f'# status {run.returncode}: {run.stderr[:300]}')
    print(f'{"ok" if count >= 9 else "not ok"} {count + 1} - the page holds sessions')
    print(f'1..{count + 1}')
    return failed > 0 or count < 9


sys.exit(main())
