"""Programs that the checks talk to, and a line for each check."""

import asyncio
import inspect
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import traceback

PATIENCE_S = 60
CHECKS = []


def check(function):
    """Registers a check: a function, or a coroutine function, of the directory with the examples' programs."""
    CHECKS.append(function)
    return function


class Program:
    """A program in a directory of its own, ended by its id."""

    def __init__(self, *command):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="parlor-example-"))
        self.command = [str(word) for word in command]
        self.process = None

    def start(self, stderr):
        self.process = subprocess.Popen(self.command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)

    def stop(self):
        self.process.terminate()
        assert self.process.wait() == 0

    def kill(self):
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.directory)


class Example(Program):
    """An example at a port of its own."""

    def __init__(self, programs, name, *options):
        super().__init__(programs / name, "--port", 0, *options)
        self.up()

    def up(self):
        self.start((self.directory / "log").open("wb"))
        # The newest line: a program that was started again is at another port.
        self.port = wait_for(lambda: self.found_port())

    def found_port(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.command} ended: {(self.directory / 'log').read_text()}")
        found = re.search(r"ws://127\.0\.0\.1:(\d+)", (self.directory / "log").read_text())
        return found and int(found[1])

    def url(self, path="/"):
        return f"ws://127.0.0.1:{self.port}{path}"


class Redis(Program):
    """Redis from Debian, in memory, at a port of its own."""

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        super().__init__("redis-server", "--bind", "127.0.0.1", "--port", self.port, "--save", "", "--appendonly", "no")
        self.start(subprocess.DEVNULL)
        wait_for(lambda: self.ask("ping") == "PONG")

    def ask(self, *words):
        words = ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words]
        return subprocess.run(words, capture_output=True, text=True).stdout.strip()


def wait_for(look):
    """Looks again and again until there is a result."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.02)
    raise TimeoutError(inspect.getsource(look).strip())


def run(programs):
    """Runs all checks, and returns whether all passed."""
    failed = 0
    for function in CHECKS:
        module = function.__module__.removeprefix("with_")
        subject = pathlib.Path(inspect.getfile(function)).parent.name if module == "__main__" else module
        name = f"{subject}: {function.__name__.replace('_', ' ')}"
        try:
            if inspect.iscoroutinefunction(function):
                asyncio.run(asyncio.wait_for(function(programs), PATIENCE_S))
            else:
                function(programs)
            print(f"ok {name}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {name}\n{traceback.format_exc()}", flush=True)
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return failed == 0
