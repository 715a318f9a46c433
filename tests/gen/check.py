#!/usr/bin/env python3
"""Check what case.py wrote: columns, order of times, hours covered, addresses, planted lines, size.

    python3 tests/gen/check.py DIR [TRUTH.json]
"""
import csv
import datetime as dt
import gzip
import io
import ipaddress
import json
import os
import re
import sys

from formats import KINDS, utc

ALLOWED = [ipaddress.ip_network(n) for n in (
    "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "10.0.0.0/8", "172.16.0.0/12",
    "192.168.0.0/16", "127.0.0.0/8")]
# An address stands alone: not part of a version such as Chrome/88.0.4324.150 or PSVersion=5.1.14393.4225.
ADDRESS = re.compile(r"(?<![\w.=/~-])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])")
ADDRESS6 = re.compile(r"(?<![\w:./-])(2[0-9a-f]{3}:[0-9a-f:]+)(?![\w:])")
NAME = re.compile(r"(?<![\w.])([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|example|local|test|info|io))(?![\w.-])", re.I)
NAMES_OK = re.compile(r"(^|\.)(example\.com|contoso\.example)$|^nmap\.org$", re.I)
problems = []


def problem(where, text):
    problems.append("%s: %s" % (where, text))


def read_lines(path):
    with open(path, "rb") as f:
        data = f.read()
    if path.endswith(".gz"):
        data = gzip.decompress(data)
    text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("utf-8")
    eol = "\n" if "/apache2/" in path else "\r\n"
    if not text.endswith(eol):
        problem(path, "does not end in its line end")
    lines = text.split(eol)[:-1]
    if any("\n" in line or "\r" in line for line in lines):
        problem(path, "a line end inside a line")
    return lines, text


def check_invented(path, text):
    """Only addresses and names that are kept for documentation, or private ones."""
    text = re.sub(r"(?m)^#Version: .*$", "", text)
    for found in set(ADDRESS.findall(text)):
        try:
            address = ipaddress.ip_address(found)
        except ValueError:
            continue
        if not any(address in net for net in ALLOWED):
            problem(path, "address %s" % found)
    for found in set(ADDRESS6.findall(text)):
        if not found.startswith("2001:db8:"):
            problem(path, "address %s" % found)
    for name in set(NAME.findall(text.replace("%40", "@").replace("%2f", "/"))):
        if not NAMES_OK.search(name):
            problem(path, "name %s" % name)


def row_time(kind, columns, line, path, number):
    if kind == "apache":
        stamp = re.search(r"\[([^]]+) \+0000\]", line).group(1)
        return dt.datetime.strptime(stamp, "%d/%b/%Y:%H:%M:%S").replace(tzinfo=dt.timezone.utc)
    if kind in ("iis-frontend", "iis-backend", "httperr"):
        cells = line.split()
        if len(cells) != len(columns):
            problem("%s:%d" % (path, number), "%d cells for %d fields" % (len(cells), len(columns)))
        return utc(cells[0] + " " + cells[1])
    cells = next(csv.reader(io.StringIO(line)))
    if len(cells) != len(columns):
        problem("%s:%d" % (path, number), "%d cells for %d columns" % (len(cells), len(columns)))
    return utc(cells[0])


def check_file(path, kind, hours, ids):
    columns, last, rows = None, None, 0
    lines, text = read_lines(path)
    check_invented(path, text)
    for number, line in enumerate(lines, 1):
        if line.startswith("#Fields: "):
            columns = line[9:].split() if kind.startswith("iis") or kind == "httperr" else line[9:].split(",")
            continue
        if line.startswith("#") or line.startswith("DateTime,"):
            continue
        try:
            t = row_time(kind, columns, line, path, number)
        except (ValueError, AttributeError, IndexError):
            problem("%s:%d" % (path, number), "no time")
            continue
        if last and t < last:
            problem("%s:%d" % (path, number), "time goes backwards")
        last, rows = t, rows + 1
        hours.add(t.replace(minute=0, second=0, microsecond=0))
        found = re.search(r"cafeReqId=([0-9a-f-]{36})", line) if kind == "iis-frontend" else None
        if found:
            ids.setdefault("iis", set()).add(found.group(1))
        elif kind.startswith("httpproxy-"):
            ids.setdefault("proxy", set()).add(line.split(",")[1])
    return last, rows


def check_host(top, root, name, facts):
    base = os.path.join(root, name)
    ids = {}
    for kind in facts["kinds"]:
        folder = os.path.join(base, KINDS[kind].folder)
        hours, total, last = set(), 0, None
        for file in sorted(os.listdir(folder)):
            path = os.path.join(folder, file)
            end, rows = check_file(path, kind, hours, ids)
            total += rows
            if last and end and end < last:
                problem(path, "older than the file before it")
            last = end
        if total != facts["kinds"][kind]["records"]:
            problem(folder, "%d records, truth says %d" % (total, facts["kinds"][kind]["records"]))
        if kind in facts["hourly"] and not facts["dropped_files"]:
            check_hours(folder, kind, hours, facts)
    if not facts["gaps"] and not facts["dropped_files"] and "proxy" in ids and facts["scenario"] not in ("deletion",):
        share = len(ids["iis"] & ids["proxy"]) / len(ids["iis"])
        if share < 1.0:
            problem(base, "only %.3f of the IIS request ids are in HttpProxy" % share)
    for plant in facts["planted"]:
        lines, _ = read_lines(os.path.join(top, plant["file"]))
        line = lines[plant["line"] - 1]
        want = plant["time"][:19]
        if want not in line and want.replace("T", " ") not in line and utc(want).strftime("%d/%b/%Y:%H:%M:%S") not in line:
            problem(plant["file"], "line %d is not the planted one of %s" % (plant["line"], want))


def check_hours(folder, kind, hours, facts):
    start, end = (utc(t) for t in facts["period"])
    t = start.replace(minute=0, second=0, microsecond=0)
    while t < end:
        silent = any((kind == k or (k.endswith("*") and kind.startswith(k[:-1]))) and utc(a) <= t < utc(b)
                     for k, spans in facts["gaps"].items() for a, b in spans)
        if not silent and t not in hours:
            problem(folder, "no row in the hour of %s" % t)
            return
        if silent and t in hours:
            problem(folder, "a row in the declared gap at %s" % t)
            return
        t += dt.timedelta(hours=1)


def main():
    root = sys.argv[1].rstrip("/")
    with open(sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, "TRUTH.json"), encoding="utf-8") as f:
        truth = json.load(f)
    rows = planted = 0
    for key, facts in truth.items():
        folder, _, host = key.rpartition("/")
        check_host(root, os.path.join(root, folder) if folder else root, host, facts)
        rows += sum(k["records"] for k in facts["kinds"].values())
        planted += len(facts["planted"])
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(root) for f in files)
    files = sum(len(f) for _, _, f in os.walk(root))
    for text in problems[:40]:
        print(text)
    print("%d hosts, %d files, %d bytes, %d rows, %d planted, %d problems" % (
        len(truth), files, size, rows, planted, len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
