"""Makes samples from templates, so that nothing shaped like a secret is written down in any file.

``<w24>`` is 24 letters and digits, ``<h40>`` small hexadecimal, ``<u16>`` capitals and digits, ``<l43>`` small letters and digits,
``<d10>`` digits, ``<b40>`` base64, ``<s43>`` base64 for addresses, ``<g>`` a UUID, ``<j…>`` a part of a JSON web token that holds
the JSON between, ``<k6>`` six lines of a key file, ``<>`` nothing. «…» marks what has to go.
"""

import base64
import json
import random
import re
import string

UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
ALPHABETS = {
    "w": UPPER + LOWER + DIGITS,
    "h": "0123456789abcdef",
    "u": UPPER + DIGITS,
    "l": LOWER + DIGITS,
    "d": DIGITS,
    "b": UPPER + LOWER + DIGITS + "+/",
    "s": UPPER + LOWER + DIGITS + "-_",
}
_PART = re.compile(r"<(?:([whuldbsk])(\d+)|g|j(\{.*?\})|)>")


def characters(rng, alphabet, count):
    """Random characters of which the last is a letter or digit and some are digits and letters of each case."""
    while True:
        made = "".join(rng.choice(alphabet) for _ in range(count))
        varied = count < 12 or (any(c.isdigit() for c in made) and len(set(made)) > 5)
        if made[-1:].isalnum() and made[:1].isalnum() and varied:
            return made


def _expand(rng, match):
    kind, count, claims = match.groups()
    if claims is not None:
        body = json.dumps({**json.loads(claims), "nonce": rng.getrandbits(48)}).encode()
        return base64.urlsafe_b64encode(body).decode().rstrip("=")
    if kind == "k":
        return "\n".join(characters(rng, ALPHABETS["b"], 64) for _ in range(int(count)))
    if kind:
        return characters(rng, ALPHABETS[kind], int(count))
    if match[0] == "<g>":
        return "-".join(characters(rng, ALPHABETS["h"], n) for n in (8, 4, 4, 4, 12))
    return ""


def make(template, seed):
    """Return a line and what of it has to go."""
    rng = random.Random(f"{template} {seed}")
    line = _PART.sub(lambda match: _expand(rng, match), template)
    before, _, rest = line.partition("«")
    secret, marked, after = rest.partition("»")
    return (before + secret + after, secret) if marked else (line, "")
