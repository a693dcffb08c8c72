"""The clients of the notes on Python's `websocket-client`: long and short connections."""

import threading

import websocket

from support import PATIENCE_S, Example, check


@check
def echo_answers_a_short_connection(programs):
    with Example(programs, "echo") as example:
        for _ in range(3):
            ws = websocket.create_connection(example.url("/echo"), timeout=PATIENCE_S)
            ws.send("Hello, World")
            assert ws.recv() == "Hello, World"
            ws.send_binary(b"\x00\xff")
            assert ws.recv() == b"\x00\xff"
            ws.close()


@check
def echo_keeps_a_long_connection_alive_by_pings(programs):
    with Example(programs, "echo") as example:
        heard, errors, pongs = [], [], []

        def on_pong(app, data):
            pongs.append(data)
            if len(pongs) == 2:
                app.send("after two pongs")

        def on_message(app, message):
            heard.append(message)
            if message == "after two pongs":
                app.close()

        app = websocket.WebSocketApp(
            example.url("/echo"),
            on_open=lambda app: app.send("hello"),
            on_message=on_message,
            on_error=lambda app, error: errors.append(error),
            on_pong=on_pong,
        )
        app.run_forever(ping_interval=1, ping_timeout=0.9)
        assert (heard, errors) == (["hello", "after two pongs"], []), (heard, errors)


@check
def broadcast_reaches_the_others(programs):
    with Example(programs, "broadcast") as example:
        ann, bo = (websocket.create_connection(example.url("/ws"), timeout=PATIENCE_S) for _ in range(2))
        ann.send("hello")
        assert bo.recv() == "hello"
        bo.send("and you")
        assert ann.recv() == "and you", "its own message does not come back"
        ann.close()
        bo.close()


@check
def callbacks_tells_all_of_a_newcomer(programs):
    with Example(programs, "callbacks") as example:
        heard = []
        joined = threading.Event()

        def on_message(app, message):
            heard.append(message)
            if len(heard) == 1:
                joined.set()
            else:
                app.close()

        app = websocket.WebSocketApp(example.url(), on_message=on_message)
        thread = threading.Thread(target=app.run_forever, daemon=True)
        thread.start()
        assert joined.wait(PATIENCE_S)
        other = websocket.create_connection(example.url(), timeout=PATIENCE_S)
        assert other.recv() == "a new client has joined"
        thread.join(PATIENCE_S)
        assert heard == ["a new client has joined"] * 2
        other.close()


@check
def admin_announces_to_listeners(programs):
    from urllib.request import urlopen

    with Example(programs, "admin") as example:
        listener = websocket.create_connection(example.url("/ws"), timeout=PATIENCE_S)
        with urlopen(f"http://127.0.0.1:{example.port}/announce", b"tea is ready") as answer:
            assert answer.status == 202
        assert listener.recv() == "tea is ready"
        listener.close()
