"""Charts as files in docs/images, drawn by a Python that has matplotlib (`plot.py`)."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import tools
from tests.support.process import ROOT


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over one axis: where on it, and each line's values there by its label. An axis may go by powers of ten."""

    at: Sequence[int]
    lines: Mapping[str, Sequence[float]]
    by_tens: bool = False


def draw(title: str, charts: Mapping[str, Chart], path: Path) -> str:
    """Draw one small chart an axis, and return the Markdown that shows them, or says why there are none."""
    document = {axis: asdict(chart) for axis, chart in charts.items()}
    try:
        command = [str(tools.plotting()), str(Path(__file__).with_name("plot.py")), str(path)]
    except tools.NotInstalled as exc:
        return f"No plot: {exc}"
    subprocess.run(command, input=json.dumps(document), text=True, check=True)
    return f"![{title.capitalize()}](../{path.relative_to(ROOT)})"
