"""A real nginx in front, as Debian ships it: it buffers answers unless it is told not to, and passes no upgrades."""

import time

import httpx
from chat import WAYS, Chat
from support import Nginx, Parlor, check

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def talk(url):
    """Everybody hears each message soon after it was said, long before a body ends."""
    people = [Chat(url, way, way) for way in WAYS]
    try:
        for speaker in people:
            for number in range(3):
                body = f"{speaker.name} {number}"
                speaker.say(body, body)
                assert all(person.bodies.get(timeout=15) == body for person in people)
    finally:
        for person in people:
            person.leave()


@check
def every_way_gets_through_an_nginx_that_buffers(binary):
    with Parlor(binary) as parlor, Nginx(parlor) as nginx:
        talk(nginx.url)
        assert httpx.get(f"{nginx.url}/ws", headers=UPGRADE).status_code == 426, "WebSockets don't, as it is configured"


@check
def every_way_gets_through_where_upgrades_are_refused(binary):
    rules = "if ($http_upgrade) { return 403; }"
    with Parlor(binary) as parlor, Nginx(parlor, rules) as nginx:
        assert httpx.get(f"{nginx.url}/ws", headers=UPGRADE).status_code == 403
        talk(nginx.url)


@check
def a_page_behind_nginx_that_is_lost_is_found(binary):
    """nginx ends the connection to the server when its client is gone: the session waits for the next request."""
    with Parlor(binary) as parlor, Nginx(parlor) as nginx:
        ann = Chat(nginx.url, "events", "Ann")
        try:
            ann.say("one", "1")
            assert ann.bodies.get(timeout=15) == "one"
            ann.cut()
            time.sleep(0.2)
            ann.say("two", "2")
            assert ann.bodies.get(timeout=15) == "two"
            assert ann.sessions_opened == 1
        finally:
            ann.leave()
