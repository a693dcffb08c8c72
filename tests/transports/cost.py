"""The cost of each way to receive: cost.py BINARY [IDLE] [LISTENERS] [SECONDS]. BINARY is a release build.

For each way, on a server of its own:
- memory: what the server's resident memory grows by for each of IDLE clients that are in no room and hear nothing;
- per message that one of LISTENERS in a room hears, of ten a second: the server's processor time (user and system), requests,
  and bytes in both directions as they go through the sockets, with all headers.
"""

import asyncio
import json
import os
import re
import sys
import time

from support import Parlor

PER_SECOND = 10
BODY = "what a line of talk is like, more or less"
TICK = os.sysconf("SC_CLK_TCK")


class Counts:
    up = down = requests = messages = 0


class Http:
    """A session over HTTP; each connection's bytes are counted."""

    def __init__(self, port, counts):
        self.port, self.counts = port, counts
        self.sending = self.receiving = None
        self.seen = 0

    async def open(self):
        self.path = "/api/sessions"
        _, body = await self.ask("POST", "")
        self.path = f"/api/sessions/{json.loads(body)['session']}"

    async def send(self, frame):
        await self.ask("POST", "/send", json.dumps(frame))
        self.sending[1].close()

    async def ask(self, method, rest, body=""):
        self.sending = await asyncio.open_connection("127.0.0.1", self.port)
        return await self.exchange(self.sending, method, rest, body)

    async def exchange(self, connection, method, rest, body=""):
        head = await self.begin(connection, method, rest, body)
        length = int(re.search(r"content-length: (\d+)", head)[1])
        body = await connection[0].readexactly(length)
        self.counts.down += length
        return head, body.decode()

    async def begin(self, connection, method, rest, body=""):
        length = f"Content-Length: {len(body)}\r\n" if method == "POST" else ""
        request = f"{method} {self.path}{rest} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n{body}".encode()
        connection[1].write(request)
        head = await connection[0].readuntil(b"\r\n\r\n")
        self.counts.requests += 1
        self.counts.up += len(request)
        self.counts.down += len(head)
        return head.decode().lower()


class Poll(Http):
    def __init__(self, port, counts, wait_ms, pause):
        super().__init__(port, counts)
        self.wait_ms, self.pause = wait_ms, pause

    async def receive(self):
        while True:
            self.receiving = self.receiving or await asyncio.open_connection("127.0.0.1", self.port)
            try:
                rest = f"/poll?ack={self.seen}&wait_ms={self.wait_ms}"
                _, body = await self.exchange(self.receiving, "GET", rest)
            except asyncio.IncompleteReadError:
                self.receiving = None
                continue
            for item in json.loads(body)["frames"]:
                self.seen = item["n"]
                self.counts.messages += item["frame"]["type"] == "message"
            await asyncio.sleep(self.pause)


class Stream(Http):
    def __init__(self, port, counts, way):
        super().__init__(port, counts)
        self.way = way

    async def receive(self):
        self.receiving = await asyncio.open_connection("127.0.0.1", self.port)
        await self.begin(self.receiving, "GET", self.way)
        await count_messages(self.receiving[0], self.counts)


class WebSocket:
    def __init__(self, port, counts):
        self.port, self.counts = port, counts

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        request = (
            "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self.writer.write(request.encode())
        await self.reader.readuntil(b"\r\n\r\n")
        await self.reader.readuntil(b"heartbeat_ms")

    async def send(self, frame):
        text = json.dumps(frame).encode()
        assert len(text) < 126
        self.writer.write(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)

    async def receive(self):
        await count_messages(self.reader, self.counts)


async def count_messages(reader, counts):
    rest = b""
    while chunk := await reader.read(65536):
        counts.down += len(chunk)
        rest += chunk
        counts.messages += rest.count(b'"type":"message"')
        rest = rest[-len(b'"type":"message') :] if not rest.endswith(b'"type":"message"') else b""


WAYS = {
    "WebSocket": WebSocket,
    "Server-Sent Events": lambda port, counts: Stream(port, counts, "/events"),
    "streaming": lambda port, counts: Stream(port, counts, "/stream"),
    "long polling": lambda port, counts: Poll(port, counts, 30000, 0),
    "short polling, every second": lambda port, counts: Poll(port, counts, 0, 1),
}


def resident_kib(process):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{process}/status").read())[1])


def processor_seconds(process):
    fields = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


async def idle(binary, way, count):
    with Parlor(binary, "--max-handshakes", "8000", "--heartbeat", "1h", "--heartbeat-timeout", "2h") as parlor:

        async def enter():
            client = WAYS[way](parlor.port, Counts())
            await client.open()
            if isinstance(client, Http):
                client.sending[1].close()
            return client, asyncio.create_task(client.receive())

        _warm = [await enter() for _ in range(200)]
        await asyncio.sleep(1)
        before = resident_kib(parlor.process.pid)
        clients = [await enter() for _ in range(count)]
        await asyncio.sleep(1)
        kib = (resident_kib(parlor.process.pid) - before) / count
        for _, task in [*_warm, *clients]:
            task.cancel()
        return kib


async def busy(binary, way, listeners, seconds):
    with Parlor(binary, "--max-handshakes", "8000") as parlor:
        counts = Counts()
        clients = [WAYS[way](parlor.port, counts) for _ in range(listeners)]
        for client in clients:
            await client.open()
            await client.send({"type": "join", "room": "talk", "limit": 1})
        tasks = [asyncio.create_task(client.receive()) for client in clients]
        speaker = WebSocket(parlor.port, Counts())
        await speaker.open()
        await speaker.send({"type": "join", "room": "talk", "limit": 1})
        draining = asyncio.create_task(speaker.receive())
        await asyncio.sleep(3)
        said = PER_SECOND * seconds
        before, spent = Counts(), processor_seconds(parlor.process.pid)
        before.__dict__ = dict(counts.__dict__)
        begin = time.monotonic()
        for number in range(said):
            await speaker.send({"type": "say", "room": "talk", "body": BODY})
            await asyncio.sleep(max(0, begin + (number + 1) / PER_SECOND - time.monotonic()))
        heard = before.__dict__.get("messages", 0) + said * listeners
        until = time.monotonic() + 30
        while counts.messages < heard and time.monotonic() < until:
            await asyncio.sleep(0.05)
        spent = processor_seconds(parlor.process.pid) - spent
        got = {name: counts.__dict__.get(name, 0) - before.__dict__.get(name, 0) for name in ("up", "down", "requests", "messages")}
        assert got["messages"] == said * listeners, f"{way}: {got['messages']} of {said * listeners} came"
        for task in [*tasks, draining]:
            task.cancel()
        return spent * 1e6 / got["messages"], *(got[name] / got["messages"] for name in ("requests", "up", "down"))


def main(binary, clients=1000, listeners=100, seconds=20):
    print("| way | KiB per idle client | µs of the processor per message | beside WebSocket | requests | bytes up | bytes down |")
    print("|---|---|---|---|---|---|---|")
    reference = None
    for way in WAYS:
        kib = asyncio.run(idle(binary, way, int(clients)))
        spent, requests, up, down = asyncio.run(busy(binary, way, int(listeners), int(seconds)))
        reference = reference or spent
        print(f"| {way} | {kib:.1f} | {spent:.1f} | {spent / reference:.1f} | {requests:.2f} | {up:.0f} | {down:.0f} |", flush=True)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), *sys.argv[2:])
