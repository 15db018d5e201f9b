"""
Programs that are measured beside ours, each in an environment of its own under build/bench/.

None of them is a dependency. They are installed at first use with the ordinary clients, and stay until `make clean`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.process import ROOT

FOLDER = ROOT / "build" / "bench"
INSTALL_TIMEOUT_S = 900
LONGEST_REASON_CHARS = 200


class NotInstalled(Exception):
    """A program can't be measured here. The text is what its installer said last."""


def litellm() -> Path:
    """Return the command of LiteLLM's proxy."""
    return _from_pypi("litellm", "litellm[proxy]") / "litellm"


def plotting() -> Path:
    """Return a Python that has matplotlib."""
    return _from_pypi("plot", "matplotlib") / "python"


def portkey() -> tuple[str, ...]:
    """Return the command of Portkey's gateway."""
    folder = FOLDER / "portkey"
    script = folder / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotInstalled("there is no Node")
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _run([npm, "install", "--prefix", str(folder), "--no-fund", "--no-audit", "@portkey-ai/gateway"])
    return node, str(script)


def _from_pypi(name: str, requirement: str) -> Path:
    folder = FOLDER / name
    done = folder / ".installed"
    if not done.exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", requirement])
        done.touch()
    return folder / "bin"


def _run(command: list[str]) -> None:
    print("$", *command, flush=True)
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S)
    except subprocess.CalledProcessError as exc:
        last = (exc.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NotInstalled(last[:LONGEST_REASON_CHARS]) from exc
    except subprocess.TimeoutExpired as exc:
        raise NotInstalled(f"it was not done after {INSTALL_TIMEOUT_S} s") from exc
