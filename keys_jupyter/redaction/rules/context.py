"""Values beside a word such as *password*: redacted only when their shape is one of a secret, not of code or prose."""

from __future__ import annotations

import re

from keys_jupyter.redaction.rule import Rule

_PASSWORDS = ("password", "passwd", "passphrase", "passwort", "pwd", "_pass", "pass=")
_SECRETS = (
    *("secret", "token", "api_key", "apikey", "api-key", "api key", "access_key", "accesskey"),
    *(
        "access-key",
        "private_key",
        "privatekey",
        "auth_key",
        "authkey",
        "signing_key",
        "signingkey",
    ),
    *("encryption_key", "encryptionkey", "master_key", "account_key", "credential"),
)
_OPTIONS = ("--password", "--passwd", "--token", "--secret", "--api-key", "--apikey", "--pass")

# What may follow the word and still name the value itself: token_value, not token_count.
_SUFFIX = (
    r"(?:[_-]?(?i:keys?|value|token|string|base|text|plain|raw|prod|production|dev|test|live|staging"
    r"|new|old|current|\d{1,2}))?s?"
)
_ASSIGN = r"(?P<assign>\s{0,4}(?:=>|:=|==?|:)\s{0,4}|\x01)"
_NOT = r"(?!\[redacted )"
_QUOTED = (
    rf"(?P<quote>[\"'`]){_NOT}"
    r"(?P<secret_quoted>(?:(?!(?P=quote))(?:[^\\\n\x00<]|\\.|<(?![A-Za-z/!]))){4,512})(?P=quote)"
)
_PLAIN = r"[^\s\"'`,;&<>(){}\[\]\\|\x00\x01]"
# An ampersand ends a value where another name follows, as in an address, or one of HTML; else it is a part of it.
_BARE = (
    rf"{_NOT}(?P<secret_bare>{_PLAIN}{{6,512}}(?:&(?![\w.%-]{{1,64}}[=;]){_PLAIN}{{1,512}}){{0,4}})"
)
_MEMBER = rf"(?<=\x01){_NOT}(?P<secret_member>[^\x00\x01]{{4,512}})(?=\x00)"

_CODE = re.compile(r"[A-Za-z_]\w{0,100}(?:(?:\.|::|->)[A-Za-z_]\w{0,100})+")
_WORDS = re.compile(r"(?:[^A-Za-z]?(?:[A-Z]{0,5}[a-z]{2,40}|[A-Z]{2,40}))+")
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_NAME = re.compile(r"[A-Za-z_]\w*")
_MEASURE = re.compile(r"[\d.,:%+/-]+[A-Za-z]{0,8}|\d{4}-\d\d-\d\d.*|v?\d+(?:\.\d+)+.*")
_STAND_IN = re.compile(
    r"(?i)[*.x_•-]+|[$%{<\[@/#!=~].*|(?:pass(?:word|phrase)?|passwd|secret|token|credential)s?\d?"
    r"|redacted.*|hidden|masked|required|missing|invalid|incorrect|wrong|expired|rotated|revoked"
    r"|your[-_ ].*|my[-_ ]?(?:password|secret|token|key)|change[-_ ]?me.*|example.*|placeholder"
    r"|none|null|nil|undefined|true|false|string|str|empty|unset|default|n/?a|test|text"
    r"|os\.environ.*|process\.env.*|env[.:(].*|getenv.*|vault:.*|secretref.*|ref\+.*|file:.*"
    r"|(?:sha\d{1,3}|md5|hmac|hash|digest)[:=-].*|arn:.*|https?://.*|secret, hmac.*"
)
_OTHER_NAMES = re.compile(
    r"(?i)(?:page|next|prev|continuation|continue|cursor|sync|pad|eos|bos|unk|mask|sep|cls|stop|cancel(?:lation)?"
    r"|special|max|min|num|public)[_-]?$"
)


