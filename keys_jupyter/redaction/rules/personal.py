"""Personal data, redacted on request only: addresses of persons, payment cards, accounts."""

from __future__ import annotations

import re

from keys_jupyter.redaction.rule import Rule

_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 "
    "CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 "
    "GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 "
    "LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 "
    "PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 "
    "TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)


def _luhn(match: re.Match[str]) -> bool:
    digits = [int(char) for char in match[0] if char.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _mod_97(match: re.Match[str]) -> bool:
    plain = match[0].replace(" ", "")
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _countries() -> str:
    return "|".join(
        rf"{known[:2]}\d\d(?: ?[A-Z0-9]){{{int(known[2:]) - 4}}}" for known in _IBAN_LENGTHS.split()
    )


EMAILS = Rule(
    "email",
    "E-mail address",
    re.compile(
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"
    ),
)
CARDS = Rule(
    "payment-card",
    "Payment card number",
    re.compile(
        r"(?<![\w.-])[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w.-])|(?<![\w.-])3[47]\d\d[ -]?\d{6}[ -]?\d{5}(?![\w.-])"
    ),
    check=_luhn,
    literal=True,
)
IBANS = Rule(
    "iban",
    "International bank account number",
    re.compile(rf"(?<![A-Za-z0-9])(?:{_countries()})(?![A-Za-z0-9])"),
    check=_mod_97,
    literal=True,
)
