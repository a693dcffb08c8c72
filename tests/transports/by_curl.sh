#!/usr/bin/env bash
# by_curl.sh URL: two people talk; one loses the connection, and goes on with nothing lost. Prints the secrets of the sessions.
set -euo pipefail
sessions=$1/api/sessions

fail() { echo "failed: $*" >&2; exit 1; }

# has TEXT WANTED: fails unless TEXT contains WANTED.
has() { [[ $1 == *"$2"* ]] || fail "«$2» is not in: $1"; }

# open: prints the secret of a new session.
open() { curl -sf -X POST "$sessions" | sed 's/^{"session":"\([^"]*\)".*/\1/'; }

# send SESSION QUERY FRAME…: prints the status.
send() {
    local session=$1 query=$2
    shift 2
    printf '%s\n' "$@" | curl -s -o /dev/null -w '%{http_code}' --data-binary @- "$sessions/$session/send?$query"
}

# poll SESSION ACK: prints the answer of a long poll.
poll() { curl -sf "$sessions/$1/poll?ack=$2&wait_ms=30000"; }

ann=$(open) bo=$(open)
echo "$ann" "$bo"
has "$(send "$ann" n=1 '{"type":"rename","id":1,"name":"Ann"}' '{"type":"join","id":2,"room":"lobby"}')" 202
heard=$(poll "$ann" 0)
until [[ $heard == *'"re":2'* ]]; do heard=$(poll "$ann" 0); done
token=$(sed 's/.*"re":1,[^}]*}[^}]*"token":"\([^"]*\)".*/\1/' <<<"$heard")
epoch=$(sed 's/.*"epoch":"\([^"]*\)".*/\1/' <<<"$heard")

has "$(send "$bo" n=1 '{"type":"join","id":1,"room":"lobby"}' '{"type":"say","id":2,"room":"lobby","body":"Hello, Ann"}')" 202
has "$(send "$bo" n=1 '{"type":"say","id":2,"room":"lobby","body":"Hello, Ann"}')" 202 # the answer was lost: once more

# A stream of events that is cut, and goes on with the last number that was seen.
ack=$(grep -o '"n":[0-9]*' <<<"$heard" | tail -1 | cut -d: -f2)
events=$(curl -sN --max-time 1 -H "Last-Event-ID: $ack" "$sessions/$ann/events" || true)
has "$events" 'Hello, Ann'
last=$(grep '^id:' <<<"$events" | tail -1 | tr -dc 0-9)
[ "$(grep -c 'Hello, Ann' <<<"$events")" = 1 ] || fail "told twice: $events"
send "$bo" n=2 '{"type":"say","id":3,"room":"lobby","body":"Still there?"}' >/dev/null
lines=$(curl -sN --max-time 1 "$sessions/$ann/stream?ack=$last" || true)
has "$lines" 'Still there?'
[[ $lines != *'Hello, Ann'* ]] || fail "told again: $lines"

# The session is lost: a new one, resume, and join with what was seen last.
curl -sf -X DELETE "$sessions/$ann"
has "$(curl -s "$sessions/$ann/poll")" no_such_session
send "$bo" n=3 '{"type":"say","id":4,"room":"lobby","body":"Come back"}' >/dev/null
seq=$(grep -o '"seq":[0-9]*' <<<"$lines" | tail -1 | cut -d: -f2)
ann=$(open)
echo "$ann"
send "$ann" n=1 "{\"type\":\"resume\",\"id\":1,\"token\":\"$token\"}" \
    "{\"type\":\"join\",\"id\":2,\"room\":\"lobby\",\"since\":{\"epoch\":\"$epoch\",\"seq\":$seq}}" >/dev/null
heard=$(poll "$ann" 0)
until [[ $heard == *'"re":2'* ]]; do heard=$(poll "$ann" 0); done
has "$heard" '"recovered":true'
has "$heard" 'Come back'
has "$heard" '"name":"Ann"'
[[ $heard != *'Still there?'* ]] || fail "told again: $heard"
curl -sf -X DELETE "$sessions/$ann"
curl -sf -X DELETE "$sessions/$bo"
