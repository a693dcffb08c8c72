"""The documents' examples: shell lines of docs/transports.md as they stand there, and exchanges of docs/protocol.md."""

import json
import pathlib
import re
import subprocess
import tempfile
import time

import httpx
from support import Parlor, check

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def first_missing(parts, text):
    """The first of the parts that is not in the text behind the one before; None if all are."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return part
        at = found + len(part)
    return None


@check
def the_shell_lines_work_as_they_stand(binary):
    blocks = re.findall(r"```sh\n(.*?)```\n(?:\n<!-- prints: (.*?) -->)?", (DOCS / "transports.md").read_text(), re.S)
    assert len(blocks) >= 5
    with Parlor(binary) as parlor:
        script = ["set -u"]
        for block, prints in blocks:
            if "cargo " in block:
                continue
            script.append(block.replace("http://127.0.0.1:8080", parlor.url))
            script.append("echo; echo '=== end of block'")
        with tempfile.TemporaryDirectory(prefix="parlor-transports-") as directory:
            done = subprocess.run(["bash", "-c", "\n".join(script)], cwd=directory, capture_output=True, text=True, timeout=120)
        outputs = done.stdout.split("=== end of block\n")
        wanted = [prints for block, prints in blocks if "cargo " not in block]
        for output, prints in zip(outputs, wanted, strict=False):
            for part in (prints or "").split("…"):
                assert part.strip() in output, f"«{part}» is not in:\n{output}\n{done.stderr}"


@check
def the_exchanges_of_the_contract_are_what_the_server_says(binary):
    section = (DOCS / "protocol.md").read_text().split("\n## Without WebSocket\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```http\n(.*?)```", section, re.S)
    assert len(blocks) == 4
    with Parlor(binary) as parlor, httpx.Client(base_url=parlor.url, timeout=60) as client:
        secret = None
        for exchange in re.findall(r"^→ (.*?)^← (.*?)(?=^→|\Z)", "".join(blocks), re.S | re.M):
            (request, *lines), answer = exchange[0].rstrip("\n").split("\n"), " ".join(line.strip() for line in exchange[1].split("\n"))
            method, target = request.split(" ")
            body = "\n".join(line.strip() for line in lines)
            target = target.replace("SECRET", secret or "")
            status, _, wanted = answer.strip().partition(" ")
            parts = re.sub(r", ?\"close\"", ',"close"', wanted).split("…")
            # A poll is answered as soon as there is one frame: the others may come a moment later.
            polls = 100 if "/poll?ack=0" in target else 1
            for left in reversed(range(polls)):
                got = client.request(method, target, content=body or None)
                assert got.status_code == int(status), f"{request}: {got.status_code} {got.text}"
                if target == "/api/sessions":
                    secret = got.json()["session"]
                text = got.text.replace(secret, "SECRET")
                missing = first_missing(parts, text)
                if missing is None:
                    break
                assert left, f"{request}: «{missing}» is not in {text}"
                time.sleep(0.05)
            json.loads(text or "null")
