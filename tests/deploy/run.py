"""The files of docs/deploy, run: each proxy with TLS in front of the server, and of two nodes on a Redis; the unit, the image's
health check.

    run.py PARLOR [CHECK…]

PARLOR is the binary. The files are used as they stand, but for ports and the certificate's path.
"""

import contextlib
import json
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ROOT / "docs" / "deploy"
NAME = "chat.example.org"
PATIENCE_S = 60


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def replaced(name, *pairs):
    """The text of a file, with every pair replaced that has to be in it."""
    text = (FILES / name).read_text()
    for old, new in pairs:
        assert old in text, f"{name} has no {old!r}"
        text = text.replace(old, new)
    return text


class Running:
    """A program, ended by its id."""

    def __init__(self, command, directory, **environment):
        self.log = directory / f"{pathlib.Path(command[0]).name}.log"
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(directory), **environment}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wait_for(port, program):
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert program.process.poll() is None and time.monotonic() < until, program.log.read_text()
            time.sleep(0.02)


def parlor(binary, directory, port, *more):
    flags = [f"--port={port}", "--journal=memory", "--trusted-proxy=127.0.0.1", f"--origin=https://{NAME}", "--max-clients-per-address=2", *more]
    return Running([str(binary), *flags], directory)


def backends(ports):
    """The addresses in a file, and those of the test."""
    if isinstance(ports, int):
        return [("127.0.0.1:8080", f"127.0.0.1:{ports}")]
    return [(f"10.0.0.1{number}:8080", f"127.0.0.1:{port}") for number, port in enumerate(ports, 1)]


def nginx(directory, backend, plain, secure, certificate, file="nginx.conf", name=NAME):
    site = replaced(
        file,
        *backends(backend),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ", f"listen 127.0.0.1:{secure} "),
        (f"/etc/letsencrypt/live/{name}/fullchain.pem", f"{certificate}/cert.pem"),
        (f"/etc/letsencrypt/live/{name}/privkey.pem", f"{certificate}/key.pem"),
    )
    (directory / "site.conf").write_text(site)
    temporary = "".join(f"{kind}_temp_path {directory}/{kind};" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    whole = f"daemon off; master_process off; error_log stderr; pid {directory}/pid; events {{}} http {{ access_log off; {temporary} include site.conf; }}"
    (directory / "nginx.conf").write_text(whole)
    return Running(["nginx", "-p", str(directory), "-c", str(directory / "nginx.conf")], directory)


def nginx_with_a_path(directory, *places):
    """The site that is there already, and the server below a path."""
    return nginx(directory, *places, file="nginx-path.conf", name="www.example.org")


def nodes_behind_nginx(directory, *places):
    return nginx(directory, *places, file="nodes-nginx.conf")


def nodes_behind_caddy(directory, *places):
    return caddy(directory, *places, file="nodes-Caddyfile")


def nodes_behind_haproxy(directory, *places):
    return haproxy(directory, *places, file="nodes-haproxy.cfg")


def caddy(directory, backend, plain, secure, _certificate, file="Caddyfile"):
    ports = f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tlocal_certs\n\tskip_install_trust\n}}\n"
    (directory / "Caddyfile").write_text(ports + replaced(file))
    names = ["PARLOR"] if isinstance(backend, int) else ["PARLOR_1", "PARLOR_2"]
    addresses = dict(zip(names, [backend] if isinstance(backend, int) else backend))
    environment = {name: f"127.0.0.1:{port}" for name, port in addresses.items()}
    return Running(["caddy", "run", "--config", "Caddyfile"], directory, XDG_DATA_HOME=str(directory), **environment)


def haproxy(directory, backend, plain, secure, certificate, file="haproxy.cfg"):
    site = replaced(
        file,
        *backends(backend),
        ("bind :80\n", f"bind 127.0.0.1:{plain}\n"),
        ("bind :443 ", f"bind 127.0.0.1:{secure} "),
        ("/etc/haproxy/certs/chat.example.org.pem", f"{certificate}/both.pem"),
    )
    (directory / "haproxy.cfg").write_text(site)
    return Running(["haproxy", "-db", "-f", "haproxy.cfg"], directory)


