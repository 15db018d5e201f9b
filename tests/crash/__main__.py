"""`python -m tests.crash --store sqlite --hosts 3 --seconds 60`: kill hosts under load and check the books."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.crash.run import GRANT, Plan, crash


def main() -> int:
    """Run as asked; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "cosmos", "both"), default="both")
    parser.add_argument("--hosts", type=int, default=3)
    parser.add_argument("--users", type=int, default=8, help=f"each has {GRANT} credits (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--kill-every", type=float, default=2.0, metavar="S", help="on average (default: %(default)s)")
    parser.add_argument("--cap", default="1.00", metavar="USD")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    broken = False
    for store in ("sqlite", "cosmos") if options.store == "both" else (options.store,):
        plan = Plan(store, options.hosts, options.users, options.seconds, options.kill_every, options.cap, options.seed)
        with tempfile.TemporaryDirectory() as folder:
            result = asyncio.run(crash(plan, Path(folder)))
        print(result, flush=True)
        broken |= bool(result.problems)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
