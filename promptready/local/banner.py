"""What the local host prints when it runs: where things are, and what to paste to see it work."""

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

# A body for each function that shows what it does. The cohort may not be the user's; the stored one decides.
EXAMPLES = {
    "check-credits": {"userId": "local-user-1"},
    "process-ai": {"userId": "local-user-1", "cohort": "A", "content": "# Hello\n\n\n\n* one   \n* two"},
}


def banner(
    url: str, paths: Sequence[str], *, store_url: str, models: Sequence[str], sandbox_base_url: str, events: Path
) -> str:
    """Return the lines to print. `models` are sentences; `sandbox_base_url` is empty where no sandbox runs."""
    sandbox = [f"Sandbox provider on {sandbox_base_url}"] if sandbox_base_url else []
    first_model, *more_models = [*models, *sandbox]
    lines = [
        f"PromptReady runs on {url} (Ctrl-C ends it)",
        "",
        *(f"  POST {url}{path}" for path in paths),
        "",
        f"  Store   {_describe(store_url)}",
        f"  Models  {first_model}",
        *(f"          {note}" for note in more_models),
        f"  Events  {events}",
        "",
        "Try it:",
        "",
        *(f"  {_curl(url, path)}" for path in paths),
        "",
    ]
    return "\n".join(lines)


def _describe(store_url: str) -> str:
    """What the store is, in words, and without anything a URL may carry beyond its address."""
    parts = urlsplit(store_url)
    return f"SQLite, file {parts.path[1:]}" if parts.scheme == "sqlite" else f"Cosmos DB at {parts.hostname}"


def _curl(url: str, path: str) -> str:
    body = json.dumps(EXAMPLES.get(path.rsplit("/", 1)[-1], {}))
    return f"curl -s {url}{path} -H 'content-type: application/json' -d '{body}'"
