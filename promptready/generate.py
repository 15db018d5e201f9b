"""
Write what the extension takes from this half, so that nothing is written twice.

`python -m promptready.generate` writes the OpenAPI document (from which the extension's types are made),
the prompt, and the version: `pyproject.toml` has the one that counts. `--check` writes nothing and fails when
a file on disk is not what would be written.
"""

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path

from promptready import prompt, wire

ROOT = Path(__file__).parent.parent
VERSIONED = {ROOT / "extension" / "package.json": 1, ROOT / "extension" / "package-lock.json": 2}
"""Files of npm's that carry our version, and how many times; what follows there are versions of others."""


def files() -> dict[Path, str]:
    """Return each generated file's path and content."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    asked = {"system": prompt.SYSTEM, "user_template": prompt.USER_TEMPLATE, "temperature": prompt.TEMPERATURE}
    return {
        ROOT / "openapi.json": _json(wire.openapi(version)),
        ROOT / "extension" / "ai" / "prompt.json": _json(asked),
        **{path: _with_version(path, version, places) for path, places in VERSIONED.items()},
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or compare them; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m promptready.generate", description="Write the shared files.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    options = parser.parse_args(arguments)
    stale = {path: text for path, text in files().items() if not path.exists() or path.read_text() != text}
    if options.check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run make generate", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text)
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def _with_version(path: Path, version: str, places: int) -> str:
    return re.sub(r'^( +"version": )"[^"]*"', rf'\g<1>"{version}"', path.read_text(), count=places, flags=re.MULTILINE)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
