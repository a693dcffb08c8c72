#!/usr/bin/env bash
# Installs what the tests need, runs every check and test, and ends with a line «N passed, M failed».
#
#     ./test.sh            every check and test
#     ./test.sh --long     the same with ten seeds of kills, two minutes of steady load, 200 faults of three nodes and their
#                          Redis, a minute of fuzzing for each target,
#                          100,000 seeds of the simulated world, its deliberate breaks, and the release build
set -u
case "$*" in
    "") is_long= ;;
    --long) is_long=yes ;;
    *) echo "usage: $0 [--long]" >&2; exit 2 ;;
esac
cd "$(dirname "$0")" || exit 1
passed=0 failed=0
logs=target/test-logs
mkdir -p "$logs"

say() { printf '\n== %s\n' "$*"; }

# check NAME COMMAND…: one check; its output is kept, and shown if it fails.
check() {
    local name=$1 log="$logs/$1.log" begun=$SECONDS
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        echo "ok      $name ($((SECONDS - begun)) s)"
    else
        failed=$((failed + 1))
        echo "FAILED  $name: the end of $log:"
        tail -n 60 "$log"
        return 1
    fi
}

# counted NAME COMMAND…: a runner of many tests, whose lines «N passed… M failed» are added up. A runner that fails without
# saying how many counts as one failure; one that may not run here says «skipped: WHY».
counted() {
    local name=$1 log="$logs/$1.log" begun=$SECONDS ok bad status
    shift
    "$@" >"$log" 2>&1
    status=$?
    ok=$(grep -oE '[0-9]+ passed' "$log" | awk '{n += $1} END {print n + 0}')
    bad=$(grep -oE '[0-9]+ failed' "$log" | awk '{n += $1} END {print n + 0}')
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$status" -eq 0 ] && grep '^skipped: ' "$log"; then return 0; fi
    if [ "$status" -eq 0 ] && [ "$ok" -eq 0 ]; then bad=1; echo "$name ran no test" >>"$log"; fi
    passed=$((passed + ok)) failed=$((failed + bad))
    if [ "$bad" -eq 0 ]; then
        echo "ok      $name: $ok passed ($((SECONDS - begun)) s)"
    else
        echo "FAILED  $name: $bad failed; the end of $log:"
        grep -E '^(test .* FAILED|not ok|---- )' "$log" | head -n 20
        tail -n 60 "$log"
        return 1
    fi
}

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# need COMMAND PACKAGE…: installs Debian packages unless the command is there.
need() {
    local command=$1
    shift
    command -v "$command" >/dev/null 2>&1 && return 0
    [ -n "${apt_is_fresh:-}" ] || { as_root apt-get update -qq && apt_is_fresh=1; }
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

venv=target/venv
install_tools() {
    command -v cargo >/dev/null 2>&1 || { echo "install Rust first: https://rustup.rs"; return 1; }
    need cc gcc libc6-dev
    need c++ g++
    need chromium chromium
    need node nodejs
    need npm npm
    need python3 python3
    need curl curl
    need nginx nginx-light
    need redis-server redis-server
    need redis-sentinel redis-sentinel
    need redis-cli redis-tools
    need /usr/sbin/nginx nginx-light
    need caddy caddy
    need /usr/sbin/haproxy haproxy
    need openssl openssl
    need systemd-socket-activate systemd
    need ip iproute2
    need /usr/sbin/nft nftables
    python3 -c 'import ensurepip, venv' 2>/dev/null || as_root apt-get install -y -qq python3-venv
    fc-list :lang=zh 2>/dev/null | grep -q . || as_root apt-get install -y -qq --no-install-recommends fonts-noto-cjk
    [ -x "$venv/bin/kosoku" ] || { python3 -m venv "$venv" && "$venv/bin/python" -m pip install -q -r tests/autobahn/requirements.txt; }
    "$venv/bin/python" -c 'import tornado, websocket, websockets' 2>/dev/null || "$venv/bin/python" -m pip install -q -r tests/examples/requirements.txt
    "$venv/bin/python" -c 'import httpx' 2>/dev/null || "$venv/bin/python" -m pip install -q -r tests/transports/requirements.txt
    (cd tests/browser && npm ci --no-audit --no-fund)
}

# Hostile clients and faults in one process, from many seeds.
simulate() {
    if [ -n "$is_long" ]; then export WORLD_SEEDS=100000 WORLD_SECONDS=100000; fi
    cargo test --workspace --all-features --locked --test world
}

say "tools"
check install install_tools

say "house"
check format cargo fmt --all --check
check clippy cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
check rustdoc env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --locked --document-private-items

# The package of each crate, not built.
package_without_warnings() {
    local said
    said=$(cargo package --workspace --no-verify --allow-dirty --locked --offline 2>&1)
    local status=$?
    echo "$said"
    [ "$status" -eq 0 ] && ! grep -q '^warning' <<<"$said"
}
check package package_without_warnings

# The tests' build has the binary and the examples too, and nothing is compiled twice for it.
say "build"
check build cargo test --workspace --all-features --locked --no-run
check release cargo build --workspace --release --locked --bins

say "tests"
if [ -n "$is_long" ]; then export PARLOR_TEST_SEEDS=10 PARLOR_TEST_SOAK=120 PARLOR_TEST_FAULTS=200 REDIS_FAULTS=80; fi
# The contract's scenarios mostly wait: for processes, for grace, for silence. So many of them run at once.
over=(over_websocket over_events over_stream over_long_poll over_short_poll)
counted cargo cargo test --workspace --all-features --locked --no-fail-fast -- "${over[@]/#/--skip=}" --skip=world::
counted world simulate
grep -h '^world' "$logs/world.log"
counted contract cargo test --workspace --test contract --all-features --locked --no-fail-fast -- --test-threads=8 "${over[@]}"
counted autobahn tests/autobahn/run.sh "$venv/bin/python" target/debug/examples/echo
counted autobahn-product tests/autobahn/run.sh "$venv/bin/python" target/release/parlor
counted examples-python "$venv/bin/python" tests/examples/run.py target/debug/examples
counted transports "$venv/bin/python" tests/transports/run.py target/release/parlor
counted tls "$venv/bin/python" tests/tls/run.py target/debug/parlor target/debug/examples/tls
counted half-open "$venv/bin/python" tests/half_open/run.py target/debug/parlor
counted deploy "$venv/bin/python" tests/deploy/run.py target/debug/parlor
counted browser node tests/browser/run.mjs

say "fuzzing"
counted fuzz fuzz/run.sh "$([ -n "$is_long" ] && echo 60 || echo 5)"

if [ -n "$is_long" ]; then
    say "the world sees what is broken on purpose"
    counted breaks crates/lounge/tests/world/breaks/run.sh

    say "release"
    check release-examples cargo build --workspace --release --locked --bins --examples
    counted autobahn-release tests/autobahn/run.sh "$venv/bin/python" target/release/examples/echo
fi

echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
