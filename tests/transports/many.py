"""5,000 long polls at once."""

import asyncio
import json
import resource

from support import Parlor, check

POLLS = 5000


@check
def five_thousand_long_polls_wait_and_are_answered(binary):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 3 * POLLS), hard))
    with Parlor(binary) as parlor:
        asyncio.run(asyncio.wait_for(play(parlor.port), 120))


class Connection:
    """Requests one after the other, on a connection that is kept."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def ask(self, method, target, body=""):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write((head + body).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = (await self.reader.readexactly(length)).decode()
        return int(head.split(" ")[1]), body

    def close(self):
        self.writer.close()
        self.writer = None


async def play(port):
    entering = asyncio.Semaphore(200)
    paths = await asyncio.gather(*(enter(port, entering) for _ in range(POLLS)))
    waiting = asyncio.Queue()
    polls = [asyncio.create_task(hear(port, path, entering, waiting)) for path in paths]
    for _ in paths:
        await waiting.get()
    speakers = [Connection(port) for _ in range(50)]
    await asyncio.gather(*(speak(speaker, paths[index::50]) for index, speaker in enumerate(speakers)))
    assert await asyncio.gather(*polls) == paths, "everybody hears what is for it alone"


async def enter(port, entering):
    async with entering:
        connection = Connection(port)
        status, body = await connection.ask("POST", "/api/sessions")
        assert status == 201, body
        connection.close()
        return f"/api/sessions/{json.loads(body)['session']}"


async def speak(connection, paths):
    """Has the server send something to each."""
    for path in paths:
        frame = json.dumps({"type": "echo", "id": 1, "body": path})
        status, body = await connection.ask("POST", f"{path}/send?n=1", frame)
        assert status == 202, body


async def hear(port, path, entering, waiting):
    """Waits for an answer, over as many long polls as it takes; says when the first one waits."""
    is_first = True
    connection = Connection(port)
    while True:
        async with entering:  # the server takes only so many connections at once that have not asked for anything yet
            poll = asyncio.create_task(connection.ask("GET", f"{path}/poll?ack=0&wait_ms=30000"))
            await asyncio.sleep(0.05)
        if poll.done() and poll.result()[0] == 503:
            connection.close()
            continue
        if is_first:
            waiting.put_nowait(path)
            is_first = False
        status, body = await poll
        assert status == 200, body
        if frames := json.loads(body)["frames"]:
            connection.close()
            return frames[0]["frame"]["body"]
