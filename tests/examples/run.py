"""The examples against clients that nobody here wrote: run.py PROGRAMS. Ends with «N passed, M failed».

PROGRAMS is the directory with the examples' programs, such as target/debug/examples.
"""

import pathlib
import sys

import support
import with_tornado
import with_websocket_client
import with_websockets

if __name__ == "__main__":
    assert with_tornado and with_websocket_client and with_websockets  # each registers its checks
    sys.exit(0 if support.run(pathlib.Path(sys.argv[1]).resolve()) else 1)
