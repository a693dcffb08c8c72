"""Sessions over HTTP against programs that nobody here wrote: run.py BINARY. Ends with «N passed, M failed».

BINARY is the server, such as target/debug/parlor.
"""

import pathlib
import sys

import behind_nginx
import by_curl
import by_httpx
import documented
import many
import support

if __name__ == "__main__":
    assert behind_nginx and by_curl and by_httpx and documented and many  # each registers its checks
    sys.exit(0 if support.run(str(pathlib.Path(sys.argv[1]).resolve())) else 1)
