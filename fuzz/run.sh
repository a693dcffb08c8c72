#!/usr/bin/env bash
# Fuzzes each target for some seconds, guided by coverage: run.sh SECONDS [TARGET…]. Works with stable Rust; needs a C++
# compiler. Ends with «N passed, M failed»; an input that fails is kept in target/fuzz/failures.
set -u
cd "$(dirname "$0")" || exit 1
seconds=${1:?"how many seconds for each target?"}
shift
targets=("$@")
[ "$#" -gt 0 ] || targets=(frames inflate handshake requests import sessions)
out=$(cd .. && pwd)/target/fuzz
mkdir -p "$out/failures"

# As cargo-fuzz does it, without the address sanitizer, which stable Rust does not have.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
# With a target named, build scripts and macros are built without instruments.
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --locked --target "$host" --target-dir "$out" || { echo "0 passed, ${#targets[@]} failed"; exit 1; }

# Says whether the input that has just failed does so again. `sessions` runs beside the server's threads: on a busy machine its
# model of a client can be late.
REPEATS=5
repeats() {
    local input
    input=$(grep -o "Test unit written to .*" "$out/$1.log" | sed 's/^Test unit written to //' | tail -n 1)
    [ -f "$input" ] || return 0
    for _ in $(seq "$REPEATS"); do
        "$out/$host/release/$1" -timeout=10 -rss_limit_mb=1024 "$input" >/dev/null 2>&1 || return 0
    done
    return 1
}

passed=0 failed=0
for target in "${targets[@]}"; do
    mkdir -p "$out/corpus/$target"
    if "$out/$host/release/$target" "$out/corpus/$target" "seeds/$target" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=1024 -max_len=65536 -artifact_prefix="$out/failures/$target-" -print_final_stats=1 >"$out/$target.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok $target: $(grep -o 'number_of_executed_units: *[0-9]*' "$out/$target.log" | grep -o '[0-9]*$') inputs"
    elif ! repeats "$target"; then
        passed=$((passed + 1))
        echo "ok $target, but look at this, which was seen once and did not repeat in $REPEATS runs:"
        tail -n 40 "$out/$target.log"
    else
        failed=$((failed + 1))
        echo "not ok $target:"
        tail -n 40 "$out/$target.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