def redis(directory, port):
    flags = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir", str(directory), "--maxmemory-policy", "noeviction"]
    return Running(["redis-server", *flags], directory)


def node(binary, directory, name, port, redis_port, *more):
    """One of several servers, with a folder of its own."""
    own = directory / name
    own.mkdir()
    flags = [f"--port={port}", f"--journal=redis://127.0.0.1:{redis_port}", f"--node-name={name}", "--trusted-proxy=127.0.0.1", f"--origin=https://{NAME}", *more]
    return Running([str(binary), *flags], own)


class Site:
    """A proxy's site, as clients reach it. Whoever made the certificate is not checked, for it is made here."""

    def __init__(self, plain, secure, base=""):
        self.plain, self.secure, self.base = plain, secure, base
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE

    def dial(self, source="127.0.0.1"):
        tcp = socket.create_connection(("127.0.0.1", self.secure), PATIENCE_S, (source, 0))
        return self.tls.wrap_socket(tcp, server_hostname=NAME)

    def ask(self, method, path, body="", *, on=None):
        """The status, the headers and the rest of the connection as a file."""
        connection = on or self.dial()
        head = f"{method} {path} HTTP/1.1\r\nHost: {NAME}\r\nOrigin: https://{NAME}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head + body).encode())
        file = connection.makefile("rb")
        status = int(file.readline().split()[1])
        headers = {}
        while (line := file.readline().strip()) != b"":
            key, value = line.decode().split(":", 1)
            headers[key.lower()] = value.strip()
        return status, headers, Body(file, headers)

    def websocket(self, source="127.0.0.1", **headers):
        # The port of the test is none of the site's.
        return connect(f"wss://{NAME}{self.base}/ws", sock=socket.create_connection(("127.0.0.1", self.secure), PATIENCE_S, (source, 0)),
                       ssl=self.tls, server_hostname=NAME, origin=f"https://{NAME}", additional_headers=headers, proxy=None)


class Body:
    """A body that comes in chunks, or up to its end."""

    def __init__(self, file, headers):
        self.file, self.is_chunked, self.rest = file, headers.get("transfer-encoding") == "chunked", b""

    def lines(self):
        while True:
            more = self.chunk() if self.is_chunked else self.file.read1(65536)
            self.rest += more
            *whole, self.rest = self.rest.split(b"\n")
            yield from (line.decode() for line in whole)
            if not more:
                if self.rest:
                    yield self.rest.decode()
                return

    def chunk(self):
        size = int(self.file.readline().strip() or b"0", 16)
        data = self.file.read(size)
        self.file.readline()
        return data

    def text(self):
        return "\n".join(self.lines())


def heard(websocket, kind):
    while True:
        frame = json.loads(websocket.recv(PATIENCE_S))
        if frame.get("type") == kind:
            return frame


def through(site):
    """What has to work through each proxy."""
    status, headers, page = site.ask("GET", site.base + "/")
    assert (status, "text/html" in headers["content-type"]) == (200, True), (status, headers)
    assert "<title>" in page.text() or headers.get("content-encoding"), "not the page"
    assert site.ask("GET", site.base + "/metrics")[0] == 404, "figures are public"

    plain = socket.create_connection(("127.0.0.1", site.plain), PATIENCE_S)
    status, headers, _ = site.ask("GET", site.base + "/somewhere", on=plain)
    assert status in (301, 308) and headers["location"].startswith(f"https://{NAME}"), (status, headers)

    with site.websocket("127.0.7.1") as ann, site.websocket("127.0.7.2") as bo:
        for each in (ann, bo):
            heard(each, "welcome")
            each.send('{"type":"join","room":"lobby","id":1}')
            heard(each, "ok")
        ann.send('{"type":"say","room":"lobby","body":"hello","id":2}')
        assert heard(bo, "message")["body"] == "hello"

    # The answer to what is sent comes while the body of events goes on.
    status, _, opened = site.ask("POST", site.base + "/api/sessions")
    assert status == 201, status
    session = json.loads(opened.text())
    secret = session["session"]
    events = site.ask("GET", f"{site.base}/api/sessions/{secret}/events")[2].lines()
    status, _, body = site.ask("POST", f"{site.base}/api/sessions/{secret}/send", '{"type":"echo","body":"by events","id":1}\n')
    assert status in (200, 202, 204), (status, body.text())
    assert any("by events" in line for line in events), "no event"
    last = 1
    status, _, body = site.ask("GET", f"{site.base}/api/sessions/{secret}/poll?ack={last}&wait_ms=100")
    assert status == 200, status
    site.ask("POST", f"{site.base}/api/sessions/{secret}/send", '{"type":"echo","body":"by a poll","id":2}\n')
    status, _, body = site.ask("GET", f"{site.base}/api/sessions/{secret}/poll?ack={last}&wait_ms=30000")
    assert status == 200 and "by a poll" in body.text(), status
    site.ask("DELETE", f"{site.base}/api/sessions/{secret}")

    # Each client has its own address, whatever it writes: two of one address are let in.
    forged = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    with site.websocket("127.0.9.1"), site.websocket("127.0.9.1", **forged), site.websocket("127.0.9.2"):
        try:
            with site.websocket("127.0.9.1", **forged):
                raise AssertionError("a third client of one address is let in")
        except InvalidStatus as refused:
            assert refused.response.status_code == 503, refused


