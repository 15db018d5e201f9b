"""`python -m promptready.report EVENTS`: which arm is better, as text and, with `--html`, as a page."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

MISSING_LIBRARY = (
    "The report needs libraries that the app does not; install them with: pip install -r requirements-report.txt"
)
NOT_TO_BE_TRUSTED = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0, 1 where there is nothing to report, 3 where the split of users is alarming."""
    parser = _options()
    options = parser.parse_args(arguments)
    if options.since and options.until and options.since >= options.until:
        parser.error("--since must be before --until")
    try:
        from promptready.report.comparison import compare  # noqa: PLC0415  # or there would be a traceback
        from promptready.report.events import Period, read  # noqa: PLC0415
        from promptready.report.page import in_html  # noqa: PLC0415
        from promptready.report.words import in_text, nothing  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("promptready"):
            raise
        return _fail(MISSING_LIBRARY)
    try:
        if options.html and options.html.exists() and options.html.samefile(options.events):
            return _fail(f"{options.html} holds the events; the page needs a file of its own.")
        events = read(options.events, Period(options.since, options.until))
    except OSError as problem:
        return _fail(f"{options.events} can't be read: {problem.strerror}.")
    report = compare(events, options.catalog_version)
    if report is None:
        return _fail(nothing(events, options.catalog_version))
    print(in_text(report), end="")
    if options.html:
        try:
            options.html.write_text(in_html(report), encoding="utf-8")
        except OSError as problem:
            return _fail(f"{options.html} can't be written: {problem.strerror}.")
    return NOT_TO_BE_TRUSTED if report.sample_ratio.is_alarming else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m promptready.report", description="Report on the experiment.")
    parser.add_argument("events", type=Path, metavar="EVENTS", help="lines of JSON, such as .local/events.ndjson")
    parser.add_argument("--since", type=_instant, metavar="TIME", help="leave out what came before, e.g. 2026-11-23")
    parser.add_argument("--until", type=_instant, metavar="TIME", help="leave out what came at or after")
    parser.add_argument("--catalog-version", metavar="VERSION", help="which version to report; the newest by default")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, too")
    return parser


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date or time like 2026-11-23T10:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