def _letters_and_digits(value: str) -> bool:
    return bool(_DIGIT.search(value) and _LETTER.search(value))


def _jumbled(value: str) -> bool:
    """Whether letters of both cases stand as in no name made of words."""
    return value not in (value.lower(), value.upper()) and not _WORDS.fullmatch(value)


def _is_prose(value: str) -> bool:
    return len(value.split(None, 1)) > 1


def _named_otherwise(match: re.Match[str]) -> bool:
    """Whether the word is the end of another name, such as next_page_token."""
    before = match.string[max(0, match.start() - 14) : match.start()]
    return bool(_OTHER_NAMES.search(before))


def _is_code(match: re.Match[str], value: str) -> bool:
    """Whether a bare value is an expression: a call, an attribute, a name that is assigned."""
    after = match.string[match.end() : match.end() + 1]
    if after in ("(", "[", "{") and after:
        return True
    if _CODE.fullmatch(value):
        return True
    spaced = match["assign"].startswith(" ") and "=" in match["assign"]
    return bool(_NAME.fullmatch(value)) and (spaced or after == ")")


def _bare(match: re.Match[str], shortest: int) -> bool:
    value = match["secret_bare"]
    if len(value) < shortest or _MEASURE.fullmatch(value) or _is_code(match, value):
        return False
    return _letters_and_digits(value) or _jumbled(value)


def _password(match: re.Match[str]) -> bool:
    value = match["secret_quoted"] or match["secret_member"]
    if _named_otherwise(match) or _STAND_IN.fullmatch(value or match["secret_bare"]):
        return False
    if value is None:
        return _bare(match, 6)
    return "phrase" in match[0][:12].lower() or not _is_prose(value)


def _secret(match: re.Match[str]) -> bool:
    value = match["secret_quoted"] or match["secret_member"]
    if _named_otherwise(match) or _STAND_IN.fullmatch(value or match["secret_bare"]):
        return False
    if value is None:
        return _bare(match, 8)
    if len(value) < 8 or _is_prose(value) or _MEASURE.fullmatch(value) or _CODE.fullmatch(value):
        return False
    return _letters_and_digits(value) or _jumbled(value)


def _argument(match: re.Match[str]) -> bool:
    value = match["secret"]
    return not _STAND_IN.fullmatch(value) and (_letters_and_digits(value) or _jumbled(value))


def _beside(words: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(word.rstrip("=")) for word in words)
    return re.compile(rf"(?i:{names}){_SUFFIX}[\"']?{_ASSIGN}(?:{_QUOTED}|{_MEMBER}|{_BARE})")


CONTEXT: tuple[Rule, ...] = (
    Rule(
        "password",
        "Value beside a word for password",
        _beside(_PASSWORDS),
        words=_PASSWORDS,
        check=_password,
        literal=True,
    ),
    Rule(
        "secret-value",
        "Value beside a word for secret, token or key",
        _beside(_SECRETS),
        words=_SECRETS,
        check=_secret,
    ),
    Rule(
        "command-line-secret",
        "Argument of a command line option for a secret",
        re.compile(
            rf"--[A-Za-z-]{{4,9}}(?:=|\s{{1,4}})[\"']?{_NOT}(?P<secret>[^\s\"'`<>\\\x00-]{{1}}[^\s\"'`<>\\\x00]{{5,256}})"
        ),
        words=_OPTIONS,
        check=_argument,
        literal=True,
    ),
    Rule(
        "curl-credentials",
        "Credentials given to curl",
        re.compile(
            rf"curl(?=\s)[^\n\x00]{{0,300}}?(?:\s-u\s?|\s--user[ =])[\"']?[^\s:\"'\x00]{{1,128}}:{_NOT}(?P<secret>[^\s\"'<>\\\x00]{{4,256}})"
        ),
        words=("curl ",),
        holds="-u",
        within=320,
        check=lambda match: not _STAND_IN.fullmatch(match["secret"]),
        literal=True,
    ),
)
