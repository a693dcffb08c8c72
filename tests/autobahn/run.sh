#!/usr/bin/env bash
# All cases of Autobahn against a WebSocket that echoes: run.sh PYTHON BINARY. PYTHON has kosoku; BINARY is the echo example,
# or the parlor binary, of which /echo is tried. Ends with «N passed, M failed». A case that is not implemented has failed.
set -u
python=$1 binary=$2
work=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# The suite's longest messages have 16 MiB.
case $(basename "$binary") in
    parlor) path=/echo; "$binary" --port "$port" --journal memory --frame-bytes 17MiB --outbox-bytes 64MiB 2>"$work/echo.log" & ;;
    *) path=/; "$binary" --port "$port" 2>"$work/echo.log" & ;;
esac
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done

"$python" "$(dirname "$0")/referee.py" -p 4 -o "$work/reports" "ws://127.0.0.1:$port$path"

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
sys.exit(1 if failed or len(cases) < 517 else 0)
PYTHON
