"""Deterministic cleaning of Markdown: what a careful model would do, without the model."""

import re

# A fence may stand in a quote or a list item. What follows backticks must have none, or it is code in a line.
_FENCE = re.compile(r"[\s>]*(?:(?:[-*+•]|\d+[.)])\s+)?(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
_BULLET = re.compile(r"^( {0,3})[*+•](?=\s+\S)")
_THEMATIC_BREAK = re.compile(r"\s*([-*_])(\s*\1){2,}\s*$")

_PAGE_OPENS = re.compile(r"<(page(?:-[0-9]+)?)>\n")


def page_in(message: str) -> str:
    """The page that the prompt wraps as `<page>…</page>` in `message`, or all of it where nothing is wrapped."""
    opening = _PAGE_OPENS.search(message)
    end = message.rfind(f"\n</{opening[1]}>") if opening else -1
    if opening is None or end < opening.start():
        return message
    return message[opening.end() : max(end, opening.end())]


def tidy(markdown: str) -> str:
    """
    The same Markdown with one blank line between blocks, no trailing blanks and one kind of bullet.

    Fenced code is kept byte for byte. No word, number or link is added, lost or moved. Tidying twice changes nothing.
    """
    lines: list[str] = []
    fence = ""
    for line in markdown.replace("\r\n", "\n").split("\n"):
        if fence:
            lines.append(line)
            if _closes(line, fence):
                fence = ""
        elif opening := _FENCE.match(line):
            fence = opening[1]
            lines.append(line)
        else:
            _add_prose(lines, line.rstrip())
    return "\n".join(lines).strip("\n")


def _closes(line: str, fence: str) -> bool:
    """CommonMark: a closing fence is of the same character, at least as long, and stands alone."""
    bare = line.strip(" \t>")
    return len(bare) >= len(fence) and bare == fence[0] * len(bare)


def _add_prose(lines: list[str], line: str) -> None:
    after_blank = not lines or not lines[-1]
    if not line:
        if not after_blank:
            lines.append("")
        return
    if not after_blank and (_HEADING.match(line) or _HEADING.match(lines[-1])):
        lines.append("")
    lines.append(line if _THEMATIC_BREAK.match(line) else _BULLET.sub(r"\1-", line))