class Session:
    """A session without WebSocket: each request is a connection of its own, so that the proxy chooses a node each time."""

    def __init__(self, site):
        self.site, self.acked, self.sent, self.frames = site, 0, 0, []
        status, _, body = site.ask("POST", "/api/sessions")
        assert status == 201, status
        opened = json.loads(body.text())
        self.path = f"/api/sessions/{opened['session']}"
        assert opened["welcome"]["type"] == "welcome"

    def send(self, **frame):
        self.sent += 1
        status, _, body = self.site.ask("POST", f"{self.path}/send?n={self.sent}", json.dumps(frame) + "\n")
        assert status == 202, (status, body.text())

    def heard(self, kind):
        until = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < until, f"no {kind}, but {self.frames}"
            for at, frame in enumerate(self.frames):
                if frame.get("type") == kind:
                    del self.frames[: at + 1]
                    return frame
            status, _, body = self.site.ask("GET", f"{self.path}/poll?ack={self.acked}&wait_ms=20000")
            text = body.text()
            assert status == 200, (status, text)
            for numbered in json.loads(text)["frames"]:
                assert numbered["n"] == self.acked + 1, numbered
                self.acked = numbered["n"]
                self.frames.append(numbered["frame"])


def figure(port, name):
    """A figure of a node's, asked for at the node itself."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        text = connection.makefile().read()
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M))


def eventually(what, condition):
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def on_both(site, ports):
    """What has to work when each request may reach another node."""
    eventually("the nodes know each other", lambda: all(figure(port, "parlor_nodes") == 2 for port in ports))
    with site.websocket() as ann, site.websocket() as bo:
        for each in (ann, bo):
            heard(each, "welcome")
            each.send('{"type":"join","room":"lobby","id":1}')
            heard(each, "ok")
        session = Session(site)
        session.send(type="join", room="lobby", id=1)
        session.heard("ok")
        for number in range(10):
            body = f"message {number}"
            ann.send(json.dumps({"type": "say", "room": "lobby", "body": body, "id": number + 2}))
            assert heard(bo, "message")["body"] == body
            assert session.heard("message")["body"] == body
            session.send(type="say", room="lobby", body=f"answer {number}", id=number + 2)
            for each in (ann, bo):
                while heard(each, "message")["body"] != f"answer {number}":
                    pass
            while session.heard("message")["body"] != f"answer {number}":
                pass
    # Every file that the page asks for comes, whichever node is asked.
    page = site.ask("GET", "/")[2].text()
    scripts = re.findall(r'(?:src|href)="([\w./-]+)"', page)
    assert any(script.startswith("app.") for script in scripts), page[:2000]
    for script in scripts * 4:
        assert site.ask("GET", f"/{script}")[0] == 200, script


def one_stops(site, stopping, ports):
    """A node stops: newcomers reach the other at once, and those it had come back there."""
    with site.websocket() as ann, site.websocket() as bo:
        for each in (ann, bo):
            heard(each, "welcome")
        stopping.process.terminate()
        assert stopping.process.wait(PATIENCE_S) == 0, stopping.log.read_text()
        assert any([lives(each) for each in (ann, bo)]), "the other node lost its client too"
    for _ in range(8):
        with site.websocket() as client:
            heard(client, "welcome")
        assert site.ask("GET", "/readyz")[0] == 200
        Session(site)
    eventually("the other node has noticed", lambda: figure(ports[1], "parlor_nodes") == 1)


def lives(websocket):
    """Whether the connection still answers; one that does not was closed in order."""
    try:
        websocket.send('{"type":"ping","id":"lives"}')
        while heard(websocket, "ok").get("re") != "lives":
            pass
        return True
    except ConnectionClosed as closed:
        assert closed.rcvd and closed.rcvd.code == 1012, closed
        return False


def beside(site):
    """What is not below the path is the proxy's; the path without its last slash leads there."""
    for path in ["/", "/ws", "/client.js", "/healthz"]:
        status, _, body = site.ask("GET", path)
        text = body.text()
        assert "Parlor" not in text and text not in ("ok", "ready") and "nothing is here" not in text, (path, status, text)
    status, headers, _ = site.ask("GET", site.base)
    assert status in (301, 307, 308) and headers["location"].endswith(f"{site.base}/"), (status, headers)
    for path, kind in [("/client.js", "javascript"), ("/parlor.webmanifest", "manifest"), ("/compare", "html"), ("/readyz", "plain")]:
        status, headers, _ = site.ask("GET", site.base + path)
        assert status == 200 and kind in headers["content-type"], (path, status, headers)


