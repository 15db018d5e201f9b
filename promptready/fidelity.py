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
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


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
    # What both have word for word need not be compared word by word, and that is most of a faithful answer.
    common = page.pieces & reply.pieces
    shared, lost, new = (
        _cut_links("\n".join(pieces.elements())) for pieces in (common, page.pieces - common, reply.pieces - common)
    )
    return Fidelity(
        words=_compare(_words(lost.text), _words(new.text), _word_count(shared.text)),
        numbers=_compare(_numbers(lost.text), _numbers(new.text), len(_spelled_numbers(shared.text))),
        links=_compare(Counter(shared.links | lost.links), Counter(shared.links | new.links)),
        code=_compare(page.code, reply.code),
        rows=_compare(page.rows, reply.rows),
        headings=_compare(page.headings, reply.headings),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _compare(source: Counter[Any], answer: Counter[Any], kept_besides: int = 0) -> Tally:
    kept = (source & answer).total()
    return Tally(kept_besides + source.total(), kept_besides + kept, answer.total() - kept)


@dataclass(slots=True)
class _Layout:
    """A text by its lines: code blocks, headings, table rows, and all of it in pieces, without list numbers."""

    code: Counter[str] = field(default_factory=Counter)
    headings: Counter[str] = field(default_factory=Counter)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    pieces: Counter[str] = field(default_factory=Counter)


def _read(text: str) -> _Layout:
    layout = _Layout()
    # Looking for one character first is many times faster than looking for several.
    lines = (text.replace("\r\n", "\n") if "\r" in text else text).split("\n")
    code: list[str] = []
    if ("`" in text and "```" in text) or ("~" in text and "~~~" in text):
        lines, code = _cut_code(lines, layout.code)
    list_numbers: dict[str, int] = {}  # the last of headings, and of each indent
    table: list[str] = []
    for place, line in enumerate(lines):
        start = line.lstrip(" \t>")
        first = start[:1]
        if first == "|":
            table.append(start)
            continue
        if table:
            layout.rows.update(_rows(table))
            table = []
        if not first or first.isalpha():  # the common case, and none of the below
            continue
        if line.lstrip(" \t>#*_+-")[:1] in _DIGITS and (counted := re.match(_LIST_NUMBER, line)):
            before, value = line[: counted.start(1)], int(counted[1])
            level = "#" if "#" in before else before.rstrip("*_")
            if value <= 1 or 0 <= value - list_numbers.get(level, 0) <= 1:
                list_numbers[level] = value
                lines[place] = before + line[counted.end(1) :]
        if first == "#" and (key := _heading(lines[place].lstrip(" \t>"))):
            layout.headings[key] += 1
    layout.rows.update(_rows(table))
    # A piece is a sentence, more or less. No word, number or link goes across white space, so it may be cut there.
    pieces = "\n".join(lines + code).replace(". ", ".\n").split("\n")
    layout.pieces.update(map(str.strip, pieces))
    return layout


def _cut_code(lines: list[str], blocks: Counter[str]) -> tuple[list[str], list[str]]:
    """Count the code blocks; gives the lines outside and the lines inside them, without the fences."""
    prose: list[str] = []
    code: list[str] = []

    def close(opening: re.Match[str], inside: list[str]) -> None:
        if indent := opening.start(1):
            inside = [line[:indent].lstrip(" \t>") + line[indent:] for line in inside]
        blocks["\n".join(inside)] += 1
        code.extend(inside)

    opening: re.Match[str] | None = None
    begin = 0  # of the lines that are not yet dealt with
    for place, line in enumerate(lines):
        if "```" not in line and "~~~" not in line:
            continue
        if opening is None:
            opening = re.match(_FENCE, line)
            if opening is None:
                continue
            prose += lines[begin:place]
        else:
            fence, bare = opening[1], line.strip(" \t>")
            if len(bare) < len(fence) or bare.strip(fence[0]):
                continue
            close(opening, lines[begin:place])
            opening = None
        begin = place + 1
    if opening is None:
        prose += lines[begin:]
    else:
        close(opening, lines[begin:])
    return prose, code


def _rows(table: list[str]) -> Iterator[tuple[str, str]]:
    """Each row that is not only a rule, after the row before it."""
    bare = [row.strip("|") for row in "\n".join(table).translate(_ROW_PADDING).split("\n") if row.strip("|:-")]
    return pairwise(["", *bare])


def _heading(line: str) -> str:
    title = line.lstrip("#")
    if len(line) - len(title) > _HEADING_LEVELS or title[:1] not in {" ", "\t"}:
        return ""
    return "".join(re.findall(_LETTERS_AND_DIGITS, _fold(_cut_links(title).text)))


@dataclass(slots=True)
class _Text:
    """A plain text with blanks in the place of its links, and the links."""

    text: str
    links: set[str] = field(default_factory=set)


def _cut_links(text: str) -> _Text:
    links: set[str] = set()

    def cut(pattern: str) -> set[str]:
        nonlocal text
        parts = re.split(pattern, text)
        text = " ".join(parts[::2])
        return set(parts[1::2])

    if "](" in text:
        links.update(_link(address) for address in cut(_DESTINATION) if not address.startswith("#"))
    if "://" in text:
        is_common = text.count("://") == text.count("http://") + text.count("https://")
        addresses = cut(_COMMON_ADDRESS if is_common else _ADDRESS)
        links.update(_link(address.rstrip(_LINK_TAIL)) for address in addresses)
    if "www." in text:
        links.update(_link("http://" + address.rstrip(_LINK_TAIL)) for address in cut(_BARE_ADDRESS))
    return _Text(_plain(text), links)


def _link(address: str) -> str:
    if address.islower() and not ("\\" in address or "&" in address or address.endswith("/")):
        return address
    address = address.replace("\\", "").replace("&amp;", "&")
    origin = re.match(_ORIGIN, address)
    end = origin.end() if origin else 0
    path = address[end:]
    return address[:end].lower() + ("" if path == "/" else path)


def _plain(text: str) -> str:
    """The text with the marks that numbers may hold, and the commonest others, in ASCII, which is read fastest."""
    if not text.isascii():
        for mark, plain in _PLAIN_MARKS.items():
            text = text.replace(mark, plain)
    return text


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    for character in _INVISIBLE:
        text = text.replace(character, "")
    return unicodedata.normalize("NFC", text).lower().replace("\u03c2", "\u03c3")  # final sigma


def _word_count(text: str) -> int:
    if text.isascii():
        return (b" " + text.encode().translate(_LETTERS_AS_A)).count(b" a")
    return _words(text).total()


def _words(text: str) -> Counter[bytes]:
    """The words of a plain text, in UTF-8."""
    folded = _fold(text)
    words = Counter(folded.encode("utf-8", "surrogatepass").translate(_LETTER_BYTES).split())
    odd = [token for token in words if not token.isascii()]
    spelled = b"\n".join(odd).decode("utf-8", "surrogatepass")
    if re.search(_CJK_RUN, spelled):
        parts = re.split(_CJK_RUN, folded)
        singles = Counter("".join(parts[1::2]))
        words = _words(" ".join(parts[::2]))
        words.update({character.encode(): count for character, count in singles.items()})
        return words
    for token, letters in zip(odd, spelled.split("\n"), strict=False):  # nothing splits into one empty string
        if not letters.isalpha():  # it holds marks that are not letters, and perhaps several words
            count = words.pop(token)
            for word in re.findall(_LETTERS, letters):
                words[word.encode()] += count
    return words


def _numbers(text: str) -> Counter[str]:
    numbers = Counter(_spelled_numbers(text))
    for number in [number for number in numbers if "," in number or "'" in number]:
        if re.fullmatch(_THOUSANDS, number):
            numbers[number.replace("," if "," in number else "'", "")] += numbers.pop(number)
    return numbers


def _spelled_numbers(text: str) -> list[str]:
    """The numbers of a plain text, with thousands still parted and U+0002 for a minus."""
    if not text.isascii():
        for digit in set(re.findall(_ODD_DIGIT, text)):
            text = text.replace(digit, str(unicodedata.decimal(digit)))
    if "&#" in text:
        text = re.sub(_CHARACTER_REFERENCE, " ", text)
    # Whether a minus belongs to a number depends on what stands before it, which the translation below wipes out.
    text = re.sub(_SIGN, "\x02", text.replace("\x02", " "))
    chunks = text.encode("ascii", "replace").translate(_NUMBER_BYTES).split()
    return re.findall(_NUMBER, b" ".join(chunks).decode())


_HEADING_LEVELS = 6
_DIGITS = frozenset("0123456789")
_LINK_TAIL = ".,;:!?'*_~\\"
_PLAIN_MARKS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2018\u201c\u201d\u2014\u2026\u2022\xa0", " "),
    "\u2019": "'",
    "\u066b": ".",  # Arabic decimal separator
    "\u066c": ",",  # Arabic thousands separator
}
_ROW_PADDING = str.maketrans("", "", " \t*_~`")
_INVISIBLE = "\xad\u200b\u200c\u200d\u2060\ufeff"

