"""Peers whose network drops everything without a word: run.py PARLOR. Ends with «N passed, M failed».

Server and clients are on hosts of their own, in network namespaces (ip-netns(8)), which need the right to make them: without
it the checks are skipped, and a line says so.
"""

import http.client
import itertools
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from network import PATIENCE_S, SERVER, Network, NotAllowed
from peers import WAYS, Person, secured

TLS = (False, True)
# Rates that nothing here meets.
OPEN = ["--rate-per-second=100000", "--rate-burst=100000"]


class Parlor:
    """A server on the server's host, ended by its id."""

    def __init__(self, binary, network, tls, *flags):
        self.network, self.tls = network, tls
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="parlor-half-open-"))
        if tls:
            subprocess.run([binary, "dev-cert", "--out", self.directory], check=True, stdout=subprocess.DEVNULL)
            flags = ["--tls-cert=parlor-cert.pem", "--tls-key=parlor-key.pem", *flags]
        self.log = self.directory / "log"
        command = [binary, "--host=0.0.0.0", "--port=0", "--journal=memory", *OPEN, *flags]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(["ip", "netns", "exec", network.server, *command], cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.port = int(wait_for(self.address, "the server's address")[1])

    def address(self):
        assert self.process.poll() is None, self.log.read_text()
        return re.search(r"https?://\S+:(\d+)", self.log.read_text())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.kill()
        self.process.wait()
        if kind:
            print(f"--- the server's log:\n{self.log.read_text()[-3000:]}---")
        shutil.rmtree(self.directory)

    def near(self):
        """A connection that no cut touches."""
        return self.network.dial(self.network.server, "127.0.0.1", self.port)

    def far(self):
        return self.network.dial(self.network.client, SERVER, self.port)

    def people(self, each):
        """Some for each way, over the cable."""
        return [Person(way, self.far, self.tls, f"{way}-{n}") for way in WAYS for n in range(each)]

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", timeout=PATIENCE_S)
        connection.sock = secured(self.near(), self.tls)
        connection.request("GET", "/metrics", headers={"Connection": "close"})
        return connection.getresponse().read().decode()

    def metric(self, name, **labels):
        labels = {"app": "/ws"} | labels
        for line in self.metrics().splitlines():
            if line.startswith(f"{name}{{") and all(f'{key}="{value}"' in line for key, value in labels.items()):
                return float(line.split()[-1])
        return 0

    def sockets(self):
        """Its descriptors that are sockets."""
        return sum(is_socket(entry) for entry in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir())

    def memory_kib(self):
        """The most that it has had at once."""
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1])

    def stuck_bytes(self):
        """For each connection over the cable, the bytes that its peer has not acknowledged (proc_pid_net(5))."""
        here = "".join(f"{int(part):02X}" for part in reversed(SERVER.split("."))) + f":{self.port:04X}"
        lines = [line.split() for line in pathlib.Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()[1:]]
        return [int(line[4].split(":")[0], 16) for line in lines if line[1] == here and line[3] == "01"]


def is_socket(entry):
    try:
        return str(entry.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False  # closed meanwhile


def wait_for(look, what):
    until = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.02)
    return found


def all_leave(watcher, people):
    """Waits until the watcher has heard that these have left, and nobody else, and each once."""
    names = sorted(person.name for person in people)
    while len(watcher.left) < len(names):
        watcher.hear(lambda frame: frame["type"] == "left")
    assert sorted(watcher.left) == names, watcher.left
    watcher.left.clear()


