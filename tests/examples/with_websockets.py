"""The clients of the notes on Python's `websockets`, at the examples' ports."""

import asyncio
import json
import subprocess
from datetime import datetime, timedelta

import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect as connect_sync

from support import Example, check


async def hear(websocket):
    return json.loads(await websocket.recv())


async def say(websocket, event):
    await websocket.send(json.dumps(event))


@check
async def hello_greets_and_closes(programs):
    with Example(programs, "hello") as example:
        async with connect(example.url()) as websocket:
            await websocket.send("Ann")
            assert await websocket.recv() == "Hello Ann!"
            await websocket.wait_closed()
            assert websocket.close_code == 1000


@check
def hello_greets_a_client_without_asyncio(programs):
    with Example(programs, "hello") as example:
        with connect_sync(example.url()) as websocket:
            websocket.send("小明")
            assert websocket.recv() == "Hello 小明!"


@check
async def echo_talks_compressed(programs):
    offers = [
        ClientPerMessageDeflateFactory(),
        ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True),
        ClientPerMessageDeflateFactory(client_max_window_bits=9, compress_settings={"memLevel": 1}),
        *(ClientPerMessageDeflateFactory(server_max_window_bits=bits) for bits in range(8, 16)),
    ]
    with Example(programs, "echo") as example:
        for offer in offers:
            async with connect(example.url("/echo"), extensions=[offer], compression=None, max_size=None) as websocket:
                assert [extension.name for extension in websocket.protocol.extensions] == ["permessage-deflate"]
                for length in [0, 1, 255, 256, 5_000, 70_000]:
                    for message in ["x" * length, "".join(chr(0x4E00 + i * i % 5000) for i in range(length)), b"\xff" * length]:
                        await websocket.send(message)
                        assert await websocket.recv() == message
                await websocket.send(["in ", "pieces ", "of " * 1000, "one message"])
                assert await websocket.recv() == "in pieces " + "of " * 1000 + "one message"


@check
async def show_time_sends_iso_8601(programs):
    for how in ["--each", "--together"]:
        with Example(programs, "show_time", how) as example:
            async with connect(example.url()) as websocket:
                for _ in range(2):
                    time = datetime.fromisoformat(await websocket.recv())
                    assert time.utcoffset() == timedelta(0), time


@check
async def counter_counts_users_and_presses(programs):
    with Example(programs, "counter") as example:
        async with connect(example.url()) as ann:
            assert await hear(ann) == {"type": "users", "count": 1}
            assert await hear(ann) == {"type": "value", "value": 0}
            async with connect(example.url()) as bo:
                assert await hear(ann) == {"type": "users", "count": 2}
                assert [await hear(bo), await hear(bo)] == [{"type": "users", "count": 2}, {"type": "value", "value": 0}]
                await say(bo, {"action": "plus"})
                assert await hear(ann) == await hear(bo) == {"type": "value", "value": 1}
                await say(ann, {"action": "minus"})
                assert await hear(ann) == await hear(bo) == {"type": "value", "value": 0}
            assert await hear(ann) == {"type": "users", "count": 1}


@check
async def connect4_is_played_to_its_end(programs):
    with Example(programs, "connect4") as example:
        async with connect(example.url()) as red, connect(example.url()) as yellow, connect(example.url()) as watcher:
            await say(red, {"type": "init"})
            keys = await hear(red)
            await say(yellow, {"type": "init", "join": keys["join"]})
            for turn in range(7):
                player, websocket = [("red", red), ("yellow", yellow)][turn % 2]
                await say(websocket, {"type": "play", "column": 2 + turn % 2})
                play = {"type": "play", "player": player, "column": 2 + turn % 2, "row": turn // 2}
                assert await hear(red) == await hear(yellow) == play
            assert await hear(red) == await hear(yellow) == {"type": "win", "player": "red"}
            await say(watcher, {"type": "init", "watch": keys["watch"]})
            moves = [await hear(watcher) for _ in range(8)]
            assert [move["type"] for move in moves] == ["play"] * 7 + ["win"]
        async with connect(example.url()) as stranger:
            await say(stranger, {"type": "init", "join": "no such key"})
            assert await hear(stranger) == {"type": "error", "message": "Game not found."}
            await stranger.wait_closed()


@check
async def login_loops_until_true(programs):
    with Example(programs, "login", "--names", "admin") as example:
        async with connect(example.url()) as websocket:
            answers = []
            for name in ["guess", "root", "admin"]:
                await websocket.send(name)
                answers.append(await websocket.recv())
            assert answers == ["name is not exist", "name is not exist", "True"]
            await websocket.send("anything")
            assert await websocket.recv() == "anything"


@check
async def direct_messages_wait_for_the_absent(programs):
    with Example(programs, "direct") as example:
        async with connect(example.url("/ws/1")) as ann:
            await say(ann, {"sender": "1", "receiver": "2", "data": "hello"})
            assert (await hear(ann))["sender"] == "server"
            async with connect(example.url("/ws/2")) as bo:
                assert await hear(bo) == {"sender": "1", "receiver": "2", "data": "hello"}


@check
async def irc_knows_an_address_by_its_name(programs):
    with Example(programs, "irc") as example:
        async with connect(example.url()) as ann:
            while (await hear(ann))["type"] != "set_username":
                pass
            await say(ann, {"type": "set_username", "value": "Ann"})
            assert (await hear(ann))["value"] == 1
            async with connect(example.url()) as again:
                await say(again, {"type": "user_broadcast", "msg": "hello"})
                while (message := await hear(ann))["type"] != "user_broadcast":
                    pass
                assert (message["username"], message["msg"]) == ("Ann", "hello")


@check
async def a_client_that_reconnects_forever_comes_back(programs):
    with Example(programs, "echo") as example:
        rounds = 0
        async for websocket in connect(example.url("/echo")):
            try:
                await websocket.send(f"round {rounds}")
                assert await websocket.recv() == f"round {rounds}"
                rounds += 1
                if rounds == 2:
                    break
                port = example.port
                example.kill()
                example.command[2] = str(port)
                await asyncio.to_thread(example.up)
                await websocket.recv()
            except websockets.ConnectionClosed:
                continue
        assert rounds == 2


@check
async def forever_and_load_speak_to_servers_of_the_original(programs):
    async def echo(websocket):
        async for message in websocket:
            await websocket.send(message)

    async with serve(echo, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        load = await asyncio.create_subprocess_exec(
            programs / "load", "--port", port, "--clients", "3", "--messages", "20", "--json",
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        report = json.loads((await load.communicate())[0])
        assert (load.returncode, report["received"], report["failures"]) == (0, 60, {}), report
        forever = await asyncio.create_subprocess_exec(
            programs / "forever", "--port", port, "--send", "hello", stdout=subprocess.PIPE)
        lines = [(await forever.stdout.readline()).decode() for _ in range(2)]
        forever.terminate()
        assert await forever.wait() == 0
        assert lines[0].startswith("connected") and lines[1] == "heard: hello\n", lines
