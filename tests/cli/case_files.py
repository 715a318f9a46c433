"""What the tests of a case's file share: TAP, files of layout 1, all that a file holds."""
import hashlib
import os
import signal
import sqlite3
import struct
import subprocess
import sys

SAMPLE = 'tests/golden/case_layout_1.sql'
done = 0
failed = 0


def ok(what, good, why=''):
    global done, failed
    done += 1
    failed += not good
    print(f'{"" if good else "not "}ok {done} - {what}', flush=True)
    if not good:
        print(f'# {str(why)[:2000]}')


def end():
    print(f'1..{done}')
    sys.exit(failed != 0)


def run(*words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)


def drop(path):
    for name in (path, path + '-wal', path + '-shm', path + '-journal'):
        if os.path.exists(name):
            os.unlink(name)


def sql(path, statement):
    """One connection: what is not committed in the log beside the file is not seen."""
    c = sqlite3.connect(path)
    try:
        return c.execute(statement).fetchall()
    finally:
        c.close()


def holds(path, tables):
    """All rows as they are stored."""
    c = sqlite3.connect(path)
    c.text_factory = bytes
    try:
        rows = []
        for table in tables:
            names = [name.decode() for _, name, *_ in c.execute(f'PRAGMA table_info({table})')]
            wanted = ', '.join(f'typeof({n}), {n}' for n in names)
            rows.append((table, c.execute(f'SELECT {wanted} FROM {table} ORDER BY 2, 4').fetchall()))
        return rows
    finally:
        c.close()


def sample(path):
    """A case as the program wrote it when its layout was 1."""
    drop(path)
    c = sqlite3.connect(path)
    with open(SAMPLE, encoding='utf-8') as f:
        c.executescript(f.read())
    c.close()


def many(path, n):
    """A case of layout 1 with n findings, its chain as docs/internals/STORE.md has it."""
    sample(path)
    c = sqlite3.connect(path)
    for table in ('item', 'version', 'seen'):
        c.execute(f'DELETE FROM {table}')
    c.execute('DELETE FROM run WHERE number > 1')
    chain = bytes(32)
    for i in range(1, n + 1):
        finding = f'"id":"{i:064x}","host":"EX{i % 9}","rule":"r{i % 5}","title":"t","grade":"probe"'
        body = f'{{"type":"finding",{finding},"evidence":"{"-" * 600}"}}'
        key = hashlib.sha256(f'{i:064x}\n'.encode()).digest()[:16]
        sense = sense_of(body)
        head = chain + struct.pack('<QQ', i, 1) + struct.pack('<I', 7) + b'finding' + struct.pack('<I', 16) + key
        chain = hashlib.sha256(head + b'\1' + body.encode()).digest()
        c.execute("INSERT INTO item VALUES(?, 'finding', ?, ?, NULL, NULL, NULL, ?, 1, ?)", (i, key, f'EX{i % 9}', sense, i))
        c.execute('INSERT INTO version VALUES(?, ?, 1, ?, ?)', (i, i, body, chain))
    c.execute('UPDATE run SET last = ?, chain = ?', (n, chain))
    c.commit()
    c.close()


def sense_of(body):
    """Names and texts as they are written."""
    h = hashlib.sha256()
    for member in body[1:-1].split(',"'):
        name, value = member.lstrip('"').split('":', 1)
        h.update(f'{name}:{value[1:-1]}'.encode())
    return h.digest()[:16]


def kill_after(seconds, *words):
    """True if it was running then; else its exit status."""
    p = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         start_new_session=True)
    try:
        return False, p.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    status = p.wait()
    return status == -signal.SIGKILL, status
