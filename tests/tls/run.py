"""Parlor over TLS, as others see it: run.py PARLOR TLS_EXAMPLE. Ends with «N passed, M failed».

Clients: curl, Python's ssl, and Python's `websockets`. The certificates are those of `parlor dev-cert`.
"""

import asyncio
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys

import websockets

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))
from support import Program, check, run, wait_for  # noqa: E402

PARLOR, EXAMPLE = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
CERT, KEY = "parlor-cert.pem", "parlor-key.pem"


class Parlor(Program):
    """The server with a certificate of its own, for localhost and chat.test."""

    def __init__(self, *options):
        options = ["--port", 0, "--journal", "memory", "--allowed-host", "chat.test", *options]
        super().__init__(PARLOR, *options, "--tls-cert", CERT, "--tls-key", KEY)
        self.renew()
        self.start((self.directory / "log").open("wb"))
        self.port = wait_for(lambda: self.found(r"https://127\.0\.0\.1:(\d+)"))
        self.cert = self.directory / CERT

    def start(self, stderr):
        # Its first line, with the address, goes where the log goes.
        self.process = subprocess.Popen(self.command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)

    def log(self):
        return (self.directory / "log").read_text()

    def found(self, pattern):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.command} ended: {self.log()}")
        found = re.search(pattern, self.log())
        return found and int(found[1])

    def renew(self):
        """A new pair at the old place. Each file is replaced whole, as programs that renew certificates do."""
        (self.directory / "new").mkdir()
        dev_cert(self.directory / "new", "chat.test")
        for name in (KEY, CERT):
            (self.directory / "new" / name).replace(self.directory / name)
        (self.directory / "new").rmdir()

    def served(self):
        return ssl.get_server_certificate(("127.0.0.1", self.port)).strip()

    def trusted(self):
        return ssl.create_default_context(cafile=self.cert)

    def wss(self, path="/ws"):
        return websockets.connect(f"wss://localhost:{self.port}{path}", ssl=self.trusted())


def dev_cert(folder, *names):
    subprocess.run([PARLOR, "dev-cert", "--out", folder, *names], check=True, stdout=subprocess.DEVNULL)


def curl(*options):
    """The head and the body of the answer, or None and curl's exit code."""
    done = subprocess.run(["curl", "-sS", "-i", "--max-time", "60", *map(str, options)], capture_output=True, text=True)
    return (done.stdout, done.stderr) if done.returncode == 0 else (None, done.returncode)


@check
def curl_reads_the_page_over_both_versions_and_no_older_one(_):
    with Parlor() as parlor:
        url = f"https://localhost:{parlor.port}"
        for version in ["1.2", "1.3"]:
            page, _ = curl("--cacert", parlor.cert, f"--tlsv{version}", "--tls-max", version, f"{url}/")
            assert page.startswith("HTTP/1.1 200") and "<title>" in page, page
        assert curl("--cacert", parlor.cert, "--tls-max", "1.1", url)[0] is None
        assert curl(url) == (None, 60), "a certificate that nobody has signed is not trusted unasked"
        chosen, _ = curl("--cacert", parlor.cert, "--http2", f"{url}/healthz")
        assert chosen.startswith("HTTP/1.1 200"), chosen
        parlor.stop()


@check
def plain_http_is_told_to_use_tls(_):
    with Parlor() as parlor:
        answer, _ = curl(f"http://localhost:{parlor.port}/")
        assert answer.startswith("HTTP/1.1 400") and "use https:" in answer, answer


@check
def plain_http_at_the_other_port_is_sent_to_https(_):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with Parlor("--redirect-http", f"127.0.0.1:{port}") as parlor:
        answer, _ = curl("-X", "POST", f"http://localhost:{port}/a?b=c")
        assert answer.startswith("HTTP/1.1 308"), answer
        assert f"location: https://localhost:{parlor.port}/a?b=c\r\n" in answer.replace("\n", "\r\n").replace("\r\r", "\r"), answer
        foreign, _ = curl("-H", "Host: elsewhere.example", f"http://localhost:{port}/")
        assert foreign.startswith("HTTP/1.1 421"), foreign
        followed, _ = curl("-L", "--cacert", parlor.cert, f"http://localhost:{port}/healthz")
        assert "HTTP/1.1 200" in followed, followed
        parlor.stop()


@check
def only_names_are_told_to_stay_with_https(_):
    with Parlor("--hsts", "5m") as parlor:
        here = ["--resolve", f"chat.test:{parlor.port}:127.0.0.1", "--cacert", parlor.cert]
        named, _ = curl(*here, f"https://chat.test:{parlor.port}/")
        assert "strict-transport-security: max-age=300" in named.lower(), named
        for host in ["localhost", "127.0.0.1"]:
            plain, _ = curl("--cacert", parlor.cert, f"https://{host}:{parlor.port}/")
            assert plain.startswith("HTTP/1.1 200") and "strict-transport" not in plain.lower(), plain
    with Parlor() as parlor:
        unasked, _ = curl("--resolve", f"chat.test:{parlor.port}:127.0.0.1", "--cacert", parlor.cert, f"https://chat.test:{parlor.port}/")
        assert "strict-transport" not in unasked.lower(), "off by default"


