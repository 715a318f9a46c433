# shellcheck shell=sh
# TAP for shell tests; meant to be sourced. A script sets tocsin=$1, checks, and ends with tap_done.
tap_n=0
tap_failed=0
tap_work=$(mktemp -d)
trap 'rm -rf "$tap_work"' EXIT
export XDG_CACHE_HOME="$tap_work/.cache" # not the user's own

# ok WHAT COMMAND...: the command must succeed
ok() {
    tap_what=$1
    shift
    tap_n=$((tap_n + 1))
    if "$@" >"$tap_work/.tap" 2>&1; then
        echo "ok $tap_n - $tap_what"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_n - $tap_what"
        sed 's/^/# /' "$tap_work/.tap"
        echo "# failed: $*"
    fi
}

skip() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1 # SKIP $2"
}

# run COMMAND...: leaves $status, and the output in the files out and err of $tap_work
run() {
    status=0
    "$@" >"$tap_work/out" 2>"$tap_work/err" </dev/null || status=$?
}

# The last run ended with that status; on surprise, shows what it printed.
status_is() {
    [ "$status" -eq "$1" ] && return 0
    echo "status $status, wanted $1"
    cat "$tap_work/out" "$tap_work/err"
    return 1
}
out_has() { grep -F -q -e "$1" "$tap_work/out" || { cat "$tap_work/out"; return 1; }; }
err_has() { grep -F -q -e "$1" "$tap_work/err" || { cat "$tap_work/err"; return 1; }; }
out_empty() { [ ! -s "$tap_work/out" ] || { cat "$tap_work/out"; return 1; }; }
err_empty() { [ ! -s "$tap_work/err" ] || { cat "$tap_work/err"; return 1; }; }

tap_done() {
    echo "1..$tap_n"
    [ "$tap_failed" -eq 0 ]
}
