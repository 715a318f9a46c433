#!/bin/sh
# Long lists of addresses, looked up without parsing rows.
exec python3 tests/golden/clients.py "$1"
