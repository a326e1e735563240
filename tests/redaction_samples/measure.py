"""Recall and false positives, counted."""

from collections import Counter

from keys_jupyter.redaction import Policy, redact_text
from tests.redaction_samples.benign import benign
from tests.redaction_samples.cloud import CLOUD
from tests.redaction_samples.grammar import make
from tests.redaction_samples.placements import PLACEMENTS
from tests.redaction_samples.services import SERVICES
from tests.redaction_samples.tools import TOOLS
from tests.redaction_samples.web import CONTEXT, KEYFILES, PERSONAL, WEB

POLICY = Policy(salt=bytes(range(16)))
STANDARD = {**KEYFILES, **SERVICES, **TOOLS, **CLOUD, **WEB, **CONTEXT}
ALL = {**STANDARD, **PERSONAL}


def is_gone(secret, readable):
    """Whether neither half of a secret can be read any more."""
    middle = len(secret) // 2
    return secret[:middle] not in readable and secret[middle:] not in readable


def missed(samples):
    """Yield kind, place and line of each secret that could still be read, and None for each that could not."""
    for kind, (templates, _) in STANDARD.items():
        for number in range(samples):
            line, secret = make(templates[number % len(templates)], number)
            for place in PLACEMENTS:
                try:
                    gone = is_gone(secret, place(line, secret, POLICY))
                except AssertionError:
                    gone = False
                yield None if gone else (kind, place.__name__, line)


def recall(samples=20):
    """Return tried and missed by kind and place."""
    tried, lost = 0, Counter()
    for miss in missed(samples):
        tried += 1
        if miss is not None:
            lost[miss[:2]] += 1
    return tried, lost


def false_positives(count=5000):
    """Return lines that were changed although there is nothing in them, with what they became."""
    found = []
    for line in benign(count):
        done = redact_text(line, POLICY)
        if done.value != line:
            found.append((line, done.value))
    return found
