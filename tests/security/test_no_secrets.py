"""
No credential in the tree or in its history.

`detect-secrets`, the scanner that PyPI has for this, had its last release in May 2024 and asks for a baseline file of
hundreds of hashes that look like secrets. The credentials this product handles have fixed shapes, so they are listed.
"""

import re
import subprocess

import pytest

from tests.support.process import ROOT

SHAPES = {
    "Groq key": r"\bgsk_[A-Za-z0-9]{24,}",
    "Google key": r"\bAIza[0-9A-Za-z_-]{35}",
    "OpenAI, Anthropic or OpenRouter key": r"\bsk-(?:ant-|or-|proj-)?[A-Za-z0-9_-]{32,}",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,})",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\\?\s*[A-Za-z0-9+/]{16}",
    "storage or Cosmos DB key": r"(?<!sha512-)(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==",
    "shared access signature": r"[?&]sig=[A-Za-z0-9%+/]{40,}",
    "token of three parts": r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "instrumentation key": r"InstrumentationKey=(?!0{8})[0-9a-f]{8}-[0-9a-f]{4}",
    "Entra client secret": r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{34}",
}
PUBLISHED = {
    # Microsoft's emulators have one key each, which their documentation prints.
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
    "AKIAIOSFODNN7EXAMPLE",  # Amazon's own example
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
}
# What finds keys needs some to find: these are in every made-up one of extension/tests/unit/private/.
MADE_UP = ("Rk3vQ8nT2yLw7Z", "AKIAQ7ZPLM3XKTWB2VRN", "sk-nature-reserve")


def found_in(text: str) -> list[str]:
    """Name what is found, and where in the text, without repeating it."""
    return [
        f"{name} at {match.start()}"
        for name, shape in SHAPES.items()  # one by one: a pattern that begins with plain letters is found fast
        for match in re.finditer(shape, text)
        if match[0] not in PUBLISHED and not any(letters in match[0] for letters in MADE_UP)
    ]


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True)
    return done.stdout.decode(errors="replace")


needs_history = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this copy has no history")


@pytest.mark.parametrize(
    "secret",
    [
        "gsk_" + "a1B2" * 12,
        "AIza" + "a1B2_" * 7,
        "sk-" + "ant-" + "api03-" + "a1B2" * 12,
        "ghp_" + "a1B2" * 9,
        "npm_" + "a1B2" * 9,
        "AKIA" + "A1B2" * 4,
        "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "a1B2" * 8,
        "a1B2" * 21 + "a1" + "==",
        "https://x.example/y?sv=1&" + "sig=" + "a1B2" * 11,
        "eyJ" + "a1B2" * 5 + ".eyJ" + "a1B2" * 5 + "." + "a1B2" * 5,
        "InstrumentationKey" + "=a1b2c3d4-a1b2-",
        "abc" + "8Q~" + "a1B2" * 8 + "ab",
    ],
    ids=SHAPES,
)
def test_a_credential_would_be_found(secret: str) -> None:
    assert found_in(f"x = '{secret}'")


@needs_history
def test_no_file_holds_a_credential() -> None:
    found = {}
    for name in git("ls-files", "-z").rstrip("\0").split("\0"):
        path = ROOT / name
        if path.is_file() and (secrets := found_in(path.read_text(encoding="utf-8", errors="replace"))):
            found[name] = secrets
    assert found == {}


@needs_history
def test_no_commit_ever_held_a_credential() -> None:
    assert (
        found_in(
            git(
                "log",
                "--all",
                "--patch",
                "--unified=0",
                "--no-color",
                "--no-ext-diff",
                "--",
                ".",
                ":!*package-lock.json",
            )
        )
        == []
    )


@needs_history
@pytest.mark.parametrize("name", ["local.settings.json", ".local/events.ndjson", ".local/store.db"])
def test_files_that_hold_secrets_are_not_to_be_committed(name: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0
    assert ignored, f"{name} belongs into .gitignore"
