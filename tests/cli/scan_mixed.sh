#!/bin/sh
# Files that were supplied twice, that hold rows of several hosts or logs, or from which rows were
# taken out.
exec python3 tests/golden/mixed.py "$1"
