#!/bin/sh
# What scan concludes of the scenarios that are made for tests only.
exec python3 tests/golden/truth.py "$1" scenarios
