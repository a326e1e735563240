"""All rules in order of precedence: where two find the same, the first one names it."""

from __future__ import annotations

from keys_jupyter.redaction.rule import Rule
from keys_jupyter.redaction.rules.cloud import CLOUD
from keys_jupyter.redaction.rules.context import CONTEXT
from keys_jupyter.redaction.rules.keyfiles import KEYFILES
from keys_jupyter.redaction.rules.personal import CARDS, EMAILS, IBANS
from keys_jupyter.redaction.rules.services import SERVICES
from keys_jupyter.redaction.rules.tools import TOOLS
from keys_jupyter.redaction.rules.web import WEB

VERSION = "3"
"""Changes with any change of what is found and where it is looked for; reports say it."""

RULES: tuple[Rule, ...] = (*KEYFILES, *SERVICES, *TOOLS, *CLOUD, *WEB, *CONTEXT)
OPTIONAL: tuple[Rule, ...] = (EMAILS, CARDS, IBANS)

__all__ = ["CARDS", "EMAILS", "IBANS", "OPTIONAL", "RULES", "VERSION"]
