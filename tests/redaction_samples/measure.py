"""Recall and false positives, counted."""

import re
from collections import Counter

from keys_jupyter.redaction import Policy, redact_text
from tests.redaction_samples.benign import benign
from tests.redaction_samples.cloud import CLOUD
from tests.redaction_samples.grammar import make
from tests.redaction_samples.placements import PLACEMENTS
from tests.redaction_samples.services import SERVICES
from tests.redaction_samples.tools import TOOLS
from tests.redaction_samples.web import CONTEXT, KEYFILES, PERSONAL, WEB

_MARKER = re.compile(r"\[redacted [a-z0-9 -]*\]")
POLICY = Policy(salt=bytes(range(16)))
STANDARD = {**KEYFILES, **SERVICES, **TOOLS, **CLOUD, **WEB, **CONTEXT}
ALL = {**STANDARD, **PERSONAL}


def is_gone(secret, readable):
    """Whether no stretch of a secret that is worth anything can be read any more: a quarter, six to 24 characters."""
    size = min(max(len(secret) // 4, 6), 24)
    stretches = (secret[at : at + size] for at in range(max(len(secret) - size, 0) + 1))
    return not any(stretch in readable for stretch in stretches)


def missed(samples):
    """Yield kind, place and line of each secret that could still be read, and None for each that could not."""
    for kind, (templates, _) in STANDARD.items():
        for number in range(samples):
            line, secret = make(templates[number % len(templates)], number)
            for place in PLACEMENTS:
                try:
                    gone = is_gone(secret, _MARKER.sub("\n", place(line, secret, POLICY)))
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