def certificate(directory):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", directory / "key.pem", "-out", directory / "cert.pem"], check=True, capture_output=True)  # fmt: skip
    (directory / "both.pem").write_text((directory / "cert.pem").read_text() + (directory / "key.pem").read_text())


def behind(start, binary, directory, base=""):
    certificate(directory)
    backend, plain, secure = free_ports(3)
    with parlor(binary, directory, backend, f"--base-path={base}/") as server:
        wait_for(backend, server)
        with start(directory, backend, plain, secure, directory) as proxy:
            wait_for(secure, proxy)
            wait_for(plain, proxy)
            try:
                site = Site(plain, secure, base)
                through(site)
                if base:
                    beside(site)
            except BaseException:
                print(proxy.log.read_text()[-4000:], server.log.read_text()[-2000:])
                raise


def behind_nginx(binary, directory):
    behind(nginx, binary, directory)


def behind_nginx_below_a_path(binary, directory):
    behind(nginx_with_a_path, binary, directory, "/chat")


def behind_caddy(binary, directory):
    behind(caddy, binary, directory)


def behind_haproxy(binary, directory):
    behind(haproxy, binary, directory)


def two_nodes(start, binary, directory):
    certificate(directory)
    redis_port, plain, secure, *ports = free_ports(5)
    with contextlib.ExitStack() as running:
        store = running.enter_context(redis(directory, redis_port))
        wait_for(redis_port, store)
        nodes = []
        for name, port in zip(["node1", "node2"], ports):
            nodes.append(running.enter_context(node(binary, directory, name, port, redis_port)))
            wait_for(port, nodes[-1])
        proxy = running.enter_context(start(directory, ports, plain, secure, directory))
        wait_for(secure, proxy)
        try:
            site = Site(plain, secure)
            on_both(site, ports)
            assert all(figure(port, "parlor_connections_opened_total") > 0 for port in ports), "one node had all clients"
            one_stops(site, nodes[0], ports)
        except BaseException:
            print(proxy.log.read_text()[-4000:], *(each.log.read_text()[-2000:] for each in nodes), sep="\n")
            raise


def two_nodes_behind_nginx(binary, directory):
    two_nodes(nodes_behind_nginx, binary, directory)


def two_nodes_behind_caddy(binary, directory):
    two_nodes(nodes_behind_caddy, binary, directory)


def two_nodes_behind_haproxy(binary, directory):
    two_nodes(nodes_behind_haproxy, binary, directory)


