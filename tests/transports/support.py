"""The server and nginx as processes, and a line for each check."""

import os
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
    """Registers a check: a function of the path of the server's binary."""
    CHECKS.append(function)
    return function


def wait_for(look, what):
    """Returns what `look` finds, as soon as it finds something."""
    until = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.01)
    return found


class Process:
    """A program in a directory of its own, ended by its id."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="parlor-transports-"))
        self.process = None

    def start(self, command, **environment):
        log = (self.directory / "log").open("ab")
        environment = os.environ | environment
        self.process = subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if kind:
            print(f"--- {type(self).__name__}'s log:\n{self.log()[-3000:]}---")
        shutil.rmtree(self.directory)


class Parlor(Process):
    """A server at a port of its own, which it keeps when it is started again."""

    def __init__(self, binary, *flags, port=0):
        super().__init__()
        self.binary, self.flags, self.port = binary, flags, port
        self.up()

    def up(self):
        before = len(self.log()) if self.process else 0
        command = [self.binary, "--port", str(self.port), "--journal", "parlor.db", "--max-clients-per-address", "20000", *self.flags]
        self.start(command, RUST_BACKTRACE="0")
        found = wait_for(lambda: re.search(r"http://127\.0\.0\.1:(\d+)", self.log()[before:]) or self.ended(), "the server's address")
        self.port = int(found[1])

    def ended(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.log())

    def kill(self):
        self.process.kill()
        self.process.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


class Nginx(Process):
    """Debian's nginx before a server. `rules` stand in its `location /`, beside the address to pass requests to."""

    def __init__(self, parlor, rules=""):
        super().__init__()
        self.port = free_port()
        configuration = f"""
            daemon off; worker_processes 1; pid nginx.pid; error_log stderr warn;
            events {{ worker_connections 512; }}
            http {{
                access_log off;
                client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
                server {{
                    listen 127.0.0.1:{self.port};
                    location / {{ {rules} proxy_pass {parlor.url}; }}
                }}
            }}
        """
        (self.directory / "nginx.conf").write_text(configuration)
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.start([program, "-p", str(self.directory), "-c", "nginx.conf"])
        wait_for(lambda: is_open(self.port) or self.ended(), "nginx")

    def ended(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.log())

    def __exit__(self, kind, *rest):
        self.stop()  # killed, it would leave its worker
        super().__exit__(kind, *rest)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def run(*arguments):
    """Runs every check, and returns whether all have passed."""
    passed = failed = 0
    for function in CHECKS:
        begun = time.monotonic()
        try:
            function(*arguments)
            passed += 1
            print(f"ok {function.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {function.__name__}", flush=True)
            traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    return failed == 0
