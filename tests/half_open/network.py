"""Two hosts in network namespaces of their own, and a cable between them that can be cut without a word."""

import contextlib
import ctypes
import os
import socket
import subprocess

SERVER, CLIENT = "192.0.2.1", "192.0.2.2"  # of TEST-NET-1 (RFC 5737): nobody has them
CABLE = "cable0"
PATIENCE_S = 60
CLONE_NEWNET = 0x40000000
CUT = "table inet cut { chain arrival { type filter hook prerouting priority -300; iifname %s drop; }; }" % CABLE

libc = ctypes.CDLL(None, use_errno=True)


class NotAllowed(Exception):
    """This user may not make network namespaces, or a tool for that is missing."""


class Network:
    """Hosts and cable. They are removed at the end, by their names."""

    made = 0

    def __init__(self):
        Network.made += 1
        name = f"parlor-{os.getpid()}-{Network.made}"
        self.server, self.client = f"{name}-server", f"{name}-client"

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for host in (self.server, self.client):
            subprocess.run(["ip", "netns", "delete", host], stderr=subprocess.DEVNULL, check=False)

    def build(self):
        for host in (self.server, self.client):
            run("ip", "netns", "add", host)
        run("ip", "-n", self.server, "link", "add", CABLE, "type", "veth", "peer", "name", CABLE, "netns", self.client)
        for host, address in ((self.server, SERVER), (self.client, CLIENT)):
            run("ip", "-n", host, "address", "add", f"{address}/24", "dev", CABLE)
            for link in ("lo", CABLE):
                run("ip", "-n", host, "link", "set", link, "up")

    def cut(self):
        """Drops all that arrives at both ends. Nobody is told: the links stay up, and the hosts find each other's cards."""
        for host in (self.server, self.client):
            run("ip", "netns", "exec", host, "nft", CUT)

    def mend(self):
        for host in (self.server, self.client):
            run("ip", "netns", "exec", host, "nft", "delete table inet cut")

    def dial(self, host, address, port):
        """A connection from one of the hosts."""
        with inside(host):
            connection = socket.create_connection((address, port), PATIENCE_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


@contextlib.contextmanager
def inside(host):
    """This thread's new sockets are of that host. Those that there are stay where they are."""
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{host}") as there:
        enter(there)
        try:
            yield
        finally:
            enter(home)


def enter(namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError as missing:
        raise NotAllowed(f"{command[0]} is not there") from missing
    if done.returncode != 0:
        raise NotAllowed(f"{' '.join(command)}: {done.stderr.strip()}")