def the_composed_nodes_fit_together(binary, directory):
    """The settings of Dockerfile and compose.nodes.yaml are in force, and names, ports and files agree."""
    image, compose = ((ROOT / name).read_text() for name in ("Dockerfile", "compose.nodes.yaml"))
    said = dict(pair.split("=", 1) for line in re.findall(r"^ENV (.*)$", image, re.M) for pair in line.split())
    said |= dict(re.findall(r"^    (PARLOR_\w+): (\S+)$", compose, re.M))
    assert said["PARLOR_JOURNAL"].startswith("redis://"), said
    shown = subprocess.run([str(binary), "config"], cwd=directory, env={"PATH": "/bin"} | said, capture_output=True, text=True)
    assert shown.returncode == 0 and "WARN" not in shown.stderr, shown.stderr
    (port,) = re.findall(r"^EXPOSE (\d+)$", image, re.M)
    services = re.findall(r"^  (\w+):$", compose.split("services:")[1].split("\nnetworks:")[0], re.M)
    assert {"node1", "node2", "redis", "proxy"} <= set(services), services
    for number in (1, 2):
        assert f"PARLOR_{number}: node{number}:{port}\n" in compose and f"{{$PARLOR_{number}:" in (FILES / "nodes-Caddyfile").read_text()
    seconds = [int(re.search(pattern, text)[1]) for pattern, text in ((r"SHUTDOWN_TIMEOUT=(\d+)s", image), (r"stop_grace_period: (\d+)s", compose))]
    assert seconds[0] < seconds[1]
    for source in re.findall(r"^      - \./(\S+?):", compose, re.M):
        assert (ROOT / source).is_file(), f"compose.nodes.yaml mounts {source}, which is not there"
    # A node takes the Redis that the file starts.
    flags = re.search(r"^    command: redis-server (.*)$", compose, re.M)[1].split()
    redis_port, port = free_ports(2)
    with Running(["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--dir", str(directory), *flags], directory) as store:
        wait_for(redis_port, store)
        with node(binary, directory, "node1", port, redis_port) as server:
            wait_for(port, server)


def units_are_right(binary, directory):
    """systemd's own checks: nothing to complain about, and little that an intruder could do."""
    if not shutil.which("systemd-analyze"):
        return print("        skipped: systemd-analyze is not there")
    shutil.copy(FILES / "parlor.socket", directory)
    (directory / "parlor.service").write_text(replaced("parlor.service", ("/usr/local/bin/parlor", str(binary))))
    units = [str(directory / name) for name in ("parlor.socket", "parlor.service")]
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert verified.returncode == 0 and not verified.stderr.strip(), verified.stderr
    # Its scale goes from 0 to 10, in tenths here.
    secure = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=20", units[1]], capture_output=True, text=True)
    assert secure.returncode == 0, secure.stdout[-500:]


def the_units_command_starts(binary, directory):
    """The service's flags, on a socket as systemd passes it."""
    if not shutil.which("systemd-socket-activate"):
        return print("        skipped: systemd-socket-activate is not there")
    port, metrics = free_ports(2)
    command = re.search(r"^ExecStart=(.*)$", (FILES / "parlor.service").read_text(), re.M)[1]
    command = command.replace("/usr/local/bin/parlor", str(binary)).replace("127.0.0.1:9090", f"127.0.0.1:{metrics}").split()
    with Running(["systemd-socket-activate", f"--listen=127.0.0.1:{port}", *command], directory) as server:
        wait_for(port, server)
        wait_for(metrics, server)
        with connect(f"ws://127.0.0.1:{port}/ws", proxy=None) as ann:
            heard(ann, "welcome")
        server.process.terminate()
        assert server.process.wait(PATIENCE_S) == 0, server.log.read_text()
        assert "passed to this process" in server.log.read_text()


def the_health_check_tells_the_truth(binary, directory):
    """The command of the image's HEALTHCHECK, here."""
    text = (ROOT / "Dockerfile").read_text()
    command = json.loads(re.search(r"^\s+CMD (\[.*\])$", text, re.M)[1])
    (port,) = free_ports(1)
    assert "/8080" in command[-1]
    command[-1] = command[-1].replace("/8080", f"/{port}")
    assert subprocess.run(command, capture_output=True).returncode != 0, "healthy without a server"
    with parlor(binary, directory, port) as server:
        wait_for(port, server)
        assert subprocess.run(command, capture_output=True, timeout=PATIENCE_S).returncode == 0


