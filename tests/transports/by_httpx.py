"""Clients by Python's httpx: connections are lost, the server restarts, and nobody misses or doubles a message."""

import httpx
from chat import WAYS, Chat
from support import Parlor, check


def hears(chat, count):
    return [chat.bodies.get(timeout=60) for _ in range(count)]


@check
def nobody_misses_anything_when_connections_are_lost(binary):
    # A client whose connection is cut while nothing is said sees it by the next sign of life.
    with Parlor(binary, "--heartbeat", "200ms") as parlor:
        people = [Chat(parlor.url, way, way) for way in WAYS]
        try:
            said = []
            for round in range(4):
                for speaker in people:
                    for number in range(3):
                        body = f"{speaker.name} {round}.{number}"
                        assert speaker.say(body, body) == 202
                        said.append(body)
                heard = [hears(person, len(WAYS) * 3) for person in people]
                assert all(one == heard[0] for one in heard), "everybody hears the same, in the same order"
                assert sorted(heard[0]) == sorted(said[-len(WAYS) * 3 :])
                people[round].cut()
            assert all(person.sessions_opened == 1 for person in people)
        finally:
            for person in people:
                person.leave()
        assert all(person.path.split("/")[-1] not in parlor.log() for person in people)


@check
def nobody_notices_a_restart_but_by_the_404(binary):
    with Parlor(binary) as parlor:
        people = [Chat(parlor.url, way, way) for way in WAYS]
        try:
            people[0].say("before", "1")
            assert all(hears(person, 1) == ["before"] for person in people)
            parlor.kill()
            parlor.up()
            for person in people:
                while person.sessions_opened == 1:
                    person.is_over.wait(0.01)
            people[1].say("after", "2")
            assert all(hears(person, 1) == ["after"] for person in people)
        finally:
            for person in people:
                person.leave()


@check
def a_stop_is_told_to_every_receiver(binary):
    with Parlor(binary) as parlor:
        opened = [httpx.post(f"{parlor.url}/api/sessions").json()["session"] for _ in range(2)]
        with httpx.stream("GET", f"{parlor.url}/api/sessions/{opened[0]}/events", timeout=60) as events:
            with httpx.stream("GET", f"{parlor.url}/api/sessions/{opened[1]}/stream", timeout=60) as lines:
                parlor.process.terminate()
                told, lined = events.read().decode(), lines.read().decode()
        assert '"type":"closing"' in told and 'event: close\ndata: {"code":1012,' in told, told
        assert '"type":"closing"' in lined and lined.splitlines()[-1].startswith('{"close":{"code":1012,'), lined
        assert parlor.process.wait(15) == 0
