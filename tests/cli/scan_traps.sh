#!/bin/sh
# Oddities of real IIS and Exchange logs hide no attack.
exec python3 tests/golden/traps.py "$1"