def the_image_and_its_proxy_fit_together(binary, directory):
    """The settings of Dockerfile and compose.yaml are in force, and ports, folders and times agree."""
    image, compose = ((ROOT / name).read_text() for name in ("Dockerfile", "compose.yaml"))
    said = dict(pair.split("=", 1) for line in re.findall(r"^ENV (.*)$", image, re.M) for pair in line.split())
    said |= dict(re.findall(r"^      (PARLOR_\w+): (\S+)$", compose, re.M))
    assert {"PARLOR_HOST", "PARLOR_JOURNAL", "PARLOR_SHUTDOWN_TIMEOUT", "PARLOR_ORIGIN", "PARLOR_TRUSTED_PROXY"} <= said.keys(), said
    shown = subprocess.run([str(binary), "config"], cwd=directory, env={"PATH": "/bin"} | said, capture_output=True, text=True)
    assert shown.returncode == 0 and "WARN" not in shown.stderr, shown.stderr
    for name in said:
        assert f"variable {name}" in shown.stdout, f"{name} is not in force:\n{shown.stdout}"
    (port,) = re.findall(r"^EXPOSE (\d+)$", image, re.M)
    assert re.search(rf"^port = {port}\b", shown.stdout, re.M), "the image shows another port than the server's"
    assert f"PARLOR: parlor:{port}\n" in compose and f"/dev/tcp/127.0.0.1/{port} " in image
    (folder,) = re.findall(r"^VOLUME (\S+)$", image, re.M)
    assert f"- journal:{folder}\n" in compose and said["PARLOR_JOURNAL"].startswith(f"{folder}/") and f"WORKDIR {folder}\n" in image
    seconds = [int(re.search(pattern, text)[1]) for pattern, text in ((r"SHUTDOWN_TIMEOUT=(\d+)s", image), (r"stop_grace_period: (\d+)s", compose))]
    assert seconds[0] < min(10, seconds[1]), "Docker kills a container after 10 s, or the grace period"
    for source in re.findall(r"^      - \./(\S+?):", compose, re.M):
        assert (ROOT / source).is_file(), f"compose.yaml mounts {source}, which is not there"


def the_image_has_what_it_copies(_binary, _directory):
    """What .dockerignore leaves out is nothing that the build reads."""
    out = (ROOT / ".dockerignore").read_text().split()
    assert set(out) == {".git", "target", "**/node_modules"}, out
    copied = re.findall(r"^COPY --from=build /src/(\S+) (\S+)$", (ROOT / "Dockerfile").read_text(), re.M)
    entry = json.loads(re.search(r"^ENTRYPOINT (.*)$", (ROOT / "Dockerfile").read_text(), re.M)[1])
    assert copied == [("target/release/parlor", entry[0])], copied


def the_page_has_the_files(_binary, _directory):
    """docs/deploy.md and docs/nodes.md show each file as it is tested."""
    for file in sorted(FILES.iterdir()):
        page = "nodes.md" if file.name.startswith("nodes-") else "deploy.md"
        assert file.read_text().strip() in (ROOT / "docs" / page).read_text(), f"docs/{page} has not the text of {file.name}"


CHECKS = [
    behind_nginx,
    behind_nginx_below_a_path,
    behind_caddy,
    behind_haproxy,
    two_nodes_behind_nginx,
    two_nodes_behind_caddy,
    two_nodes_behind_haproxy,
    the_composed_nodes_fit_together,
    units_are_right,
    the_units_command_starts,
    the_health_check_tells_the_truth,
    the_image_and_its_proxy_fit_together,
    the_image_has_what_it_copies,
    the_page_has_the_files,
]


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    failed, named = 0, sys.argv[2:]
    checks = [check for check in CHECKS if not named or check.__name__ in named]
    for check in checks:
        with tempfile.TemporaryDirectory(prefix="parlor-deploy-") as directory:
            try:
                check(binary, pathlib.Path(directory))
                print(f"ok      {check.__name__}")
            except BaseException:
                failed += 1
                print(f"not ok  {check.__name__}")
                traceback.print_exc(file=sys.stdout)
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