_ASCII = bytes(range(128))
_LETTER_BYTES = bytes(byte if byte >= len(_ASCII) or chr(byte).isalpha() else 32 for byte in bytes(range(256)).lower())
_LETTERS_AS_A = bytes(b"a"[0] if chr(byte).isalpha() else b" "[0] for byte in _ASCII).ljust(256)
_NUMBER_BYTES = bytes(byte if byte in b"0123456789.,:/'-\x02" else 32 for byte in range(256))

# White space is listed because `\s` means different characters in Python and JavaScript.
_SPACE = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_LINK_END = (
    _SPACE
    + r"<>()\[\]{}|^\"`\xab\xbb\u2018-\u201f\u2026\u3001\u3002\u3008-\u3011\u3014-\u301b"
    + r"\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff5b-\uff65"
)
_CJK = (
    r"\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\uff66-\uff9f\U00020000-\U0003ffff"
)


# Strings, because compiling them all would slow every cold start: `re` does it on first use and keeps the result.
_FENCE = r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*$)|~{3,})"
_LIST_NUMBER = r"[ \t>#*_+-]*(?<!-)([0-9]{1,3})\\?[.)][*_]*(?=[ \t]|$)"
_LETTERS_AND_DIGITS = r"[^\W_]+"
_DESTINATION = (
    rf"\]\([ \t]*<?(?=[^{_SPACE}<>()\[\]]*[:/.?#])"
    rf"([^{_SPACE}<>()\[\]]*(?:\([^{_SPACE}<>()\[\]]*\)[^{_SPACE}<>()\[\]]*)*)"
)
_ADDRESS_BODY = rf"(?=[^{_LINK_END}.,;:!?'*_~\\])[^{_LINK_END}]*(?:\([^{_LINK_END}]*\)[^{_LINK_END}]*)*"
_ADDRESS = rf"((?i:https?|ftp)://{_ADDRESS_BODY})"
_COMMON_ADDRESS = rf"(https?://{_ADDRESS_BODY})"  # several times faster, for its literal start
_BARE_ADDRESS = rf"(www\.{_ADDRESS_BODY})"
_CJK_RUN = rf"([{_CJK}]+)"
_LETTERS = r"[^\W\d_]+"
_ODD_DIGIT = r"[^\D0-9]"
_ORIGIN = r"[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?"
_CHARACTER_REFERENCE = r"&#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});"
_SIGN = r"-(?=[0-9])(?<![\w)\]}%\"'.\-]-)"
_NUMBER = r"\x02?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])|[0-9]+(?:[.,:/'][0-9]+)*)"
_THOUSANDS = r"\x02?[0-9]{1,3}(?:(?:,[0-9]{3})+(?:\.[0-9]+)?|(?:'[0-9]{3})+(?:[.,][0-9]+)?)"