def pour(speaker, bytes_in_all):
    """Says that much, in long messages."""
    for _ in range(bytes_in_all // 40_000):
        speaker.say("x" * 40_000)
        speaker.answered()


def bodies(frames):
    return [frame["body"] for frame in frames if frame["type"] == "message"]


def the_silent_are_given_up(binary, tls):
    """The heartbeat finds them: the others hear it, and nothing of them is left. Later their network is back."""
    flags = ["--heartbeat=1s", "--heartbeat-timeout=5s", "--presence-grace=100ms"]
    with Network() as network, Parlor(binary, network, tls, *flags) as parlor:
        ann = Person("websocket", parlor.near, tls, "ann")
        sockets = parlor.sockets()
        people = parlor.people(3)
        assert parlor.metric("parlor_clients") == 1 + len(people)
        assert parlor.sockets() > sockets
        ann.say("everybody is here")
        ann.answered()
        network.cut()
        ann.say("nobody hears this")
        all_leave(ann, people)
        wait_for(lambda: ann.is_here() and parlor.metric("parlor_clients") == 1, "the gauge of clients")
        wait_for(lambda: ann.is_here() and parlor.metric("parlor_users_online") == 1, "the gauge of users")
        wait_for(lambda: ann.is_here() and parlor.sockets() <= sockets, "the descriptors")
        closed = sum(parlor.metric("parlor_connections_closed_total", code=code) for code in (1006, 4001))
        assert closed == len(people), parlor.metrics()
        assert parlor.metric("parlor_connections_closed_total", code=4001) >= 9, "sessions over HTTP end with words"
        network.mend()
        for person in people:
            if person.name.startswith("websocket"):
                try:
                    person.say("am I still here?")
                    person.answered()
                    raise AssertionError("a connection goes on that was given up")
                except ConnectionError:
                    pass
        ann.say("I am")
        assert bodies(ann.answered()) == ["I am"]


def those_for_whom_much_waits_are_put_out(binary, tls):
    """The time without progress ends WebSockets and bodies long before any heartbeat; what waits is bounded."""
    flags = ["--heartbeat=30m", "--heartbeat-timeout=1h", "--outbox-stall=1s", "--outbox-bytes=4MiB", "--presence-grace=100ms"]
    with Network() as network, Parlor(binary, network, tls, "--body-chars=40000", *flags) as parlor:
        ann = Person("websocket", parlor.near, tls, "ann")
        sockets = parlor.sockets()
        people = parlor.people(3)
        with_sockets = [person for person in people if person.name.startswith("websocket")]
        with_sessions = [person for person in people if person not in with_sockets]
        memory = parlor.memory_kib()
        network.cut()
        pour(ann, 2 << 20)
        all_leave(ann, with_sockets)
        assert parlor.metric("parlor_slow_consumers_total") == len(with_sockets)
        wait_for(lambda: parlor.sockets() <= sockets, "the descriptors")
        assert parlor.metric("parlor_clients") == 1 + len(with_sessions), "a session may go on with another receiver"
        pour(ann, 64 << 20)
        all_leave(ann, with_sessions)
        wait_for(lambda: parlor.metric("parlor_clients") == 1, "the gauge of clients")
        assert parlor.metric("parlor_slow_consumers_total") == len(people)
        assert parlor.metric("parlor_connections_closed_total", code=4000) == len(people)
        grown = parlor.memory_kib() - memory
        print(f"        {grown >> 10} MiB of memory for 64 MiB said to {len(with_sessions)} sessions")
        assert grown < 48 << 10, "what waits for the dead is kept"


def who_comes_back_in_time_loses_nothing(binary, tls):
    """What was said meanwhile comes, in order and once, on the connections that there were."""
    with Network() as network, Parlor(binary, network, tls) as parlor:
        ann = Person("websocket", parlor.near, tls, "ann")
        people = parlor.people(1)
        said = [f"word {n}" for n in range(200)]
        network.cut()
        for body in said:
            ann.say(body)
            assert bodies(ann.answered()) == [body]
        wait_for(lambda: sum(waiting > 0 for waiting in parlor.stuck_bytes()) >= len(people), "something waits for each")
        network.mend()
        for person in people:
            heard = person.hear(lambda frame: frame["type"] == "message" and frame["body"] == said[-1])
            assert bodies(heard) == said, (person.name, bodies(heard))
            assert all(frame["type"] in ("message", "joined") for frame in heard), heard
        for person in people:
            person.say(f"{person.name} heard all")
        expected = {f"{person.name} heard all" for person in people}
        while expected:
            frame = ann.hear(lambda frame: frame["type"] in ("message", "left"))[-1]
            assert frame["type"] == "message", frame
            expected.remove(frame["body"])
        assert parlor.metric("parlor_connections_opened_total") == 1 + len(people), "nobody came a second time"


CHECKS = [the_silent_are_given_up, those_for_whom_much_waits_are_put_out, who_comes_back_in_time_loses_nothing]


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    # Also then the networks are removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with Network() as network:
            network.cut()
    except NotAllowed as reason:
        print(f"skipped: no networks can be made here ({reason})")
        return 0
    passed = failed = 0
    chosen = [check for check in CHECKS if check.__name__ in sys.argv[2:]] or CHECKS
    for check, tls in itertools.product(chosen, TLS):
        name, begun = f"{check.__name__.replace('_', ' ')}{' over TLS' if tls else ''}", time.monotonic()
        try:
            check(binary, tls)
            passed += 1
            print(f"ok {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
