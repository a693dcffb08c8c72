"""A client by curl."""

import pathlib
import subprocess

from support import Parlor, check


@check
def a_chat_by_curl(binary):
    with Parlor(binary) as parlor:
        script = pathlib.Path(__file__).with_name("by_curl.sh")
        done = subprocess.run(["bash", script, parlor.url], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert "SECRET" not in parlor.log()
        for secret in done.stdout.split():
            assert len(secret) == 32 and secret not in parlor.log(), "a secret is in the log"
