#!/bin/sh
# exposure --live against servers that the test starts on loopback; tests/cli/exposure_live.py has them.
exec python3 tests/cli/exposure_live.py "$1"
