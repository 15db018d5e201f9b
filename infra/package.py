#!/usr/bin/env python3
"""
Builds the package Azure runs: the app's files and its dependencies, in one zip with the same bytes every time.

    python3.13 infra/package.py dist/promptready.zip

What belongs in it is what `.funcignore` leaves of the files git knows, the same list `azd` and `func` go by. The
dependencies go in beside the app, so that the package a smoke test passed is the package that is live, and a rollback
needs no package index. Run it with the Python of production on Linux: wheels and markers are those of the interpreter.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PRODUCTION_PYTHON = (3, 13)
# Where the Functions host looks for dependencies that were not built by Azure itself.
DEPENDENCIES = ".python_packages/lib/site-packages"
# A zip cannot tell of a time before this; a fixed one keeps the bytes the same.
EPOCH = (1980, 1, 1, 0, 0, 0)


def app_files(root: Path) -> list[str]:
    """The files of the app itself, as paths relative to the root: known to git, not named by `.funcignore`."""
    known = _git(root, "ls-files", "-z", "--cached")
    left_out = _git(root, "ls-files", "-z", "--cached", "--ignored", "--exclude-from=.funcignore")
    return sorted(known - left_out)


def write_zip(target: Path, folders: list[tuple[Path, list[str]]]) -> None:
    """Write files, given as folder and relative paths, into one zip, in order and without times."""
    entries = sorted((name, folder / name) for folder, names in folders for name in names)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as package:
        for name, file in entries:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            package.writestr(info, file.read_bytes())


def main(arguments: list[str]) -> int:
    """Build the package at the one path given."""
    if len(arguments) != 1:
        sys.stderr.write("usage: package.py TARGET.zip\n")
        return 2
    if sys.version_info[:2] != PRODUCTION_PYTHON:
        sys.stderr.write("package.py: run me with Python 3.13, which is what production runs\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        dependencies = Path(folder)
        subprocess.run(  # noqa: S603 our own arguments
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-compile",
                "--only-binary=:all:",
                "--require-hashes",
                f"--target={dependencies / DEPENDENCIES}",
                f"--requirement={ROOT / 'requirements.txt'}",
            ],
            check=True,
        )
        installed = [str(file.relative_to(dependencies)) for file in dependencies.rglob("*") if file.is_file()]
        target = Path(arguments[0])
        write_zip(target, [(ROOT, app_files(ROOT)), (dependencies, installed)])
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes\n")
    return 0


def _git(root: Path, *arguments: str) -> set[str]:
    listed = subprocess.run(  # noqa: S603 our own arguments
        ["git", "-C", str(root), *arguments],  # noqa: S607 whichever git the caller has
        check=True,
        capture_output=True,
        text=True,
    )
    return set(listed.stdout.split("\0")) - {""}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
