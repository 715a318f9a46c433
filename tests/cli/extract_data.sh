#!/bin/sh
# extract on public texts with known answers, which lie beside the tree if anywhere: prints precision
# and recall by kind, and holds them above a floor.
set -u
tocsin=$1
. tests/tap.sh
data=${TOCSIN_SHARED:-../shared}/data/cti

if [ ! -r "$data/txt2stix_extraction_types.tar.gz" ]; then
    skip 'extraction types' "no $data"
else
    mkdir "$tap_work/types"
    tar xzf "$data/txt2stix_extraction_types.tar.gz" -C "$tap_work/types"
    ok 'extraction types' python3 tests/cli/extract_score.py types "$tocsin" "$tap_work/types"
    sed 's/^/# /' "$tap_work/.tap"
fi
if [ ! -r "$data/cyner/train.txt" ]; then
    skip 'tagged reports' "no $data/cyner"
else
    ok 'tagged reports' python3 tests/cli/extract_score.py tagged "$tocsin" "$data/cyner"
    sed 's/^/# /' "$tap_work/.tap"
    ok 'names in tagged reports' python3 tests/cli/extract_score.py named "$tocsin" "$data/cyner"
    sed 's/^/# /' "$tap_work/.tap"
fi
tap_done
