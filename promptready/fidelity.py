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
from dataclasses import dataclass, field
from itertools import chain, compress, filterfalse, pairwise, repeat
from typing import Any, TypeVar

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
    shared, lost, new = map(_cut_links, (both, *rest))
    return Fidelity(
        words=_compare(_words(lost), _words(new), _word_count(shared)),
        numbers=_compare_numbers(_numbers(lost), _numbers(new), _number_count(shared)),
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
    bare = _utf8(text).translate(None, _ROW_PADDING)
    rows = map(bytes.strip, bare.split(b"\n"), repeat(b"|"))
    is_more_than_a_rule = bare.translate(None, b"|:-").split(b"\n")
    return [*compress(rows, is_more_than_a_rule), b""]


def _headings(lines: list[str]) -> Counter[str]:
    titles: list[str] = []
    for line in lines:
        title = line.lstrip("#")
        if len(line) - len(title) <= _HEADING_LEVELS and title[:1] in {" ", "\t"}:
            titles.append(title)
    text = _fold(_cut_links("\n".join(titles)).text)
    return Counter(filter(None, re.sub(_NEITHER_LETTERS_NOR_DIGITS, "", text).split("\n")))


@dataclass(slots=True)
class _Text:
    """
    A plain text with blanks in the place of its links, and the links.

    `odd` are the characters beyond ASCII that are not simply letters. They are few, and a text without them is read
    much faster.
    """

    text: str
    links: set[str]
    utf8: bytes = field(init=False)
    odd: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.utf8 = _utf8(self.text)
        beyond = "" if self.text.isascii() else self.utf8.translate(None, _ASCII).decode("utf-8", "surrogatepass")
        self.odd = set() if not beyond or beyond.isalpha() else {mark for mark in set(beyond) if not mark.isalpha()}


def _cut_links(text: str) -> _Text:
    links: set[str] = set()

    def cut(pattern: str) -> set[str]:
        nonlocal text
        parts = re.split(pattern, text)
        text = " ".join(parts[::2])
        return set(parts[1::2])

    if "](" in text:
        links |= _links({address for address in cut(_DESTINATION) if not address.startswith("#")})
    if "://" in text:
        is_common = text.count("://") == text.count("http://") + text.count("https://")
        addresses = cut(_COMMON_ADDRESS if is_common else _ADDRESS)
        links |= _links({address.rstrip(_LINK_TAIL) for address in addresses})
    if "www." in text:
        links |= _links({"http://" + address.rstrip(_LINK_TAIL) for address in cut(_BARE_ADDRESS)})
    return _Text(_plain(text), links)


def _links(addresses: set[str]) -> set[str]:
    together = "\n".join(addresses) + "\n"
    if together.islower() and not ("\\" in together or "&" in together or "/\n" in together):
        return addresses
    return {_link(address) for address in addresses}


def _link(address: str) -> str:
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
    return unicodedata.normalize("NFC", _visible(text)).lower().replace("\u03c2", "\u03c3")  # final sigma


def _visible(text: str) -> str:
    for character in _INVISIBLE:
        text = text.replace(character, "")
    return text


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _has_cjk(utf8: bytes) -> bool:
    return bool(utf8.translate(None, _BELOW_CJK))


def _word_count(text: _Text) -> int:
    """How many words there are, without looking at each: where a letter follows none, a word begins."""
    plain = text.text
    is_simple = len(text.odd) <= _FEW and all(map(_is_blank, text.odd)) and _CAPITAL_I_WITH_DOT not in plain
    if not is_simple or not unicodedata.is_normalized("NFC", plain):
        return _words(text).total()
    for mark in text.odd:
        plain = plain.replace(mark, " ")
    singles = 0
    if _has_cjk(_utf8(plain)):
        parts = re.split(_CJK_RUN, plain)
        plain, singles = " ".join(parts[::2]), sum(map(len, parts[1::2]))
    return singles + (b" " + _utf8(plain).translate(_LETTERS_AS_A)).count(b" a")


def _is_blank(mark: str) -> bool:
    """Whether it parts words in any place. Marks that combine with letters, and numerals such as `½`, do not."""
    return mark not in _INVISIBLE and unicodedata.category(mark)[0] in "PSZ"


def _words(text: _Text) -> Counter[bytes | int]:
    """The words of a plain text, in UTF-8, and its Chinese and Japanese characters by their numbers."""
    if not (_has_cjk(text.utf8) and re.search(_CJK_RUN, text.text)):
        return _spaced_words(text.utf8)
    parts = re.split(_CJK_RUN, unicodedata.normalize("NFC", _visible(text.text)))
    words = _spaced_words(_utf8(" ".join(parts[::2])))
    # Numbers are counted in half the time of characters, and the byte order mark is none of them.
    words.update(memoryview("".join(parts[1::2]).encode("utf-32")).cast("I")[1:])
    return words


def _spaced_words(utf8: bytes) -> Counter[bytes | int]:
    words: Counter[Any] = Counter(utf8.translate(_LETTER_BYTES).split())
    if utf8.isascii():
        return words
    odd = [token for token in words if not token.isascii()]
    spelled = b"\n".join(odd).decode("utf-8", "surrogatepass")
    folded = _fold(spelled)
    if folded == spelled and spelled.replace("\n", "").isalpha():
        return words
    for token, letters in zip(odd, folded.split("\n"), strict=False):  # nothing splits into one empty string
        count = words.pop(token)
        for word in [letters] if letters.isalpha() else re.findall(_LETTERS, letters):
            words[_utf8(word)] += count  # perhaps several words, and marks that are not letters
    return words


def _number_count(text: _Text) -> int:
    """How many numbers there are, without looking at each. A sign before them makes no difference."""
    plain = _with_plain_digits(text)
    chunks = (text.utf8 if plain == text.text else _utf8(plain)).translate(_DIGITS_AS_0).split()
    marks = b" " + b" ".join(chunks)
    if b"0000-00-00" in marks:
        return len(re.findall(_NUMBER_AS_0, marks))
    # A run of digits goes on with the number before it where one mark parts two digits; all others begin a number.
    return sum(map(marks.count, (b" 0", b"-0", b"..0", b" .0", b"-.0")))


def _numbers(text: _Text) -> list[bytes]:
    """The numbers of a plain text, with U+0002 for a minus."""
    # Whether a minus belongs to a number depends on what stands before it, which the translation below wipes out.
    plain = _with_plain_digits(text)
    if "-" in plain or "\x02" in plain:
        plain = re.sub(_SIGN, "\x02", plain.replace("\x02", " "))
    spelled = (text.utf8 if plain == text.text else _utf8(plain)).translate(_NUMBER_BYTES)
    # There are few shapes of numbers, and most often all that white space parts has one of them.
    shapes, bare = _shapes(spelled)
    is_number, is_parted = (re.compile(pattern).fullmatch for pattern in (_NUMBER, _THOUSANDS))
    if not all(map(is_number, bare)):
        has_dashes = any(b"-" in shape or b"\x02" in shape for shape in shapes)
        spelled = b" ".join(re.findall(_NUMBER if has_dashes else _PLAIN_NUMBER, b" ".join(spelled.split())))
        shapes, bare = _shapes(spelled)
    marked = [shape for shape in bare if b"," in shape or b"'" in shape]
    are_parted = [is_parted(shape) is not None and b"'" not in shape for shape in marked]
    if are_parted and all(are_parted):
        spelled, marked = spelled.replace(b",", b""), []
    numbers = spelled.split()
    if shapes != bare:
        numbers = [*filter(None, map(bytes.strip, numbers, repeat(_AROUND_NUMBERS)))]
    if marked:
        numbers = [
            number.replace(b"," if b"," in number else b"'", b"") if is_parted(number) else number for number in numbers
        ]
    return numbers


def _shapes(spelled: bytes) -> tuple[set[bytes], set[bytes]]:
    """What white space parts, with 0 for every digit, and the same without the marks that are no number's."""
    shapes = {*spelled.translate(_DIGITS_ALIKE).split()}
    return shapes, {bare for shape in shapes if (bare := shape.strip(_AROUND_NUMBERS))}


def _with_plain_digits(text: _Text) -> str:
    plain = text.text
    for digit in filter(str.isdecimal, text.odd):
        plain = plain.replace(digit, str(unicodedata.decimal(digit)))
    return re.sub(_CHARACTER_REFERENCE, " ", plain) if "&#" in plain else plain


_HEADING_LEVELS = 6
_DIGITS = frozenset("0123456789")
_LINK_TAIL = ".,;:!?'*_~\\"
_PLAIN_MARKS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2018\u201c\u201d\u201e\xab\xbb\u2014\u2026\u2022\xa0\u3001\u3002\uff0c", " "),
    "\u2019": "'",
    "\u066b": ".",  # Arabic decimal separator
    "\u066c": ",",  # Arabic thousands separator
}
_ROW_PADDING = b" \t*_~`"
_INVISIBLE = "\xad\u200b\u200c\u200d\u2060\ufeff"
_CAPITAL_I_WITH_DOT = "\u0130"
"""The only character that is another number of letters in lower case, with a mark between them."""

