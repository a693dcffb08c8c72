"""People in a room, over each of the ways to a server. Each hears in order, and says so if it doesn't."""

import http.client
import json
import ssl
import time

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from network import PATIENCE_S

trusting = ssl.create_default_context()
trusting.check_hostname = False
trusting.verify_mode = ssl.CERT_NONE  # certificates are checked by tests/tls


def secured(connection, tls):
    return trusting.wrap_socket(connection, server_hostname="localhost") if tls else connection


class Peer:
    """A client of the server. Pings and empty lines are no news: waiting has an end."""

    until = 0

    def await_news(self):
        self.until = time.monotonic() + PATIENCE_S

    def look_at_the_clock(self):
        if time.monotonic() > self.until:
            raise TimeoutError("nothing but signs of life")


class WebSocket(Peer):
    """A person at /ws, without threads: Python's TLS sockets don't allow two at once. It answers pings while it reads."""

    def __init__(self, dial, tls):
        self.socket = secured(dial(), tls)
        self.protocol = ClientProtocol(parse_uri("ws://localhost/ws"), max_size=None)
        self.protocol.send_request(self.protocol.connect())
        while self.protocol.state is State.CONNECTING:
            self.read()
        assert self.protocol.state is State.OPEN, self.protocol.handshake_exc

    def flush(self):
        for data in self.protocol.data_to_send():
            self.socket.sendall(data)

    def read(self):
        self.flush()
        if not (data := self.socket.recv(65536)):
            raise ConnectionResetError("the server has closed the connection")
        self.protocol.receive_data(data)
        self.flush()

    def send(self, *frames):
        for frame in frames:
            self.protocol.send_text(json.dumps(frame).encode())
        self.flush()

    def listen(self):
        """Frames come by themselves."""

    def frames(self):
        while True:
            for event in self.protocol.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    yield json.loads(event.data)
                elif isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
                    raise ConnectionResetError(str(self.protocol.close_rcvd))
            self.look_at_the_clock()
            self.read()


class Session(Peer):
    """A person over HTTP. Sends have a connection of their own. What is interrupted is asked again."""

    def __init__(self, dial, tls):
        self.dial, self.tls = dial, tls
        self.seen = self.sends = 0
        self.sender, self.receiver = self.connection(), self.connection()
        answer = self.post("/api/sessions", None, 201)
        self.path = f"/api/sessions/{json.loads(answer)['session']}"

    def connection(self):
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE_S)
        connection.sock = secured(self.dial(), self.tls)
        return connection

    def post(self, target, body, expected):
        try:
            self.sender.request("POST", target, body)
            answer = self.sender.getresponse()
        except (ConnectionError, http.client.HTTPException):
            self.sender = self.connection()
            return self.post(target, body, expected)
        content = answer.read()
        assert answer.status == expected, content
        return content

    def send(self, *frames):
        self.post(f"{self.path}/send?n={self.sends + 1}", "\n".join(map(json.dumps, frames)), 202)
        self.sends += 1

    def listen(self):
        """Asks for frames. The answer is looked at later."""
        self.receiver.request("GET", self.path + self.target())

    def frames(self):
        while True:
            try:
                answer = self.receiver.getresponse()
                assert answer.status == 200, answer.read()
                yield from self.taken(answer)
                self.look_at_the_clock()
            except (ConnectionError, http.client.HTTPException):
                self.receiver = self.connection()
                self.listen()

    def frame(self, n, frame):
        assert n == self.seen + 1, f"frame {n} after {self.seen}"
        self.seen = n
        return frame


class Poll(Session):
    def target(self):
        return f"/poll?ack={self.seen}&wait_ms=30000"

    def taken(self, answer):
        frames = [self.frame(item["n"], item["frame"]) for item in json.loads(answer.read())["frames"]]
        self.listen()
        yield from frames


class Lines(Session):
    def target(self):
        return f"/stream?ack={self.seen}"

    def taken(self, answer):
        while line := answer.readline():
            self.look_at_the_clock()
            item = json.loads(line) if line.strip() else {}
            assert "close" not in item, item
            if "n" in item:
                yield self.frame(item["n"], item["frame"])
        raise ConnectionResetError("the body has ended")


class Events(Session):
    def target(self):
        return f"/events?ack={self.seen}"

    def taken(self, answer):
        n = 0
        while line := answer.readline().decode():
            self.look_at_the_clock()
            assert line != "event: close\n", "the session has ended"
            if line.startswith("id: "):
                n = int(line[4:])
            elif line.startswith("data: ") and n > self.seen:
                yield self.frame(n, json.loads(line[6:]))
        raise ConnectionResetError("the body has ended")


WAYS = {"websocket": WebSocket, "events": Events, "stream": Lines, "poll": Poll}


class Person:
    """Somebody with a name, in a room."""

    def __init__(self, way, dial, tls, name, room="tea"):
        self.name, self.room, self.asked, self.left = name, room, 0, []
        self.peer = WAYS[way](dial, tls)
        self.peer.send({"type": "rename", "id": "name", "name": name}, {"type": "join", "id": "join", "room": room})
        self.peer.listen()
        self.frames = self.peer.frames()
        self.hear(lambda frame: frame.get("re") == "join" and frame["type"] == "ok")

    def hear(self, is_it):
        """Returns all frames up to the one that is looked for."""
        heard = []
        self.peer.await_news()
        for frame in self.frames:
            heard.append(frame)
            if frame["type"] == "left":
                self.left.append(frame["user"]["name"])
            if is_it(frame):
                return heard
        raise AssertionError(f"{self.name} hears no more, after {heard[-1:]}")

    def say(self, body):
        """Says something, and does not wait for the answer."""
        self.asked += 1
        self.peer.send({"type": "say", "id": self.asked, "room": self.room, "body": body})

    def is_here(self):
        """Hears what there is, and whether the server still answers. A silent person is given up."""
        self.asked += 1
        self.peer.send({"type": "ping", "id": self.asked})
        return self.answered()

    def answered(self):
        """Returns all frames up to the answer to the newest request."""
        heard = self.hear(lambda frame: frame.get("re") == self.asked)
        assert heard[-1]["type"] == "ok", heard[-1]
        return heard
