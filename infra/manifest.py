#!/usr/bin/env python3
"""
Holds a built extension to the privacy page, before anybody can install it.

    python3 infra/manifest.py extension/.output/chrome-mv3/manifest.json https://api.example.org

It may ask for exactly the permissions `docs/privacy.md` gives reasons for, and its one host permission is the API it
was built for.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PRIVACY = Path(__file__).parent.parent / "docs" / "privacy.md"


def explained(page: str, table: str) -> set[str]:
    """The permissions that a table of the page names, `table` being the heading of its first column."""
    _, _, rows = page.partition(f"| {table} | Why |\n")
    named = set()
    for row in rows.splitlines():
        if not row.startswith("|"):
            break
        if permission := re.match(r"\| `([\w.]+)` \|", row):
            named.add(permission[1])
    return named


def problems(manifest: dict[str, Any], api_origin: str, page: str) -> list[str]:
    """What the manifest asks for and the page does not say, or the other way round."""
    found = []
    for key, table in [("permissions", "Permission"), ("optional_permissions", "Optional permission")]:
        asked, given = set(manifest.get(key, [])), explained(page, table)
        found += [f"{key}: {name} has no reason in docs/privacy.md" for name in sorted(asked - given)]
        found += [f"{key}: {name} has a reason there and is not asked for" for name in sorted(given - asked)]
    # A match pattern has no port: it covers all of a host's.
    address = urlsplit(api_origin)
    ours = f"{address.scheme}://{address.hostname}/*"
    if manifest.get("host_permissions") != [ours]:
        found.append(f"host_permissions: {manifest.get('host_permissions')} is not the API alone, {ours}")
    if manifest.get("content_scripts"):
        found.append("content_scripts: the page promises that none waits in pages")
    return found


def main(arguments: list[str]) -> int:
    """Check the manifest at the first path against the API origin given second."""
    if len(arguments) != 2:  # noqa: PLR2004 a path and an origin
        sys.stderr.write("usage: manifest.py MANIFEST API_ORIGIN\n")
        return 2
    manifest = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    found = problems(manifest, arguments[1].rstrip("/"), PRIVACY.read_text(encoding="utf-8"))
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
