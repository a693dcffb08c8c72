#!/usr/bin/env bash
# Autobahn's sections 1–10 (there is no 8) against the echo example: run.sh KOSOKU ECHO_BINARY. Ends with «N passed, M failed».
set -u
kosoku=$1 echo_binary=$2
work=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$echo_binary" --port "$port" 2>"$work/echo.log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done

sections=()
for section in 1 2 3 4 5 6 7 9 10; do sections+=(-i "$section.*"); done
"$kosoku" "${sections[@]}" -p 4 -o "$work/reports" "127.0.0.1:$port"

python3 - "$work/reports" <<'PYTHON'
import json, pathlib, sys

GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
agents = {}
for index in pathlib.Path(sys.argv[1]).rglob("index.json"):
    agents.update(json.loads(index.read_text()))
cases = [(name, case) for agent in agents.values() for name, case in agent.items()]
failed = [(name, case) for name, case in cases if {case["behavior"], case.get("behaviorClose", "OK")} - GOOD]
for name, case in failed:
    print(f"not ok {name}: {case['behavior']}, close {case.get('behaviorClose')}")
print(f"{len(cases) - len(failed)} passed, {len(failed)} failed")
sys.exit(1 if failed or len(cases) < 301 else 0)
PYTHON
