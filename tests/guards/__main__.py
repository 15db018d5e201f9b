"""
`python -m tests.guards`: remove each guard in a copy of the tree and watch its test fail.

A guard whose test still passes without it is none. The test must also pass with the guard in place, or its
failing would say nothing.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.guards.extension import EXTENSION
from tests.guards.guards import GUARDS, Guard
from tests.guards.leaks import LEAKS
from tests.guards.strangers import STRANGERS
from tests.support.process import ROOT

COPIED = (
    "promptready",
    "tests",
    "bench",
    "extension",
    "function_app.py",
    "host.json",
    "pyproject.toml",
    "openapi.json",
)
NOT_COPIED = ("__pycache__", "node_modules", ".output", ".wxt", "training", "test-results")
INSTALLED = ("tests/node/node_modules", "extension/node_modules")
TIMEOUT_S = 1_800  # a machine that is busy with other things is no broken guard
PASSED, FAILED = 0, 1  # exit codes of pytest and vitest; anything else means that no test ran


def main() -> int:
    """Print the table; 1 if a guard can be removed unnoticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("words", nargs="*", help="only guards whose name has all these words")
    chosen = [
        guard
        for guard in (*GUARDS, *STRANGERS, *LEAKS, *EXTENSION)
        if all(word in guard.name for word in parser.parse_args().words)
    ]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        code, output = _run(tree, sorted({guard.test for guard in chosen}))
        if code != PASSED:
            print(f"with all guards in place the tests don't pass:\n{output}")
            return 1
        print("| guard | removed in | test that fails |\n| --- | --- | --- |")
        for guard in chosen:
            verdict = _verdict_without(tree, guard)
            unnoticed += verdict != "fails"
            name = guard.test.rpartition("::")[2]
            print(f"| {guard.name} | {guard.path} | {name}{'' if verdict == 'fails' else f': {verdict}'} |", flush=True)
    print(f"\n{len(chosen) - unnoticed} of {len(chosen)} guards are missed when they are gone")
    return 1 if unnoticed else 0


def _verdict_without(tree: Path, guard: Guard) -> str:
    with without(tree, guard):
        code, output = _run(tree, [guard.test])
    match code:
        case 0:
            return "STILL PASSES"
        case 1:
            return "fails"
        case _:
            return f"NO TEST RAN: {output.strip().splitlines()[-1:]}"


@contextmanager
def without(tree: Path, guard: Guard) -> Iterator[None]:
    """Remove the guard for a while."""
    path = tree / guard.path
    whole = path.read_text(encoding="utf-8")
    if whole.count(guard.text) != 1:
        raise LookupError(f"{guard.name}: the text occurs {whole.count(guard.text)} times in {guard.path}")
    path.write_text(whole.replace(guard.text, guard.instead), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


def copy_tree(tree: Path) -> None:
    """Put into `tree` what the tests of both halves need."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns(*NOT_COPIED))
        else:
            shutil.copy(source, tree / name)
    for name in INSTALLED:
        (tree / name).symlink_to(ROOT / name)
    _npx(tree, "wxt", "prepare").check_returncode()


def _run(tree: Path, tests: list[str]) -> tuple[int, str]:
    """Run tests of both halves; the first exit code that is not 0, and what was printed."""
    ours = [test for test in tests if not test.startswith("extension/")]
    code, output = _pytest(tree, ours) if ours else (PASSED, "")
    for test in tests:
        if code == PASSED and test not in ours:
            code, output = _vitest(tree, test)
    return code, output


def _vitest(tree: Path, test: str) -> tuple[int, str]:
    path, _, name = test.removeprefix("extension/").partition("::")
    pattern = ".*".join(map(re.escape, re.split(r"%[sjo]", name)))
    done = _npx(tree, "vitest", "run", "--reporter=verbose", path, "-t", pattern)
    output = done.stdout + done.stderr
    # It is content with a name that nothing has, and fails where a file can't be read.
    has_run = re.search(r"Tests\D*\d+ (?:passed|failed)", re.sub(r"\x1b\[[0-9;]*m", "", output))
    return (done.returncode if has_run else FAILED + 1), output


def _npx(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    npx = ["npx", "--no-install", *command]
    return subprocess.run(npx, cwd=tree / "extension", capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def _pytest(tree: Path, tests: list[str]) -> tuple[int, str]:
    unused = [
        f"-pno:{plugin}" for plugin in ("cacheprovider", "xdist", "schemathesis", "hypothesispytest")
    ]  # slow to load
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", *unused, *tests]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
