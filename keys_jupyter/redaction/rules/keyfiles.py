r"""Private keys as files hold them; the whole block goes, since its lines mean nothing alone.

A block without its end is taken only as far as it looks like a key, so that a text that merely mentions the first
line stays readable.
"""

from __future__ import annotations

import re

from keys_jupyter.redaction.rule import Rule

_BODY = r"(?:[^-<>\x00]|-(?!----)){0,40000}"
_BETWEEN = r"[\s\"',\\]{1,12}"
_LINE = "[A-Za-z0-9+/=]{16,80}"
_CUT_OFF = rf"{_BETWEEN}{_LINE}(?:{_BETWEEN}{_LINE}){{0,600}}"

_PPK = "[A-Za-z0-9+/=]{4,80}(?![A-Za-z0-9+/=-])"
_JWK_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")


def _block(name: str, title: str, kind: str) -> Rule:
    head = rf"-----BEGIN {kind}-----"
    end = r"-----END [A-Z0-9 ]{3,40}-----"
    return Rule(
        name, title, re.compile(f"{head}(?:{_BODY}{end}|{_CUT_OFF})"), marks=("-----BEGIN ",)
    )


KEYFILES: tuple[Rule, ...] = (
    _block("openssh-private-key", "OpenSSH private key", "OPENSSH PRIVATE KEY"),
    _block("pgp-private-key", "PGP private key", "PGP PRIVATE KEY BLOCK"),
    _block("private-key", "Private key", r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY"),
    Rule(
        "putty-private-key",
        "PuTTY private key",
        re.compile(
            rf"Private-Lines: \d{{1,3}}\s{{1,4}}(?P<secret>{_PPK}(?:\s{{1,4}}{_PPK}){{0,99}})"
        ),
        starts=("Private-Lines: ",),
    ),
    Rule(
        "json-web-key",
        "Private part of a JSON web key",
        re.compile(
            r"(?<=[\"'\x00])(?:d|p|q|dp|dq|qi|k)[\"'\x01]\s{0,4}:?\s{0,4}[\"']?(?P<secret>[A-Za-z0-9_-]{40,1400})(?=[\"'\x00])"
        ),
        starts=tuple(name + end for name in _JWK_PRIVATE for end in "\"'\x01"),
    ),
)
