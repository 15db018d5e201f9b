r"""
How much of a page an answer kept, and what it made up: counted, without keeping either text.

`extension/ai/verify.ts` is the same definition for the user's eyes; `tests/vectors/fidelity.json` holds the two
together. A source is the Markdown or plain text that was sent, an answer the Markdown that came back.

**Lines** end at LF; a CR right before it goes with it. **Code**: a line opens a block if it has at least three
backticks (and no backtick later) or three tildes after nothing but spaces, tabs and `>`, then perhaps one list marker
(`-`, `*`, `+`, or up to nine digits with `.` or `)`) and spaces or tabs. The block ends before the next line which,
without spaces, tabs and `>` around it, is the same character at least as often and nothing else, or at the end of the
text. A block is the lines between, each without its longest start of spaces, tabs and `>` that is no longer than what
stood before the opening fence. The two fence lines themselves count as nothing, so a language may be added to a
block.

**Links** are addresses. (a) After `](`, spaces, tabs and at most one `<`: what follows up to white space, `<`, `>` or
a bracket, where a balanced `(…)` belongs to it, if it has one of `: / . ? #` before any parenthesis; those that begin
with `#` are not counted. In
what is left, (b) `http://`, `https://` and `ftp://` in any case, and then (c) `www.`, read as
`http://www.`, with what follows up to white space, one of `<>[]{}|^"`, a backtick, a quotation mark, an ellipsis, CJK
punctuation or an unbalanced parenthesis, less trailing `.,;:!?'*_~` and backslashes. Links are compared once
backslashes are gone, `&amp;` is `&`, scheme and host are lower-case and a path that is only `/` is gone: a shortened,
re-encoded or trimmed link is not kept.

**Numbers** are looked for outside links and character references such as `&#39;`. A number is a date like 2026-11-22,
or decimal digits (of any script, read as 0 to 9) joined by single `.` `,` `:` `/` or apostrophe. Hyphens, figure and
en dashes and minus signs all read as `-`; one right before the number belongs to it unless the character before that
is a letter, a digit or one of `)]}%"'.-_`. Commas, or else apostrophes, that part all the thousands are dropped
(1,234.5 is 1234.5). Nothing more is normalised, so a changed digit is always seen. A **list number** is layout and
does not count: up to three digits with `.` or `)` (perhaps a backslash between, or `*` and `_` after) before white
space or the line's end, in a line outside code, after nothing but spaces, tabs and `>#*_+-` (the last of them no
`-`), if it is 0, 1, the last list number of its level or the one after that. All lines with a `#` before it are one
level, and so are all that have the same before it, less `*` and `_` at its end.

**Words** are looked for outside links, without soft hyphens and zero-width characters, in NFC and lower case with final
sigmas as any other: runs of letters (with numerals such as `½`), where each Chinese or Japanese character is a
word of its own.

**Headings** are lines outside code with one to six `#` and then a space or tab, after nothing but spaces, tabs and
`>`; they are compared by their letters and digits outside links and without a list number.

A **table** is a run of lines outside code that begin with `|` (after spaces, tabs and `>`). Its **rows** are those
that are not all `|:-`, less all spaces, tabs, `*_~` and backticks, and `|` at either end. What is compared are pairs,
each of a row and the row before it in its table (nothing before the first), so that cells, columns and rows that trade
places all show, while whole tables may move.

Each kind is a multiset (links: a set). *Total* is how many the source has, *kept* how many of them the answer has
too, *extra* how many the answer has beyond them: invented numbers and links, added words. *Altered* code blocks are
those not kept for which the answer has an extra one.

The **score** is kept * own * trust, rounded half up to six decimals:

- *kept*: the kept shares of what the source has, weighted (words 4, numbers 2, links 2, code 2, rows 2, headings 1);
- *own*: the share of the answer's words and numbers that the source has too;
- *trust*: 10 / (10 + extra numbers + altered code blocks + 2 * extra links), because what is made up counts each time,
  however long the page is.

A share of nothing is 1.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, compress, filterfalse, pairwise, repeat
from typing import Any, TypeVar

from promptready.plain_text import cut_links, fold, number_count, numbers_of, to_utf8, word_count, words_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of one kind the source has, how many of those the answer kept, and how many it has beyond them."""

    total: int
    kept: int
    extra: int


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What an answer kept of its source and added to it; the module's docstring says what counts as what."""

    words: Tally
    numbers: Tally
    links: Tally
    code: Tally
    rows: Tally
    headings: Tally

    @property
    def code_altered(self) -> int:
        """How many code blocks are still there, but not byte for byte."""
        return min(self.code.total - self.code.kept, self.code.extra)

    @property
    def score(self) -> float:
        """From 0 (nothing kept) to 1 (everything kept and nothing added)."""
        weights = (
            (self.words, 4),
            (self.numbers, 2),
            (self.links, 2),
            (self.code, 2),
            (self.rows, 2),
            (self.headings, 1),
        )
        present = [(tally, weight) for tally, weight in weights if tally.total]
        kept = _share(
            sum(weight * tally.kept / tally.total for tally, weight in present), sum(weight for _, weight in present)
        )
        shared = self.words.kept + self.numbers.kept
        own = _share(shared, shared + self.words.extra + self.numbers.extra)
        trust = 10 / (10 + self.numbers.extra + self.code_altered + 2 * self.links.extra)
        return math.floor(kept * own * trust * 1e6 + 0.5) / 1e6