@check
async def a_room_works_over_tls(_):
    with Parlor() as parlor:
        async with parlor.wss() as ann, parlor.wss() as bo:
            for one in (ann, bo):
                assert json.loads(await one.recv())["type"] == "welcome"
                await one.send(json.dumps({"type": "join", "id": 1, "room": "tea"}))
                while json.loads(await one.recv()).get("re") != 1:
                    pass
            await ann.send(json.dumps({"type": "say", "id": 2, "room": "tea", "body": "milk?"}))
            while json.loads(await bo.recv()).get("body") != "milk?":
                pass


@check
async def certificates_are_renewed_under_load_and_nobody_is_dropped(_):
    with Parlor("--rate-per-second", 10000, "--rate-burst", 20000) as parlor:
        stop, echoed, joined = asyncio.Event(), 0, 0

        async def talk(connection):
            nonlocal echoed
            while not stop.is_set():
                await connection.send("still here")
                assert await connection.recv() == "still here"
                echoed += 1

        async def come_and_go():
            nonlocal joined
            while not stop.is_set():
                async with websockets.connect(f"wss://localhost:{parlor.port}/echo", ssl=trusting) as connection:
                    await connection.send("new")
                    assert await connection.recv() == "new"
                    joined += 1

        # Both the old and the new certificate may be met, whichever is trusted just now.
        trusting = ssl._create_unverified_context()
        old = [await parlor.wss("/echo") for _ in range(30)]
        tasks = [asyncio.create_task(talk(connection)) for connection in old]
        tasks += [asyncio.create_task(come_and_go()) for _ in range(3)]
        seen = {parlor.served()}
        for _ in range(5):
            before = await asyncio.to_thread(parlor.served)
            await asyncio.to_thread(parlor.renew)
            parlor.process.send_signal(signal.SIGHUP)
            while (now := await asyncio.to_thread(parlor.served)) == before:
                await asyncio.sleep(0.01)
            seen.add(now)
        at, then = echoed, joined
        while echoed < at + 100 or joined < then + 10:
            await asyncio.sleep(0.01)
            assert not any(task.done() for task in tasks), [task for task in tasks if task.done()]
        stop.set()
        await asyncio.gather(*tasks)
        assert len(seen) == 6, seen
        for connection in old:
            await connection.close()
            assert connection.close_code == 1000
        parlor.stop()


@check
def new_files_are_found_without_a_signal_and_bad_ones_change_nothing(_):
    with Parlor() as parlor:
        first = parlor.served()
        parlor.cert.write_text("nonsense")
        parlor.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "the certificate stays as it was" in parlor.log())
        assert "parlor-cert.pem can't be used: it holds no block BEGIN CERTIFICATE" in parlor.log()
        assert parlor.served() == first
        parlor.renew()
        wait_for(lambda: parlor.served() != first)
        assert parlor.served() == parlor.cert.read_text().strip()


@check
def a_start_without_a_usable_pair_says_why(_):
    with Parlor() as parlor:
        def refused(*options):
            done = subprocess.run([PARLOR, "--port", "0", "--journal", "memory", *options], cwd=parlor.directory, capture_output=True, text=True)
            assert done.returncode != 0, options
            return done.stderr

        other = parlor.directory / "other"
        other.mkdir()
        dev_cert(other)
        assert "belongs to another certificate" in refused("--tls-cert", CERT, "--tls-key", f"other/{KEY}")
        assert "missing.pem can't be read" in refused("--tls-cert", "missing.pem", "--tls-key", KEY)
        assert "needs --tls-key too" in refused("--tls-cert", CERT)
        assert "needs --tls-cert and --tls-key" in refused("--hsts", "5m")
        again = subprocess.run([PARLOR, "dev-cert", "--out", other], capture_output=True, text=True)
        assert again.returncode == 1 and "is there already" in again.stderr, again


@check
async def the_example_echoes(_):
    program = Program(EXAMPLE, "--port", 0)
    program.start((program.directory / "log").open("wb"))
    with program:
        port = wait_for(lambda: re.search(r"wss://127\.0\.0\.1:(\d+)", (program.directory / "log").read_text()))[1]
        anyone = ssl.create_default_context(cadata=ssl.get_server_certificate(("127.0.0.1", int(port))))
        async with websockets.connect(f"wss://127.0.0.1:{port}/", ssl=anyone) as connection:
            await connection.send("hello")
            assert await connection.recv() == "hello"
        program.stop()


if __name__ == "__main__":
    sys.exit(0 if run(PARLOR.parent) else 1)
