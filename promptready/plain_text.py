"""
The links, words and numbers of a text, as `fidelity.py` defines them, read fast.

Nothing here takes a text apart character by character: each step is one call over all of it, and what common texts do
not hold is looked for first. `extension/ai/verify.ts` finds the same, with their places.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any


@dataclass(slots=True)
class PlainText:
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
        self.utf8 = to_utf8(self.text)
        beyond = "" if self.text.isascii() else self.utf8.translate(None, _ASCII).decode("utf-8", "surrogatepass")
        self.odd = set() if not beyond or beyond.isalpha() else {mark for mark in set(beyond) if not mark.isalpha()}


def cut_links(text: str) -> PlainText:
    """Take the links out of a text; what they leave is read for words and numbers."""
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
    return PlainText(_plain(text), links)


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


def fold(text: str) -> str:
    """The text as words are compared: in NFC and lower case, with final sigmas as any other, nothing invisible."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _visible(text)).lower().replace("\u03c2", "\u03c3")  # final sigma


def _visible(text: str) -> str:
    for character in _INVISIBLE:
        text = text.replace(character, "")
    return text


def to_utf8(text: str) -> bytes:
    """Lone surrogates too, for any string will do."""
    return text.encode("utf-8", "surrogatepass")


def _has_cjk(utf8: bytes) -> bool:
    return bool(utf8.translate(None, _BELOW_CJK))


def word_count(text: PlainText) -> int:
    """How many words there are, without looking at each: where a letter follows none, a word begins."""
    plain = text.text
    is_simple = len(text.odd) <= _FEW and all(map(_is_blank, text.odd)) and _CAPITAL_I_WITH_DOT not in plain
    if not is_simple or not unicodedata.is_normalized("NFC", plain):
        return words_of(text).total()
    for mark in text.odd:
        plain = plain.replace(mark, " ")
    singles = 0
    if _has_cjk(to_utf8(plain)):
        parts = re.split(_CJK_RUN, plain)
        plain, singles = " ".join(parts[::2]), sum(map(len, parts[1::2]))
    return singles + (b" " + to_utf8(plain).translate(_LETTERS_AS_A)).count(b" a")


def _is_blank(mark: str) -> bool:
    """Whether it parts words in any place. Marks that combine with letters, and numerals such as `½`, do not."""
    return mark not in _INVISIBLE and unicodedata.category(mark)[0] in "PSZ"


def words_of(text: PlainText) -> Counter[bytes | int]:
    """The words of a plain text, in UTF-8, and its Chinese and Japanese characters by their numbers."""
    if not (_has_cjk(text.utf8) and re.search(_CJK_RUN, text.text)):
        return _spaced_words(text.utf8)
    parts = re.split(_CJK_RUN, unicodedata.normalize("NFC", _visible(text.text)))
    words = _spaced_words(to_utf8(" ".join(parts[::2])))
    # Numbers are counted in half the time of characters, and the byte order mark is none of them.
    words.update(memoryview("".join(parts[1::2]).encode("utf-32")).cast("I")[1:])
    return words


def _spaced_words(utf8: bytes) -> Counter[bytes | int]:
    words: Counter[Any] = Counter(utf8.translate(_LETTER_BYTES).split())
    if utf8.isascii():
        return words
    odd = [token for token in words if not token.isascii()]
    spelled = b"\n".join(odd).decode("utf-8", "surrogatepass")
    folded = fold(spelled)
    if folded == spelled and spelled.replace("\n", "").isalpha():
        return words
    for token, letters in zip(odd, folded.split("\n"), strict=False):  # nothing splits into one empty string
        count = words.pop(token)
        for word in [letters] if letters.isalpha() else re.findall(_LETTERS, letters):
            words[to_utf8(word)] += count  # perhaps several words, and marks that are not letters
    return words


def number_count(text: PlainText) -> int:
    """How many numbers there are, without looking at each. A sign before them makes no difference."""
    plain = _with_plain_digits(text)
    chunks = (text.utf8 if plain == text.text else to_utf8(plain)).translate(_DIGITS_AS_0).split()
    marks = b" " + b" ".join(chunks)
    if b"0000-00-00" in marks:
        return len(re.findall(_NUMBER_AS_0, marks))
    # A run of digits goes on with the number before it where one mark parts two digits; all others begin a number.
    return sum(map(marks.count, (b" 0", b"-0", b"..0", b" .0", b"-.0")))


def numbers_of(text: PlainText) -> list[bytes]:
    """The numbers of a plain text, with U+0002 for a minus."""
    # Whether a minus belongs to a number depends on what stands before it, which the translation below wipes out.
    plain = _with_plain_digits(text)
    if "-" in plain or "\x02" in plain:
        plain = re.sub(_SIGN, "\x02", plain.replace("\x02", " "))
    spelled = (text.utf8 if plain == text.text else to_utf8(plain)).translate(_NUMBER_BYTES)
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


def _with_plain_digits(text: PlainText) -> str:
    plain = text.text
    for digit in filter(str.isdecimal, text.odd):
        plain = plain.replace(digit, str(unicodedata.decimal(digit)))
    return re.sub(_CHARACTER_REFERENCE, " ", plain) if "&#" in plain else plain


_LINK_TAIL = ".,;:!?'*_~\\"
_PLAIN_MARKS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2018\u201c\u201d\u201e\xab\xbb\u2014\u2026\u2022\xa0\u3001\u3002\uff0c", " "),
    "\u2019": "'",
    "\u066b": ".",  # Arabic decimal separator
    "\u066c": ",",  # Arabic thousands separator
}
_INVISIBLE = "\xad\u200b\u200c\u200d\u2060\ufeff"
_CAPITAL_I_WITH_DOT = "\u0130"
"""The only character that is another number of letters in lower case, with a mark between them."""

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
