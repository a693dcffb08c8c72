"""The chat room against Tornado's own WebSocket client, with its messages in SQLite and in Redis."""

import base64
import json
import subprocess

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from support import Example, Redis, check, wait_for


async def enter(example, name=None):
    headers = {"Cookie": f"username={base64.b64encode(name.encode()).decode()}"} if name else {}
    return await websocket_connect(HTTPRequest(example.url("/chatsocket"), headers=headers))


async def hear(room):
    return json.loads(await room.read_message())


async def hear_until(room, kind):
    heard = []
    while not heard or heard[-1]["type"] != kind:
        heard.append(await hear(room))
    return heard


async def say(room, body):
    await room.write_message(json.dumps({"body": body}))


async def talk(example):
    """Two people talk; returns the bodies that a third one gets."""
    ann, guest = await enter(example, "安"), await enter(example)
    online = (await hear_until(guest, "online"))[-1]
    assert online["username"] == "游客1", online
    assert set(online) == {"id", "type", "client_id", "username", "datetime", "body", "html"}
    for number in range(120):
        await say(ann, f"<{number}>")
    while (message := (await hear_until(guest, "message"))[-1])["body"] != "<119>":
        pass
    assert message["username"] == "安" and "&lt;119&gt;" in message["html"]
    guest.close()
    assert (await hear_until(ann, "offline"))[-1]["username"] == "游客1"
    ann.close()
    return await history(example)


async def history(example):
    late = await enter(example)
    bodies, is_online = [], False
    while not is_online or len(bodies) < len(EXPECTED):  # right after a start, the history may come after "online"
        message = await hear(late)
        is_online |= message["type"] == "online"
        if message["type"] == "message":
            bodies.append(message["body"])
    late.close()
    return bodies


EXPECTED = [f"<{number}>" for number in range(20, 120)]


@check
async def chatroom_keeps_the_newest_100_in_sqlite(programs):
    with Example(programs, "chatroom") as example:
        assert await talk(example) == EXPECTED
        example.stop()  # messages are shown before they are written
        example.up()
        assert await history(example) == EXPECTED


@check
async def chatroom_keeps_the_newest_100_in_redis(programs):
    with Redis() as redis:
        options = ["--redis", f"redis://127.0.0.1:{redis.port}/"]
        with Example(programs, "chatroom", *options) as example:
            assert await talk(example) == EXPECTED
            kept = lambda: [json.loads(line)["body"] for line in redis.ask("lrange", "chat_history", "0", "-1").splitlines()]
            wait_for(lambda: kept() == EXPECTED)
            assert not (example.directory / "chatroom.db").exists()
            example.kill()
            example.up()
            assert await history(example) == EXPECTED


@check
async def chatroom_goes_on_without_redis_and_writes_again_when_it_is_back(programs):
    with Redis() as redis:
        with Example(programs, "chatroom", "--redis", f"redis://127.0.0.1:{redis.port}/") as example:
            ann = await enter(example, "Ann")
            redis.kill()
            await say(ann, "lost")
            assert (await hear_until(ann, "message"))[-1]["body"] == "lost"
            wait_for(lambda: "not kept" in (example.directory / "log").read_text())
            redis.start(subprocess.DEVNULL)
            wait_for(lambda: redis.ask("ping") == "PONG")
            await say(ann, "kept")
            assert (await hear_until(ann, "message"))[-1]["body"] == "kept"
            wait_for(lambda: '"body":"kept"' in redis.ask("lrange", "chat_history", "0", "-1"))
            assert redis.ask("llen", "chat_history") == "1"
            ann.close()
