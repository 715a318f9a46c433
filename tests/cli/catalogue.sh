#!/bin/sh
# The shipped catalogue holds all rows of the tables it was made from.
exec python3 tests/golden/catalogue.py "${TOCSIN_SHARED:-../shared}"
