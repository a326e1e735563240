"""A failed delivery's words and HTTP status go in, the kind of its failure comes out."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

ERROR_TYPES = ("signature", "timeout", "processing", "other")
SIGNATURE = re.compile(
    r"signature|signing secret|webhook secret|whsec|tolerance zone|construct_?event", re.IGNORECASE
)
SIGNATURE_FINE = re.compile(r"signature[\s_:-]*(verified|valid\b|ok\b)", re.IGNORECASE)
TIMEOUT = re.compile(r"time[sd]?[\s_-]*out|deadline exceeded|took too long", re.IGNORECASE)
PROCESSING = re.compile(
    r"processing|handler|exception|traceback|unhandled|internal server error|[a-z]Error\b"
    r"|database|deadlock|constraint|null pointer|segfault",
    re.IGNORECASE,
)
# 499: the web server's word for a caller (here Stripe) that gave up waiting.
TIMEOUT_CODES = frozenset({408, 499, 504, 522, 524})


def error_type(text: str, http: int) -> str:
    """Name the kind of a failure by its text, and where that is silent by its HTTP status.

    An endpoint that answered 5xx did not time out towards Stripe, whatever timed out inside it.
    """
    if SIGNATURE.search(SIGNATURE_FINE.sub("", text)):
        return "signature"
    answered_5xx = 500 <= http < 600 and http not in TIMEOUT_CODES
    if http in TIMEOUT_CODES or (TIMEOUT.search(text) and not answered_5xx):
        return "timeout"
    if answered_5xx or PROCESSING.search(text):
        return "processing"
    return "other"


def error_types(failures: pd.DataFrame) -> pd.Categorical:
    """Name the kind of every failure in a frame of deliveries."""
    codes = failures["error"].cat.codes.to_numpy().astype("i8") * 1000
    pairs, which = np.unique(codes + failures["http_status"].to_numpy(), return_inverse=True)
    texts = failures["error"].cat.categories
    kinds = [ERROR_TYPES.index(error_type(texts[p // 1000], int(p % 1000))) for p in pairs]
    mapped = np.array(kinds, dtype="i1")[which] if len(kinds) else np.array([], dtype="i1")
    return pd.Categorical.from_codes(mapped, categories=list(ERROR_TYPES))