def measure(source: str, answer: str) -> Fidelity:
    """Compare an `answer` with the `source` it was made from. Any two strings will do, in linear time."""
    page, reply = _read(source), _read(answer)
    # What both have word for word need only be counted, and that is most of a faithful answer.
    both, *rest = _match(page.pieces, reply.pieces)
    if _seem_to_share_sentences(*rest):
        sentences, *rest = _match(*map(_sentences, rest))
        both = f"{both}\n{sentences}"
    shared, lost, new = map(cut_links, (both, *rest))
    return Fidelity(
        words=_compare(words_of(lost), words_of(new), word_count(shared)),
        numbers=_compare_numbers(numbers_of(lost), numbers_of(new), number_count(shared)),
        links=_compare_sets(shared.links | lost.links, shared.links | new.links),
        code=_compare(page.code, reply.code),
        rows=_compare_rows(page.rows, reply.rows),
        headings=_compare(page.headings, reply.headings),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _compare(source: Counter[Any], answer: Counter[Any], kept_besides: int = 0) -> Tally:
    kept = sum(_in_both(source, answer).values())
    return Tally(kept_besides + source.total(), kept_besides + kept, answer.total() - kept)


def _compare_sets(source: set[str], answer: set[str]) -> Tally:
    kept = len(source & answer)
    return Tally(len(source), kept, len(answer) - kept)


def _compare_numbers(source: list[bytes], answer: list[bytes], kept_besides: int) -> Tally:
    """Numbers that differ are rarely said twice, so those only in the answer are looked up and not counted."""
    counted = Counter(source)
    shared = Counter(filter(counted.__contains__, answer))
    kept = sum(map(min, map(counted.__getitem__, shared), shared.values()))
    return Tally(kept_besides + len(source), kept_besides + kept, len(answer) - kept)


def _in_both(some: Counter[T], others: Counter[T]) -> dict[T, int]:
    """Several times faster than `some & others`, half of that because `min` is not called."""
    times = others.get
    return {
        piece: count if count < most else most  # noqa: FURB136
        for piece, count in some.items()
        if (most := times(piece))
    }


def _compare_rows(source: list[bytes], answer: list[bytes]) -> Tally:
    """Compare rows together with the row before each; an empty one stands before each table."""
    total, others = (len(rows) - rows.count(b"") for rows in (source, answer))
    if source == answer:
        return Tally(total, total, 0)
    if {*source}.intersection(answer) == {b""}:
        return Tally(total, 0, others)
    pairs = (Counter(compress(pairwise(rows), rows[1:])) for rows in (source, answer))
    kept = sum(_in_both(*pairs).values())
    return Tally(total, kept, others - kept)


def _match(some: list[str], others: list[str]) -> tuple[str, str, str]:
    """What both have, what only `some` has and what only `others` have, one piece a line."""
    left, right = Counter(some), Counter(others)
    both = _in_both(left, right)

    def rest(pieces: list[str], counted: Counter[str]) -> str:
        more = () if len(counted) == len(pieces) else both
        repeated = [repeat(piece, counted[piece] - both[piece]) for piece in more if counted[piece] > both[piece]]
        return "\n".join(chain(filterfalse(both.__contains__, pieces), *repeated))

    repeated = [repeat(piece, count - 1) for piece, count in both.items() if count > 1]
    return "\n".join(chain(both, *repeated)), rest(some, left), rest(others, right)


def _seem_to_share_sentences(some: str, others: str) -> bool:
    """Look at a few: where nearly all are on one side only, comparing them all costs more than it spares."""
    step = len(some) // _SENTENCES_TRIED + 1
    parts = (some[place : place + min(step, _SENTENCE_AT_MOST)] for place in range(0, len(some), step))
    tried = [re.search(_SENTENCE, part) for part in parts]
    return sum(sentence is not None and sentence[0] in others for sentence in tried) * 4 >= _SENTENCES_TRIED


def _sentences(text: str) -> list[str]:
    """And the lines of code. No word, number or link goes across white space, so a text may be cut at any."""
    return text.replace(". ", ".\n").split("\n")


@dataclass(slots=True)
class _Layout:
    """A text by its lines: code blocks, headings, table rows, and all of it, line by line, without list numbers."""

    code: Counter[str] = field(default_factory=Counter)
    headings: Counter[str] = field(default_factory=Counter)
    rows: list[bytes] = field(default_factory=lambda: [b""])
    """Of all tables, in their order, with an empty one after each table."""

    pieces: list[str] = field(default_factory=list)
    """Lines outside code, and whole code blocks."""


def _read(text: str) -> _Layout:
    layout = _Layout()
    text = text.replace("\r\n", "\n") if "\r" in text else text
    lines = _cut_code(text, layout.code).split("\n")
    list_numbers: dict[str, int] = {}  # the last of headings, and of each indent
    headings: list[str] = []
    table: list[str] = []
    table_end = 0
    # One letter for each line, so that one search finds the few that are looked at, and a table at once.
    for run in re.finditer(_TO_LOOK_AT, "".join([line[:1] or "." for line in lines])):
        place, end = run.span()
        line = lines[place]
        first = line.lstrip(" \t>")[:1]
        if first == "|":
            if table and table_end < place:
                layout.rows += _rows(table)
                table = []
            table += lines[place:end]
            table_end = end
        elif line.lstrip(" \t>#*_+-")[:1] in _DIGITS and (counted := re.match(_LIST_NUMBER, line)):
            before, value = line[: counted.start(1)], int(counted[1])
            level = "#" if "#" in before else before.rstrip("*_")
            if value <= 1 or 0 <= value - list_numbers.get(level, 0) <= 1:
                list_numbers[level] = value
                lines[place] = before + line[counted.end(1) :]
        if first == "#":
            headings.append(lines[place].lstrip(" \t>"))
    layout.rows += _rows(table)
    layout.headings = _headings(headings)
    layout.pieces = [*lines, *layout.code.elements()]
    return layout


def _cut_code(text: str, blocks: Counter[str]) -> str:
    """Count the code blocks; gives the lines outside them, without the fences."""
    # Looking for one character first is many times faster than looking for several.
    marks = [mark for mark in ("```", "~~~") if mark[0] in text and mark in text]
    if not marks:
        return text
    prose: list[str] = []

    def close(opening: re.Match[str], inside: str) -> None:
        if indent := opening.start(1):
            inside = "\n".join([line[:indent].lstrip(" \t>") + line[indent:] for line in inside.split("\n")])
        blocks[inside] += 1

    opening: re.Match[str] | None = None
    begin = end = 0  # of what is not yet dealt with, and of the last line with a mark
    for mark in re.finditer("|".join(marks), text):
        if mark.start() < end:
            continue
        start = text.rfind("\n", end, mark.start()) + 1
        end = text.find("\n", mark.end())
        end = len(text) if end < 0 else end
        line = text[start:end]
        if opening is None:
            opening = re.match(_FENCE, line)
            if opening is None:
                continue
            prose.append(text[begin:start])
        else:
            fence, bare = opening[1], line.strip(" \t>")
            if len(bare) < len(fence) or bare.strip(fence[0]):
                continue
            close(opening, text[begin : max(begin, start - 1)])
            opening = None
        begin = end + 1
    if opening is None:
        prose.append(text[begin:])
    else:
        close(opening, text[begin:])
    return "".join(prose)


def _rows(table: list[str]) -> list[bytes]:
    """Each row that is not only a rule, and an empty one at the end."""
    text = "\n".join(table)
    if ">" in text:  # spaces and tabs go in any case
        text = "\n".join(map(str.lstrip, table, repeat(" \t>")))
    bare = to_utf8(text).translate(None, _ROW_PADDING)
    rows = map(bytes.strip, bare.split(b"\n"), repeat(b"|"))
    is_more_than_a_rule = bare.translate(None, b"|:-").split(b"\n")
    return [*compress(rows, is_more_than_a_rule), b""]


def _headings(lines: list[str]) -> Counter[str]:
    titles: list[str] = []
    for line in lines:
        title = line.lstrip("#")
        if len(line) - len(title) <= _HEADING_LEVELS and title[:1] in {" ", "\t"}:
            titles.append(title)
    text = fold(cut_links("\n".join(titles)).text)
    return Counter(filter(None, re.sub(_NEITHER_LETTERS_NOR_DIGITS, "", text).split("\n")))


_HEADING_LEVELS = 6
_DIGITS = frozenset("0123456789")
_ROW_PADDING = b" \t*_~`"
_SENTENCES_TRIED = 8
_SENTENCE_AT_MOST = 1000

# Strings, because compiling them all would slow every cold start: `re` does it on first use and keeps the result.
_SENTENCE = r"(?:\. |\n)[^\n]{8,}?(?:\. |\n)"
_FENCE = r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*$)|~{3,})"
_TO_LOOK_AT = r"\|+|[ \t>#*_+0-9-]"
_LIST_NUMBER = r"[ \t>#*_+-]*(?<!-)([0-9]{1,3})\\?[.)][*_]*(?=[ \t]|$)"
_NEITHER_LETTERS_NOR_DIGITS = r"(?:[^\w\n]|_)+"