_SENTENCES_TRIED = 8
_SENTENCE_AT_MOST = 1000
_FEW = 16
"""So many marks are replaced one by one, each in a pass over the text."""

_ASCII = bytes(range(128))
_LETTER_BYTES = bytes(byte if byte >= len(_ASCII) or chr(byte).isalpha() else 32 for byte in bytes(range(256)).lower())
_LETTERS_AS_A = _LETTER_BYTES.translate(bytes(b" a"[byte != b" "[0]] for byte in range(256)))
_BELOW_CJK = bytes(range(0xE3))
"""In UTF-8, characters before U+3000 are made of these bytes."""

_NUMBER_BYTES = bytes(byte if byte in b"0123456789.,:/'-\x02" else 32 for byte in range(256))
_AROUND_NUMBERS = b".,:/'-"
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_DIGITS_AS_0 = _NUMBER_BYTES.translate(bytes.maketrans(b"123456789,:/'\x02", b"000000000.... "))

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
_SENTENCE = r"(?:\. |\n)[^\n]{8,}?(?:\. |\n)"
_FENCE = r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*$)|~{3,})"
_TO_LOOK_AT = r"\|+|[ \t>#*_+0-9-]"
_LIST_NUMBER = r"[ \t>#*_+-]*(?<!-)([0-9]{1,3})\\?[.)][*_]*(?=[ \t]|$)"
_NEITHER_LETTERS_NOR_DIGITS = r"(?:[^\w\n]|_)+"
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
_ORIGIN = r"[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?"
_CHARACTER_REFERENCE = r"&#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});"
_SIGN = r"-(?=[0-9])(?<![\w)\]}%\"'.\-]-)"
_NUMBER_AS_0 = rb"0000-00-00(?!0)|0+(?:\.0+)*"
_NUMBER = rb"\x02?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])|[0-9]+(?:[.,:/'][0-9]+)*)"
_PLAIN_NUMBER = rb"[0-9]+(?:[.,:/'][0-9]+)*"  # all there is without dates and minus signs, and much faster
_THOUSANDS = rb"\x02?[0-9]{1,3}(?:(?:,[0-9]{3})+(?:\.[0-9]+)?|(?:'[0-9]{3})+(?:[.,][0-9]+)?)"
