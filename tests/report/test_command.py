"""The command as an operator uses it: its words, its page, its exit codes."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from promptready.report.__main__ import MISSING_LIBRARY, main
from promptready.report.page import in_html
from promptready.report.simulate import Effect, experiment
from promptready.report.words import headline, in_text
from tests.report.lines import BEGIN, line, written

ROOT = Path(__file__).parents[2]


def everyone(**changes: object) -> list[str]:
    """Return a request of each of a hundred users, split as drawn."""
    return [
        line(cohort=arm, unit=f"{arm}{n}", **changes)
        for arm, users in zip("ABC", (70, 20, 10), strict=True)
        for n in range(users)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "events.ndjson", *everyone())


def test_it_prints_the_split_first_then_the_sentence_then_tables(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(path)]) == 0
    out = capsys.readouterr().out
    places = [
        out.index(words)
        for words in ("Catalog 3f2a91c04b7d", "Users are split as drawn", "The data can't tell", "By arm", "Against A")
    ]
    assert places == sorted(places)


def test_a_split_that_is_no_accident_is_the_first_and_only_advice(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(path, *everyone(), *(line(cohort="C", unit=f"more{n}") for n in range(60)))
    assert main([str(path)]) == 3
    out = capsys.readouterr().out
    assert out.splitlines()[1].startswith("!! Sample ratio mismatch: A 70, B 20, C 70 for 70 : 20 : 10 (p < 0.0001)")
    assert "Do not decide on these figures" in out
    assert "as drawn" not in out


def test_several_versions_are_told_before_any_figure(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(path, *everyone(catalog_version="before"), *everyone(catalog_version="after"))
    main([str(path)])
    assert "!! The file holds several catalog versions. This is after alone; left out: before (100 events)." in (
        capsys.readouterr().out
    )
    main([str(path), "--catalog-version", "before"])
    assert "This is before alone; left out: after (100 events)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{folder}/missing.ndjson"], "{folder}/missing.ndjson can't be read: No such file or directory."),
        (["{folder}"], "{folder} can't be read: Is a directory."),
        (["{path}", "--catalog-version", "x"], "There are no events of catalog version x; there are of 3f2a91c04b7d."),
        (["{path}", "--since", "2030-01-01"], "All 100 events are outside the period asked for."),
        (["{path}", "--html", "{path}"], "{path} holds the events; the page needs a file of its own."),
        (["{folder}/empty"], "There are no process_ai events in that file."),
        (
            ["{folder}/noise"],
            "There are no process_ai events in that file. 2 lines could not be read, the first of them line 1.",
        ),
        (
            ["{path}", "--html", "{folder}/no/such.html"],
            "{folder}/no/such.html can't be written: No such file or directory.",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    (path.parent / "empty").touch()
    (path.parent / "noise").write_bytes(b"\x00\xff\n\x80{")

    def filled(text: str) -> str:
        return text.format(path=path, folder=path.parent)

    assert main([filled(argument) for argument in arguments]) == 1
    assert capsys.readouterr().err == filled(sentence) + "\n"


def test_lines_that_are_no_events_are_told(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(path, "garbage", *everyone(), "{}")
    assert main([str(path)]) == 0
    assert "2 lines could not be read, the first of them line 1." in capsys.readouterr().out


def test_the_period_is_that_of_the_options_in_utc(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = BEGIN.date().isoformat()
    written(path, *everyone(time=BEGIN), *everyone(time=BEGIN.replace(hour=12)))
    main([str(path), "--since", f"{day}T11:00", "--until", f"{day}T13:00+00:00"])
    out = capsys.readouterr().out
    assert "23 November 2026 12:00 to 23 November 2026 12:00 UTC" in out
    assert "100 events are outside the period asked for." in out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--since", "monday"], "'monday' is no date or time like 2026-11-23T10:00"),
        (["--since", "2026-11-24", "--until", "2026-11-23"], "--since must be before --until"),
    ],
)
def test_a_period_that_is_none_is_refused(
    path: Path, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    with pytest.raises(SystemExit):
        main([str(path), *options])
    assert sentence in capsys.readouterr().err


def test_without_the_extra_it_says_how_to_get_it(path: Path) -> None:
    without = "import sys; sys.modules['scipy'] = None; from promptready.report.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", without, str(path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, MISSING_LIBRARY + "\n")


def advice(**effects: Effect) -> str:
    return headline(experiment(np.random.default_rng(3), 20_000, effects))


def test_an_arm_that_is_better_and_no_worse_can_replace_the_first() -> None:
    assert re.fullmatch(r"B can replace A: B costs less \(-\d\d\.\d%\); C .*\.", advice(B=Effect(cost=0.5)))


def test_an_arm_that_is_worse_is_left() -> None:
    found = advice(B=Effect(failures=3, cost=0.5))
    assert re.match(r"Keep A: B costs less \(-\d\d\.\d%\) but answers less often \(-\d\.\d\d points\)", found)


def test_cheap_but_slow_is_for_people_to_judge() -> None:
    assert advice(B=Effect(latency=2, cost=0.5)).startswith("A trade to be judged: B costs less")


class Outline(HTMLParser):
    """Collects what a page fetches or runs, and its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action", "data"}]


def test_the_page_is_one_file_that_fetches_and_runs_nothing(path: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert main([str(path), "--html", str(page)]) == 0
    outline = Outline()
    outline.feed(page.read_text(encoding="utf-8"))
    assert outline.addresses == []
    assert not {"script", "link", "iframe", "object"} & set(outline.tags)
    assert outline.tags.count("svg") == 7  # six figures of the arms and all differences
    assert "url(" not in page.read_text(encoding="utf-8")


def test_names_from_events_are_text_on_the_page(path: Path, tmp_path: Path) -> None:
    written(path, *everyone(model_returned="<script>alert(1)</script>", outcome="SUCCESS"))
    page = tmp_path / "report.html"
    main([str(path), "--html", str(page)])
    assert "<script" not in page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page.read_text(encoding="utf-8")


def test_the_page_says_what_the_terminal_says() -> None:
    report = experiment(np.random.default_rng(1), 3000, {"B": Effect(failures=4)})
    text, page = in_text(report), in_html(report)
    for figure in re.findall(r"\d+\.\d\d%", text):
        assert figure in page


def test_a_report_without_comparisons_has_a_page(path: Path, tmp_path: Path) -> None:
    written(path, *(line(unit=f"{n}") for n in range(3)))
    page = tmp_path / "report.html"
    assert main([str(path), "--html", str(page)]) == 0 or page.exists()
    assert "There is nothing to compare yet" in page.read_text(encoding="utf-8")
