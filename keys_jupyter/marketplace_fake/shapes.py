"""The six shapes an error of the marketplace has, and the texts it was seen to answer."""

from __future__ import annotations

import enum
import uuid
from typing import Any

from keys_jupyter.marketplace_fake.wire import Reply, json_reply, text_reply

NO_HEADER = "Missing or invalid authorization header"
BAD_SESSION = "Invalid or expired token"
BAD_KEY = "Invalid or revoked API key"
NOT_ENTITLED = "You do not have access to this key. Please purchase it first."
TOO_MANY = "Too many authentication attempts, please try again later."

_CODES = {
    400: "VALIDATION_ERROR",
    401: "AUTHENTICATION_ERROR",
    403: "AUTHORIZATION_ERROR",
    404: "NOT_FOUND",
    429: "RATE_LIMIT_ERROR",
}


class Shape(enum.Enum):
    """How an error is written."""

    HANDLER = 1
    """``{"error": "text", "message"?, "details"?}``"""
    NESTED = 2
    """``{"error": {"code", "message"}, "requestId"}``"""
    TIMEOUT = 3
    """``{"status": "error", "code", "message", "requestId"}``"""
    TEXT = 4
    """Plain text that calls itself HTML."""
    VALIDATE = 5
    """``{"valid": false, "error", "requestId"}``"""
    STORAGE = 6
    """``{"statusCode", "error", "message", "code"}``"""


def handler(status: int, error: str, **more: Any) -> Reply:
    """Return an error of the first shape."""
    return json_reply(status, {"error": error, **more})


def nested(status: int, message: str, **context: Any) -> Reply:
    """Return an error of the second shape."""
    error: dict[str, Any] = {"code": _CODES.get(status, "INTERNAL_ERROR"), "message": message}
    if context:
        error["context"] = context
    return json_reply(status, {"error": error, "requestId": request_id()})


def timeout(status: int = 408, message: str = "Request timeout after 30000ms") -> Reply:
    """Return an error of the third shape."""
    return json_reply(
        status,
        {
            "status": "error",
            "code": "REQUEST_TIMEOUT",
            "message": message,
            "requestId": request_id(),
        },
    )


def not_valid(message: str, status: int = 200) -> Reply:
    """Return an error of the fifth shape."""
    return json_reply(status, {"valid": False, "error": message, "requestId": request_id()})


def storage(error: str, message: str, *, status: int = 400, stated: str = "400") -> Reply:
    """Return an error of the sixth shape: HTTP 400 whatever the body states."""
    code = "NoSuchKey" if error == "not_found" else error
    return json_reply(
        status, {"statusCode": stated, "error": error, "message": message, "code": code}
    )


def in_shape(shape: Shape, status: int, message: str) -> Reply:
    """Return any error in any shape."""
    if shape is Shape.HANDLER:
        return handler(status, message)
    if shape is Shape.NESTED:
        return nested(status, message)
    if shape is Shape.TIMEOUT:
        return timeout(status, message)
    if shape is Shape.TEXT:
        return text_reply(status, message)
    if shape is Shape.VALIDATE:
        return not_valid(message, status)
    return storage("not_found", message, status=status, stated="404")


def request_id() -> str:
    """Return a new request id."""
    return f"req_{uuid.uuid4().hex[:12]}"
