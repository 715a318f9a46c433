#!/bin/sh
# Rules over real event logs; with the Python that Debian's packages are for.
exec /usr/bin/python3 "tests/interop/$1.py" "$2" "${TOCSIN_SHARED:-/nonexistent}/data"
