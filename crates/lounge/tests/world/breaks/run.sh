#!/usr/bin/env bash
# Breaks the lounge on purpose, one rule after the other, and counts the seeds until the world sees it. A break that is not
# seen, or not as the rule that it is named after, is a failure. The source is restored after each.
#
#     crates/lounge/tests/world/breaks/run.sh [RULE…]
#
# Those in nodes/ are for the world of several servers: nodes/RULE.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../../../.." || exit 1
git diff --quiet -- crates/lounge/src || { echo "commit or stash what is changed in crates/lounge/src first"; exit 2; }

broken=
restore() { [ -z "$broken" ] || git apply --reverse "$broken"; broken=; }
trap restore EXIT
trap 'exit 130' INT TERM

passed=0 failed=0
rules=("$@")
[ ${#rules[@]} -gt 0 ] || rules=($(cd "$here" && ls ./*.patch ./nodes/*.patch | sed 's|^\./||; s|\.patch$||'))
log=$(mktemp)
for rule in "${rules[@]}"; do
    patch=$here/$rule.patch
    git apply "$patch" || { echo "$rule: the patch does not fit the source any more"; failed=$((failed + 1)); continue; }
    broken=$patch
    case $rule in nodes/*) trial=world::several_servers ;; *) trial=world::seeds ;; esac
    WORLD_SEEDS=${WORLD_SEEDS:-20000} WORLD_SECONDS=${WORLD_SECONDS:-300} WORLD_SHRINK=0 \
        cargo test -q -p parlor-lounge --test world -- $trial >"$log" 2>&1
    restore
    found=$(grep -oE "^seed [0-9]+( of three servers)?, number [0-9]+, breaks the rule [a-z-]+" "$log" | sed -E 's/.*number ([0-9]+).* rule ([a-z-]+)/\1 \2/' | sort -n)
    first=$(head -n 1 <<<"$found")
    name=${rule#nodes/}
    if grep -q " $name$" <<<"$found"; then
        passed=$((passed + 1))
        echo "$rule: seen after $(grep " $name$" <<<"$found" | head -n 1 | cut -d' ' -f1) seeds; first as ${first#* } after ${first% *}"
    else
        failed=$((failed + 1))
        echo "$rule: not seen (${found:-nothing was found})"
        tail -n 5 "$log"
    fi
done
rm -f "$log"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
