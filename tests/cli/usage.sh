#!/bin/sh
# Wrong command lines: status 2, a message that helps, nothing on standard output.
set -u
tocsin=$1
. tests/tap.sh

# wrong MESSAGE ARGUMENT...
wrong() {
    message=$1
    shift
    run "$tocsin" "$@"
    ok "'$*' is a usage error" status_is 2
    ok "'$*' prints nothing to standard output" out_empty
    ok "'$*' says: $message" err_has "$message"
}
wrong "did you mean 'scan'?" scna
wrong "unknown command 'xyzzy'" xyzzy
wrong "did you mean 'rules lint'?" rules lnt
wrong "did you mean 'rules lint'?" rule lint x
wrong "did you mean 'rules'?" rulse
wrong "did you mean 'rules'?" rulse x
wrong "did you mean 'rules lint'?" lint x
wrong "did you mean 'dossier list'?" list
wrong "needs one more word" rules
wrong "did you mean '--json'?" scan --jsn x
wrong "did you mean '--indicators'?" scan --indicator x
wrong "did you mean '--version'?" --versoin
wrong "did you mean 'fish'?" completion fisch
wrong "bash, zsh and fish are known" completion xyzzy
wrong "unknown option '-Z'" scan -Z x
wrong "unknown option '--no-sandbox'" scan --no-sandbox x
wrong "'--json' takes no value" scan --json=yes x
wrong "needs a value: --host NAME" scan x --host
wrong "an operand is missing; usage: tocsin scan" scan
wrong "too many operands" doctor x
wrong "'many' is no number from 1 to 64" scan -j many x
wrong "'0' is no number from 1 to 64" scan --jobs=0 x
wrong "'yesterday' is no time" scan --since yesterday x
wrong "exclude each other" scan --json --csv x
wrong "belong to --live" exposure --hosts x y
wrong "--hosts FILE" exposure --live
wrong "is no number from 1 to 600" exposure --live --hosts x --timeout 0
wrong "a pin is sha256//" exposure --live --hosts x --pin /etc/passwd
wrong "--since must be before --until" scan --since 2021-03-02 --until 2021-03-01 x
run "$tocsin"
ok 'no arguments at all: status 2' status_is 2
ok 'no arguments at all: the overview on standard error' err_has 'usage: tocsin COMMAND'

run "$tocsin" --version
ok '--version succeeds' status_is 0
ok '--version prints the version' test "$(cat "$tap_work/out")" = "tocsin $(cat VERSION)"
run "$tocsin" scan -- --absent
ok 'an operand behind -- is no option' err_has "'--absent'"
run "$tocsin" scan "$tap_work/absent"
ok 'a missing input is an input error' status_is 74
ok 'a missing input is named' err_has absent
ESC=$(printf '\033')
run "$tocsin" "sc${ESC}[31man"
ok 'control characters of an argument are not sent to the terminal' sh -c "! grep -q '$ESC' '$tap_work/err'"
run "$tocsin" --help
ok 'no colours without a terminal' sh -c "! grep -q '$ESC' '$tap_work/out'"

# on_terminal COMMAND: is there colour when the output is a terminal?
on_terminal() {
    TERM=xterm script -q -e -c "$1" /dev/null </dev/null | grep -q "$ESC"
}
if command -v script >/dev/null && script -q -e -c true /dev/null </dev/null >/dev/null 2>&1; then
    ok 'colours on a terminal' on_terminal "env -u NO_COLOR '$tocsin' --help"
    ok 'NO_COLOR is honoured' sh -c "! TERM=xterm script -q -e -c \"NO_COLOR=1 '$tocsin' --help\" /dev/null </dev/null | grep -q '$ESC'"
    ok '--no-color is honoured' sh -c "! TERM=xterm script -q -e -c \"env -u NO_COLOR '$tocsin' --no-color --help\" /dev/null </dev/null | grep -q '$ESC'"
else
    skip 'colours on a terminal' 'no script(1) or no pseudo-terminal'
fi
run "$tocsin" scan --dossier hafnium-exchange-2012 .
ok 'an unknown dossier: the nearest is named' err_has "did you mean 'hafnium-exchange-2021'?"
ok 'an unknown dossier: an input error' status_is 74
run "$tocsin" scan --dossier xyzzy .
ok 'an unknown dossier like none: said so' err_has 'no dossier "xyzzy" is shipped'
run "$tocsin" scan --own-scanner zap .
ok 'an agent too short to be looked for is refused' err_has 'too short'
if [ -w /dev/full ]; then
    status=0
    "$tocsin" help --json >/dev/full 2>"$tap_work/err" || status=$?
    ok 'a full disk is an output error' status_is 74
    ok 'a full disk is named as the reason' err_has 'No space left'
fi
tap_done
