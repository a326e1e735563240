"""Leaves in, leaves with markers and a report for each owner out.

What was redacted is read again until nothing more is found, so that redacting a second time changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from keys_jupyter.model.redaction import (
    Allowed,
    NotScanned,
    Redaction,
    RedactionReport,
    Suspicion,
)
from keys_jupyter.redaction.again import around_markers
from keys_jupyter.redaction.leaves import Leaves, pointer
from keys_jupyter.redaction.marking import Replacement, length_class, replacements
from keys_jupyter.redaction.policy import Policy
from keys_jupyter.redaction.rules import VERSION
from keys_jupyter.redaction.scan import Hit, find
from keys_jupyter.redaction.suspicion import suspicious

ROUNDS = 4
"""How often a text is read; the second finds nothing but in what was made to need it."""

_Key = tuple[str, str, str]


@dataclass
class Tally:
    """What was found for one owner, counted by rule, commitment and place."""

    redacted: Counter[_Key] = field(default_factory=Counter)
    allowed: Counter[_Key] = field(default_factory=Counter)
    suspected: Counter[str] = field(default_factory=Counter)
    not_scanned: list[NotScanned] = field(default_factory=list)
    lengths: dict[str, str] = field(default_factory=dict)

    def rename(self, names: Mapping[str, str]) -> None:
        """Say places by the names that members have now: the old ones held something."""

        def now(place: str) -> str:
            return "/".join(names.get(part, part) for part in place.split("/"))

        for counted in (self.redacted, self.allowed):
            rows = list(counted.items())
            counted.clear()
            for (rule, commitment, place), count in rows:
                counted[(rule, commitment, now(place))] += count
        self.suspected = Counter({now(place): n for place, n in self.suspected.items()})
        self.not_scanned = [
            one.model_copy(
                update={"place": now(one.place), "mime": names.get(pointer(one.mime), one.mime)}
            )
            for one in self.not_scanned
        ]

    def report(self, original_sha256: str, policy: Policy) -> RedactionReport:
        """Return it as what is kept."""
        return RedactionReport(
            rules=VERSION,
            original_sha256=original_sha256,
            redactions=[
                Redaction(
                    rule=rule,
                    commitment=commitment,
                    place=place,
                    count=count,
                    length=self.lengths[commitment],
                )
                for (rule, commitment, place), count in self.redacted.items()
            ],
            allowed=[
                Allowed(
                    rule=rule,
                    commitment=commitment,
                    place=place,
                    count=count,
                    reason=policy.allowed[commitment],
                )
                for (rule, commitment, place), count in self.allowed.items()
            ],
            suspicions=[Suspicion(place=at, count=count) for at, count in self.suspected.items()],
            not_scanned=self.not_scanned,
        )


def redact_leaves(
    leaves: Leaves, policy: Policy, not_scanned: Iterable[tuple[int, NotScanned]] = ()
) -> dict[int, Tally]:
    """Redact all leaves where they are, and return by owner what was found.

    Args:
        leaves: the strings.
        policy: what to look for.
        not_scanned: by owner, places with what is no string to be read.
    """
    tallies: dict[int, Tally] = defaultdict(Tally)
    for owner, unread in not_scanned:
        tallies[owner].not_scanned.append(unread)
    before = [leaf.text for leaf in leaves.all]
    for number in range(ROUNDS):
        leaves.join()
        hits = _find_again(leaves.text, policy) if number else find(leaves.text, policy)
        wanted = (
            [hit for hit in hits if policy.commitment(hit.secret) not in policy.allowed]
            if policy.allowed
            else hits
        )
        if number == 0 and policy.allowed:
            _count_allowed(leaves, hits, policy, tallies)
        if not _replace(leaves, replacements(wanted, policy), policy, tallies):
            break
    changed = enumerate(zip(leaves.all, before, strict=True))
    leaves.put_back({at: leaf.text for at, (leaf, text) in changed if leaf.text != text})
    for offset in suspicious(leaves.text):
        leaf = leaves.all[leaves.at(offset)]
        tallies[leaf.owner].suspected[leaf.place] += 1
    renamed = {
        pointer(text): pointer(leaf.text)
        for leaf, text in zip(leaves.all, before, strict=True)
        if leaf.is_name and leaf.text != text
    }
    if renamed:
        for tally in tallies.values():
            tally.rename(renamed)
    return tallies


def _find_again(text: str, policy: Policy) -> list[Hit]:
    excerpt = around_markers(text)
    return [
        replace(hit, spans=tuple(excerpt.source(list(hit.spans))))
        for hit in find(excerpt.text, policy)
    ]


def _count_allowed(
    leaves: Leaves, hits: list[Hit], policy: Policy, tallies: dict[int, Tally]
) -> None:
    for hit in hits:
        commitment = policy.commitment(hit.secret)
        if commitment in policy.allowed and hit.spans:
            leaf = leaves.all[leaves.at(hit.spans[0][0])]
            tallies[leaf.owner].allowed[(hit.rule, commitment, leaf.place)] += 1


def _replace(
    leaves: Leaves, wanted: list[Replacement], policy: Policy, tallies: dict[int, Tally]
) -> bool:
    """Put markers into leaves; False when there was nothing to replace."""
    edits: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for one in wanted:
        owners: list[int] = []
        for number, start, end in (part for span in one.spans for part in leaves.parts(*span)):
            owner = leaves.all[number].owner
            text = "" if owner in owners else one.continued if owners else one.marker
            if owner not in owners:
                owners.append(owner)
                _count(tallies[owner], one, leaves.all[number].place, policy)
            edits[number].append((start, end, text))
    for number, several in edits.items():
        leaves.all[number].text = _edited(leaves.all[number].text, several)
    return bool(edits)


def _count(tally: Tally, one: Replacement, place: str, policy: Policy) -> None:
    for hit in one.hits:
        commitment = policy.commitment(hit.secret)
        tally.redacted[(hit.rule, commitment, place)] += 1
        tally.lengths[commitment] = length_class(hit.secret)


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, replacement in sorted(edits):
        pieces += (text[at:start], replacement)
        at = end
    return "".join((*pieces, text[at:]))
