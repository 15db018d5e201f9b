"""`python -m promptready.local.sandbox`: run the sandbox provider by itself."""

import argparse
import sys

from promptready.local.sandbox.bill import INPUT_USD_PER_MTOK, OUTPUT_USD_PER_MTOK, Price
from promptready.local.sandbox.server import Sandbox
from promptready.local.serve import CannotStart, listen, port_of, run, serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; the exit code."""
    options = _parser().parse_args(arguments)
    return run(lambda: _serve(options))


def _serve(options: argparse.Namespace) -> int:
    try:
        price = Price.from_usd(options.input_usd_per_mtok, options.output_usd_per_mtok)
    except ValueError as exc:
        raise CannotStart(f"{exc}.") from exc
    listener = listen(options.host, options.port, "--port")
    print(f"Sandbox provider on http://{options.host}:{port_of(listener)}/v1 (no network, no cost)", flush=True)
    return serve(Sandbox(price, options.key), [listener], patience_s=0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m promptready.local.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7072, help="0 picks a free one (default: %(default)s)")
    parser.add_argument("--key", help="the only accepted API key (default: every key but 'wrong-key')")
    parser.add_argument("--input-usd-per-mtok", default=INPUT_USD_PER_MTOK, help="(default: %(default)s)")
    parser.add_argument("--output-usd-per-mtok", default=OUTPUT_USD_PER_MTOK, help="(default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
