r"""A rule: where to begin to look, the exact shape, and what of it is the secret.

A rule never searches the whole text by its pattern. It names *anchors*, and its pattern is tried only there:

* ``starts``: a token's first characters, as they are, after something that is no letter and no digit;
* ``words``: words in any case, anywhere;
* ``marks``: characters in the middle of the value; the pattern is searched from ``back`` characters before;
* a rule without anchors is searched everywhere; only what a person asked for is.

Every repetition in a pattern has an upper bound, so that time stays linear. ``\x01`` is what stands between
the name and the value of a JSON object's member, ``\x00`` between things that have nothing to do with each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_FEWEST_CHARACTERS = 5
_SHORT, _LONGEST = 32, 400

Check = Callable[["re.Match[str]"], bool]


@dataclass(frozen=True)
class Rule:
    """One kind of secret.

    Attributes:
        name: stable, shown in markers.
        title: what it is, for a person.
        pattern: the exact shape; the first group named ``secret…`` that matched is replaced, else the whole.
        starts: anchors at the beginning of a token.
        words: anchors in lower case, found in any.
        marks: anchors inside the value.
        back: how many characters before a mark the pattern may begin.
        reach: how many characters after a mark the pattern may end, where it begins before the mark.
        check: what a pattern cannot say.
        holds: what the pattern cannot do without, which is quick to look for.
        within: how many characters after the anchor that has to stand.
        literal: placeholders of very few different characters count too.
    """

    name: str
    title: str
    pattern: re.Pattern[str]
    starts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    back: int = 0
    reach: int = 128
    check: Check | None = None
    literal: bool = False
    holds: str = ""
    within: int = 0
    _groups: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note which groups of the pattern hold the secret."""
        groups = tuple(name for name in self.pattern.groupindex if name.startswith("secret"))
        object.__setattr__(self, "_groups", groups)

    def span(self, match: re.Match[str]) -> tuple[int, int] | None:
        """Return where the secret of a match is; None when it is none after all."""
        start, end = next((at for at in map(match.span, self._groups) if at[0] >= 0), match.span())
        if not self.literal and self._is_monotonous(match.string, start, end):
            return None
        if self.check is not None and not self.check(match):
            return None
        return start, end

    def _is_monotonous(self, text: str, start: int, end: int) -> bool:
        """Whether a secret, without the prefix all of its kind have, begins with very few different characters."""
        prefix = max([len(it) for it in self.starts if text.startswith(it, start)], default=0)
        begin = start + prefix
        if len(set(text[begin : min(end, start + _SHORT)])) >= _FEWEST_CHARACTERS:
            return False
        return len(set(text[begin : min(end, start + _LONGEST)])) < _FEWEST_CHARACTERS


def token(name: str, title: str, starts: str, body: str, check: Check | None = None) -> Rule:
    """Return a rule for tokens that begin with one of some prefixes, given with blanks between, and a body."""
    prefixes = tuple(starts.split())
    several = "|".join(re.escape(prefix) for prefix in prefixes)
    return Rule(name, title, re.compile(f"(?:{several}){body}"), starts=prefixes, check=check)


def named(name: str, title: str, words: str, value: str, check: Check | None = None) -> Rule:
    """Return a rule for a value whose shape says little, beside one of some names, given with blanks between."""
    several = tuple(words.split())
    names = "|".join(re.escape(word) for word in several)
    pattern = rf"(?i:{names})[\w.-]{{0,24}}[\"']?\s{{0,4}}(?:=>|:=|[:=\x01,])\s{{0,4}}[\"']?(?P<secret>{value})"
    return Rule(name, title, re.compile(pattern), words=several, check=check)
