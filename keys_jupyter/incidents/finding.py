"""The text of an alert in, the runbooks that fit it out, best first, each with the words that led to it.

Simple on purpose, so that a person can check it: words without endings are looked up in what a runbook says of
itself; a word counts more the fewer runbooks have it, and more where the runbook names its triggers than where it only
mentions it. What stands under "When NOT to use" counts against it. A whole phrase in code marks ("`permission denied
for table`") that stands in the alert counts most.

    >>> rank("Stripe webhook deliveries failing", pages)[0].reasons
    ['when to use: webhook, deliveries, failing', 'title: stripe, webhook']
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from keys_jupyter.model.runbook import Runbook, RunbookRow
from keys_jupyter.model.working import Match

_FIELDS = {
    "when to use": 3.0,
    "title": 3.0,
    "tags": 2.0,
    "questions": 1.5,
    "description": 1.5,
    "covers": 1.5,
    "steps": 0.6,
}
_AGAINST = "when not to use"
_AGAINST_WEIGHT = -1.5
_PHRASE_WEIGHT = 6.0
_LEAST = 3.0
"""A score below this is chance: one common word."""

_WORD = re.compile(r"[a-z][a-z0-9]*|\d{3,}")
_CODE = re.compile(r"`([^`\n]{4,120})`|\"([^\"\n]{8,120})\"|“([^”\n]{8,120})”")
_SYNONYMS = {
    "hook": "webhook",
    "cron": "job",
    "task": "job",
    "dlq": "queue",
    "sidekiq": "job",
    "celery": "job",
    "llm": "ai",
    "gpt": "ai",
    "prompt": "prompt",
    "down": "outage",
    "unavailable": "outage",
    "unreachable": "outage",
    "degraded": "outage",
    "subscriber": "subscription",
    "mismatch": "differ",
    "discrepancy": "differ",
    "drift": "differ",
    "disagree": "differ",
    "timeout": "timeout",
    "timedout": "timeout",
    "policie": "policy",
    "postgresql": "postgres",
    "charged": "paid",
    "payment": "paid",
    "pay": "paid",
}
_COMMON = """a about above after again alert all also an and any application are as at be because been before below between
but by call can change check code could day did do does each error every false file first following for from get
has have here high hour how id if in incident info into is it its last later level line log look low many may
message minute more most name need new no not note now number of on one only open or other our out over p1 p2 p3
people per please present run runbook same says see service set severity should show since so some state status
step still such than that the their them then there these they this those through time to too trigger true two
under until up use used user using value wa was way we were what when where which while who why will with within
without work your you prod production critical warning firing resolved summary description name instance labels
host https http com example utc"""
_STOP = frozenset(_COMMON.split())


@dataclass(frozen=True)
class Page:
    """What a runbook says of itself, by field, as words without endings; phrases are those it quotes."""

    slug: str
    title: str
    severity: str | None
    source: str
    words: Mapping[str, Counter[str]]
    against: frozenset[str]
    phrases: tuple[str, ...] = field(default=())


def stem(word: str) -> str:
    """Return a word without the endings that only grammar asks for, so that "failing" meets "failed"."""
    word = _SYNONYMS.get(word, word)
    for ending, instead in (
        ("ations", "at"),
        ("ation", "at"),
        ("ities", "ity"),
        ("eries", "er"),
        ("ery", "er"),
        ("ies", "y"),
        ("sses", "ss"),
        ("ures", ""),
        ("ure", ""),
        ("ings", ""),
        ("ing", ""),
        ("ers", "er"),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    word = word[:-1] if len(word) > 4 and word.endswith("e") else word
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return _SYNONYMS.get(word, word)


def words_of(text: str) -> list[str]:
    """Return the telling words of a text, without endings, in order; names like PaymentJobFailed are taken apart."""
    return [stem(word) for word in _said(text)]


def _said(text: str) -> list[str]:
    """Return the telling words as they stand in the text, in small letters."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [
        word
        for word in _WORD.findall(apart.lower())
        if word not in _STOP and (len(word) > 2 or word in ("ai", "db", "dns"))
    ]


