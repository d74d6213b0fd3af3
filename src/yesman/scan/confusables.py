"""Letters that look like others: what a word looks like, whatever it is written with.

The part of Unicode's UTS 39 that leads to Latin letters and digits, for the scripts that people
type; compatibility forms (full width, mathematical) fold by NFKC. What always holds: two words
with one skeleton look alike; a word of plain lower-case letters without digits is nearly its own skeleton.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_CYRILLIC: Final = dict(
    zip("аесорхуіјѕԁһӏԛԝьвкмнтгпзАВСЕНІЈКМОРЅТХУԌ", "aecopxyijsdhlqwbbkmhtrn3ABCEHIJKMOPSTXYG", strict=True)
)
_GREEK: Final = dict(zip("αβγικνορτυχωϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aByikvoptuxwcjABEZHIKMNOPTYX", strict=True))
_OTHERS: Final = dict(zip("օսոհցքԼԱՕɑɡɩʀѵⅼⅽⅾⅿ\u0131\u017f\u0237", "ounhgpLUOagirvlcdmisj", strict=True))
_PLAIN: Final = {"0": "o", "1": "l", "5": "s", "|": "l"}
LOOKALIKES: Final = {ord(other): plain for other, plain in (_CYRILLIC | _GREEK | _OTHERS).items()}
_PAIRS: Final = (("i", "l"), ("rn", "m"), ("vv", "w"), ("cl", "d"), ("ll", "u"))


def plain_of(word: str) -> str:
    """Return ``word`` with every letter that looks like a Latin one written as that one."""
    if word.isascii():
        return word
    folded = unicodedata.normalize("NFKC", word).translate(LOOKALIKES)
    marks = unicodedata.normalize("NFD", folded)
    return "".join(letter for letter in marks if not unicodedata.combining(letter))


def skeleton(word: str) -> str:
    """Return what ``word`` looks like at a glance; only to be compared with other skeletons."""
    text = plain_of(word).lower()
    text = "".join(_PLAIN.get(letter, letter) for letter in text)
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text


def is_disguised(word: str) -> bool:
    """Tell whether ``word`` mixes Latin letters with others that look like them, or is nothing but such."""
    if word.isascii():
        return False
    if unicodedata.normalize("NFKC", word).isascii():
        return any(letter.isalpha() for letter in word if not letter.isascii())  # but not x²
    strange = [letter for letter in word if not letter.isascii()]
    return word.translate(LOOKALIKES).isascii() and (
        len(strange) < len(word.strip("_0123456789")) or len(word) > 1
    )
