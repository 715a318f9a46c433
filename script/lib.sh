# shellcheck shell=sh disable=SC2034
# Shared by the scripts in this folder; meant to be sourced. POSIX sh.
# It finds the tree, installs what is missing on a Debian machine, and builds.

cd "$(dirname "$0")/.." || exit 1

# What a build needs, and what the checks need beyond it.
BUILD_PACKAGES='meson ninja-build gcc libc6-dev pkg-config python3 libpcre2-dev libyaml-dev
  libssl-dev libseccomp-dev libcmocka-dev libisal-dev libzstd-dev liblzma-dev libsqlite3-dev
  libexpat1-dev libcurl4-openssl-dev libarchive-dev libyara-dev'
CHECK_PACKAGES='clang nmap openssl python3-markdown-it clang-format libclang-rt-14-dev llvm-14 ripgrep time chromium
  python3-venv python3-yaml libevtx-utils p7zip-full zstd xz-utils bzip2 zip yara'

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

missing_packages() {
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "root or sudo is needed for: $*"
    fi
}

# Calls apt-get only when something is missing.
need_packages() {
    command -v dpkg-query >/dev/null || return 0 # not Debian: meson names what it lacks
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    say "installing: $missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
    # shellcheck disable=SC2086 # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        $missing >&2
}

# Public validators of the formats for others, in an environment of their own below the build folder. Their
# tests are skipped where they cannot be had: no PyPI, another Python, too slow.
VALIDATORS_SECONDS=300
need_validators() {
    venv=$1/validators
    cat tests/validators/build.txt tests/validators/requirements.txt >"$1/validators.txt"
    cmp -s "$1/validators.txt" "$venv/complete" && return 0
    rm -rf "$venv"
    say "getting validators of STIX and MISP"
    # shellcheck disable=SC2016 # the inner shell's
    if timeout "$VALIDATORS_SECONDS" sh -c '
        get() { "$0/bin/pip" --disable-pip-version-check --quiet --retries 1 --timeout 15 install --no-deps --require-hashes "$@"; }
        python3 -m venv "$0" && get -r tests/validators/build.txt &&
            get --no-build-isolation --use-pep517 -r tests/validators/requirements.txt' \
        "$venv" >"$1/validators.log" 2>&1; then
        mv "$1/validators.txt" "$venv/complete"
    else
        say "no validators, see $1/validators.log: their tests are skipped"
    fi
}

# build FOLDER COMPILER [meson option...]: all of it, or what $build_targets names
build_targets=
build() {
    folder=$1 compiler=$2
    shift 2
    if [ -f "$folder/build.ninja" ]; then
        meson configure "$folder" "$@" >/dev/null
    else
        CC=$compiler meson setup "$folder" "$@" >"$folder.log" 2>&1 || {
            cat "$folder.log" >&2
            die "cannot set up $folder"
        }
        rm -f "$folder.log"
    fi
    # shellcheck disable=SC2086 # a list of words
    ninja -C "$folder" --quiet $build_targets >&2
}

build_release() { build build gcc -Doptimization=2 -Ddebug=true; }
build_sanitized() {
    build build-asan clang -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
}
# build_fuzz FOLDER COMPILER
build_fuzz() {
    build "$1" "$2" -Dfuzz=true -Db_sanitize=address,undefined \
        -Db_lundef=false -Doptimization=1
}
