"""What somebody may have meant by a word that is not an id.

A clinician types *als* or *potassium* where an id is expected. The letters of an id are the last
thing that is compared: by them *als* is nearest to *falls*.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from crampdx.text.name_keys import name_key

__all__ = ["NameIndex"]

SHOWN = 3
"""The most ids that are suggested."""

MAX_WORD = 80
"""So many characters of a word are looked at."""

_LETTERS = 4
"""Words with fewer letters are not compared by letters: too much is near to them."""

_PREFIX = 4
"""So many letters of a word may stand for the word that they begin."""

_SMALL = frozenset(
    {"a", "an", "and", "by", "for", "in", "known", "of", "on", "or", "the", "to", "with"}
)
"""Words that abbreviations may leave out."""

_WORD = re.compile(r"[^\W_]+")


class _Entry(NamedTuple):
    """An id with what it may be called by."""

    id: str
    keys: frozenset[str]
    initials: frozenset[str]
    words: frozenset[str]
    is_named: bool

    @classmethod
    def of(cls, name: str, names: Sequence[str]) -> _Entry:
        spoken = (name.replace("_", " ").replace(".", " "), *names)
        keys = frozenset(filter(None, map(name_key, spoken)))
        return cls(
            name,
            keys,
            frozenset(short for said in spoken for short in _initials(said)),
            frozenset(word for key in keys for word in key.split()),
            bool(names),
        )


class NameIndex:
    """Ids and the names of what they stand for, to find what a word may have meant.

    What fits best is suggested, and nothing that fits less well, in this order:

    1. the word is a name, a synonym or the id, but for its spelling;
    2. it is the initials of one;
    3. its words are among those of one;
    4. they begin words of one;
    5. its letters are nearly those of an id or a name.

    Among ids that fit equally, those with the fewest words come first. What has only an id, as a
    line of evidence has, is suggested where nothing that has a name fits.

    >>> index = NameIndex(
    ...     [
    ...         ("amyotrophic_lateral_sclerosis", ["Amyotrophic lateral sclerosis"]),
    ...         ("hypokalemia", ["Low potassium"]),
    ...         ("falls", ["Falls"]),
    ...     ]
    ... )
    >>> index.suggest("ALS"), index.suggest("potassium")
    ("did you mean 'amyotrophic_lateral_sclerosis'?", "did you mean 'hypokalemia'?")
    >>> index.suggest("hypokalaemia"), index.suggest("zebra")
    ("did you mean 'hypokalemia'?", '')
    """

    def __init__(self, named: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._entries = [_Entry.of(name, names) for name, names in named]
        self._by_key = {key: entry.id for entry in reversed(self._entries) for key in entry.keys}

    def suggest(self, word: str) -> str:
        """Ask whether somebody meant what the word fits best; empty where it fits nothing."""
        found = self.nearest(word)
        if not found:
            return ""
        *others, last = [f"'{name}'" for name in found]
        return f"did you mean {', '.join(others)} or {last}?" if others else f"did you mean {last}?"

    def nearest(self, word: str) -> tuple[str, ...]:
        """List the ids that the word fits best, at most three."""
        word = word[:MAX_WORD]
        key = name_key(word.replace("_", " ").replace(".", " "))
        words = frozenset(key.split())
        short = "".join(_WORD.findall(word)).casefold()
        fits = (
            lambda entry: bool(key) and key in entry.keys,
            lambda entry: len(short) > 1 and short in entry.initials,
            lambda entry: bool(words) and words <= entry.words,
            lambda entry: bool(words) and all(_begins(one, entry.words) for one in words),
        )
        for fit in fits:
            found = sorted(filter(fit, self._entries), key=_order)
            if found:
                alike = (entry.id for entry in found if entry.is_named is found[0].is_named)
                return tuple(islice(alike, SHOWN))
        if len(short) < _LETTERS:
            return ()
        return tuple(self._by_key[one] for one in difflib.get_close_matches(key, self._by_key, n=1))


def _order(entry: _Entry) -> tuple[bool, int, str]:
    return not entry.is_named, len(entry.words), entry.id


def _begins(start: str, words: Iterable[str]) -> bool:
    return len(start) >= _PREFIX and any(word.startswith(start) for word in words)


def _initials(name: str) -> Iterator[str]:
    """The abbreviations of a name of several words: with its small words and without them."""
    words = [word.casefold() for word in _WORD.findall(name)]
    for chosen in (words, [word for word in words if word not in _SMALL]):
        if len(chosen) > 1:
            yield "".join(word[0] for word in chosen)
