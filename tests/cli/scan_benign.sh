#!/bin/sh
# False positives: real, ordinary logs that lie beside a checkout raise no alarm.
tocsin=$1
. "$(dirname "$0")/../tap.sh"
shared=${TOCSIN_SHARED:-$(dirname "$0")/../../../shared}

# worst FOLDER: the highest grade of any finding, as a number: 0 weak ... 4 compromise; -1 none
worst() {
    "$tocsin" scan --json -q "$1" 2>/dev/null | python3 -c '
import json, sys
grades = ["weak", "probe", "attempt", "progressed", "compromise"]
rows = [json.loads(line) for line in sys.stdin]
assert any(r["type"] == "summary" and r["records"] > 0 for r in rows), "nothing was read"
print(max((grades.index(r["grade"]) for r in rows if r["type"] == "finding"), default=-1))'
}

at_most() { # GRADE FOLDER
    got=$(worst "$2") && echo "worst grade $got" && [ "$got" -le "$1" ]
}

check() { # WHAT GRADE FOLDER
    if [ -e "$shared/$3" ]; then
        ok "$1" at_most "$2" "$shared/$3"
    else
        skip "$1" 'no shared data beside the checkout'
    fi
}

check 'real Exchange logs of sixteen kinds: nothing above a probe' 1 data/exchange/artefacts_help
check 'Exchange-like IIS logs: nothing above a probe' 1 data/exchange/plaso_iis
check '5,000 rows of ordinary Apache traffic: nothing above an attempt' 2 \
    data/weblogs/elastic_apache_logs_first_half.log.gz
check 'samples of other web servers: nothing above an attempt' 2 data/weblogs/filebeat
tap_done
