"""A client by httpx, for any way to receive. It loses nothing: see «A client that loses nothing» in docs/protocol.md."""

import contextlib
import json
import queue
import socket
import threading

import httpx

WAYS = ["events", "stream", "long poll", "short poll"]


class Chat:
    """A person in a room, who receives on a thread of its own, and opens a new session when the old one is unknown."""

    def __init__(self, url, way, name, room="lobby"):
        self.url, self.way, self.name, self.room = url, way, name, room
        self.token = self.place = self.body = None
        self.bodies = queue.Queue()
        self.sessions_opened = 0
        self.is_over = threading.Event()
        self.is_in = threading.Event()
        self.client = httpx.Client(base_url=url, timeout=40)
        self.lock = threading.Lock()
        self.open()
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def open(self):
        """Opens a session, and goes back to where it was."""
        with self.lock:
            answer = self.client.post("/api/sessions")
            answer.raise_for_status()
            self.path = f"/api/sessions/{answer.json()['session']}"
            self.seen = self.sends = 0
            self.sessions_opened += 1
        since = {"since": self.place} if self.place else {}
        who = {"type": "resume", "id": 1, "token": self.token} if self.token else {"type": "rename", "id": 1, "name": self.name}
        self.send(who, {"type": "join", "id": 2, "room": self.room} | since)

    def send(self, *frames):
        """Sends frames, and repeats that under the same number until it is answered."""
        with self.lock:
            while True:
                try:
                    content = "\n".join(map(json.dumps, frames))
                    answer = self.client.post(f"{self.path}/send", params={"n": self.sends + 1}, content=content)
                except httpx.TransportError:
                    continue
                if answer.status_code != 429:
                    break
        if answer.status_code == 202:
            self.sends += 1
        return answer.status_code

    def say(self, body, key):
        self.is_in.wait(30)
        return self.send({"type": "say", "id": f"say {key}", "room": self.room, "body": body, "key": key})

    def receive(self):
        while not self.is_over.is_set():
            try:
                if self.receive_once() == 404:
                    self.is_in.clear()
                    self.open()
            except httpx.TransportError:
                self.is_over.wait(0.02)

    def receive_once(self):
        """Returns the status of the answer, after all that it brought is handled."""
        if self.way in ("long poll", "short poll"):
            wait = 30000 if self.way == "long poll" else 0
            answer = self.client.get(f"{self.path}/poll", params={"ack": self.seen, "wait_ms": wait})
            if answer.status_code == 200:
                for item in answer.json()["frames"]:
                    self.take(item["n"], item["frame"])
            if wait == 0:
                self.is_over.wait(0.02)
            return answer.status_code
        headers = {"Last-Event-ID": str(self.seen)} if self.way == "events" else {}
        params = {} if self.way == "events" else {"ack": self.seen}
        with self.client.stream("GET", f"{self.path}/{self.way}", headers=headers, params=params) as answer:
            if answer.status_code == 200:
                self.body = answer
                for line in answer.iter_lines():
                    self.line(line)
            return answer.status_code

    def line(self, line):
        if self.way == "stream":
            item = json.loads(line) if line else {}
            if "n" in item:
                self.take(item["n"], item["frame"])
        elif line.startswith("id: "):
            self.n = int(line[4:])
        elif line.startswith("data: ") and "type" in (frame := json.loads(line[6:])):
            self.take(self.n, frame)

    def take(self, n, frame):
        assert n == self.seen + 1, f"{n} after {self.seen}"
        self.seen = n
        if frame.get("re") == 1:
            self.token = frame["token"]
        if frame.get("re") == 2:
            assert frame["type"] == "ok", frame
            assert self.place is None or frame["recovered"], frame
            for event in frame["events"]:
                self.show(event)
            self.place = {"epoch": frame["epoch"], "seq": frame["seq"]}
            self.is_in.set()
        elif "seq" in frame and frame.get("room") == self.room:
            assert frame["seq"] == self.place["seq"] + 1, frame
            self.place["seq"] = frame["seq"]
            self.show(frame)

    def show(self, event):
        if event["type"] == "message":
            self.bodies.put(event["body"])

    def cut(self):
        """Loses all connections, as when the network drops."""
        old, self.client = self.client, httpx.Client(base_url=self.url, timeout=40)
        if self.body is not None:
            # A thread that reads from a socket does not hear that it is closed.
            with contextlib.suppress(OSError):
                self.body.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        old.close()

    def leave(self):
        self.is_over.set()
        try:
            self.client.delete(self.path)
        except httpx.TransportError:
            pass
        self.thread.join(10)
        self.client.close()
