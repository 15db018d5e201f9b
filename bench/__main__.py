"""`python -m bench [PART ...]`: measure, print, and write bench/RESULTS.md. Without parts, all of them."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from bench import cold_start, extension, growth, ledger, proxies, refusals
from bench.results import Section, publish

PARTS: Mapping[str, Callable[[], Coroutine[Any, Any, Section]]] = {
    "proxies": proxies.run,
    "ledger": ledger.run,
    "cold-start": cold_start.run,
    "refusals": refusals.run,
    "growth": growth.run,
    "extension": extension.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that were named, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=", ".join(PARTS))
    for part in parser.parse_args(arguments).parts or PARTS:
        started_s = time.monotonic()
        publish(asyncio.run(PARTS[part]()))
        print(f"[{part}: {time.monotonic() - started_s:.0f} s]", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
