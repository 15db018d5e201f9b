"""
Run a module as `python -m` does, and die with whoever holds the other end of standard input.

A test that is killed with SIGKILL cannot clean up. Its end of the pipe closes all the same, on every system,
and the server it started goes with it.
"""

import os
import runpy
import sys
import threading


def _follow() -> None:
    # os.read and not sys.stdin: a buffered reader's lock would be held while the interpreter shuts down.
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_follow, daemon=True).start()
    sys.path[0] = os.getcwd()  # noqa: PTH109 - what `python -m` puts there
    module = sys.argv[1]
    del sys.argv[0]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