def page_of(
    runbook: Runbook, *, source: str = "", tags: Iterable[str] = (), description: str = ""
) -> Page:
    """Return what finding needs of a runbook."""
    said = {section.name: section for section in runbook.sections}
    when = said["when"].text if "when" in said else ""
    against = said["when-not"].text if "when-not" in said else ""
    scope = said["scope"].text if "scope" in said else ""
    steps = [step for section in runbook.sections for step in section.steps]
    texts = {
        "when to use": when,
        "title": runbook.title,
        "tags": " ".join(tag.replace("-", " ") for tag in tags),
        "questions": " ".join(q for step in steps for key in step.keys for q in key.questions),
        "description": description,
        "covers": _covers(scope),
        "steps": " ".join(step.title for step in steps),
    }
    return Page(
        slug=runbook.slug,
        title=runbook.title,
        severity=runbook.severity,
        source=source,
        words=_counted(texts),
        against=frozenset(words_of(against)),
        phrases=tuple(_phrases(when)),
    )


def page_unread(row: RunbookRow, *, tags: Iterable[str], description: str, about: str) -> Page:
    """Return what finding needs of a runbook whose text is not here, from what its library says of it."""
    texts = {
        "title": row.title,
        "tags": " ".join(tag.replace("-", " ") for tag in tags),
        "description": description,
        "covers": about,
    }
    return Page(
        slug=row.slug,
        title=row.title,
        severity=row.severity,
        source=row.source,
        words={**_counted(dict.fromkeys(_FIELDS, "")), **_counted(texts)},
        against=frozenset(),
        phrases=tuple(_phrases(about)),
    )


def _counted(texts: Mapping[str, str]) -> dict[str, Counter[str]]:
    return {name: Counter(words_of(text)) for name, text in texts.items()}


def _covers(scope: str) -> str:
    """Return the scope up to what it leaves out: a word there would lead to the wrong runbook."""
    return re.split(
        r"does not cover|not covered|exclu|\*\*time limits|\*\*system", scope, flags=re.I
    )[0]


def _phrases(text: str) -> Iterable[str]:
    for found in _CODE.finditer(text):
        yield _flat(next(part for part in found.groups() if part))


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9 ]+", " ", text.lower()).split())


def rank(text: str, pages: Sequence[Page], *, most: int = 5) -> list[Match]:
    """Return the runbooks that fit a text, best first; none where nothing tells.

    Args:
        text: an alert, a log line, or words of a person.
        pages: the runbooks, as :func:`page_of` gives them.
        most: how many to return.
    """
    # A reason is told in the words that were asked with: nobody wrote "strip" for "Stripe".
    asked: dict[str, str] = {}
    for word in _said(text):
        asked.setdefault(stem(word), word)
    rare = _rarity(pages)
    flat = f" {_flat(text)} "
    found = [_match(asked, flat, page, rare) for page in pages]
    fits = [match for match in found if match.score >= _LEAST]
    return sorted(fits, key=lambda match: (-match.score, match.severity or "p9", match.slug))[:most]


def _rarity(pages: Sequence[Page]) -> dict[str, float]:
    """Return for every word how much it tells: 1 where half of the runbooks have it, more where fewer do."""
    having = Counter(
        word for page in pages for word in {w for names in page.words.values() for w in names}
    )
    return {word: math.log2(1 + 2 * len(pages) / count) for word, count in having.items()}


def _match(asked: Mapping[str, str], flat: str, page: Page, rare: Mapping[str, float]) -> Match:
    score, reasons = 0.0, []
    counted: set[str] = set()
    for phrase in page.phrases:
        if f" {phrase} " in flat:
            score += _PHRASE_WEIGHT
            reasons.append(f"it names “{phrase}”")
    for name, weight in sorted(_FIELDS.items(), key=lambda one: -one[1]):
        hits = sorted(
            (word for word in asked if word in page.words[name]), key=lambda word: -rare[word]
        )
        score += sum(weight * rare[word] * (0.35 if word in counted else 1.0) for word in hits)
        counted |= set(hits)
        if hits:
            reasons.append(f"{name}: {', '.join(asked[word] for word in hits[:6])}")
    # Only what the runbook names nowhere else speaks against it.
    against = (asked.keys() & page.against) - counted
    score += sum(_AGAINST_WEIGHT for _ in against)
    warning = f"{_AGAINST}: {', '.join(sorted(asked[word] for word in against))}" if against else ""
    return Match(
        slug=page.slug,
        title=page.title,
        severity=page.severity,
        source=page.source,
        score=round(score, 2),
        reasons=reasons,
        warning=warning,
    )
