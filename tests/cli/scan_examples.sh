#!/bin/sh
# What scan concludes of examples/, and that order, workers, packing and encoding change nothing.
exec python3 tests/golden/truth.py "$1" examples copies
