"""Whether an Ed25519 signature of RFC 8032 holds, in plain Python: slow, and there everywhere.

Only verification: nothing here holds or needs a secret, so running time tells nothing. Forms that are not
canonical are refused: a point's coordinate must be below the prime and a scalar below the group's order.
"""

from __future__ import annotations

import hashlib

_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _PRIME - 2, _PRIME) % _PRIME
_ROOT_OF_MINUS_ONE = pow(2, (_PRIME - 1) // 4, _PRIME)


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the owner of a public key signed a message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _ORDER or _is_small(key):
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    return _same(_times(scalar, _BASE), _sum(commitment, _times(challenge, key)))


def _recovered_x(y: int, sign: int) -> int | None:
    if y >= _PRIME:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _PRIME - 2, _PRIME) % _PRIME
    x = pow(square, (_PRIME + 3) // 8, _PRIME)
    if (x * x - square) % _PRIME:
        x = x * _ROOT_OF_MINUS_ONE % _PRIME
    if (x * x - square) % _PRIME or (x == 0 and sign):
        return None
    return _PRIME - x if x & 1 != sign else x


def _point(data: bytes) -> tuple[int, int, int, int] | None:
    """Read a point as extended coordinates: x = X/Z, y = Y/Z, x*y = T/Z."""
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _recovered_x(y, sign)
    return None if x is None else (x, y, 1, x * y % _PRIME)


def _sum(
    first: tuple[int, int, int, int], second: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    a = (first[1] - first[0]) * (second[1] - second[0]) % _PRIME
    b = (first[1] + first[0]) * (second[1] + second[0]) % _PRIME
    c = 2 * first[3] * second[3] * _D % _PRIME
    d = 2 * first[2] * second[2] % _PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _PRIME, g * h % _PRIME, f * g % _PRIME, e * h % _PRIME


def _times(scalar: int, point: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        scalar >>= 1
    return total


def _same(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> bool:
    return (first[0] * second[2] - second[0] * first[2]) % _PRIME == 0 and (
        first[1] * second[2] - second[1] * first[2]
    ) % _PRIME == 0


def _is_small(point: tuple[int, int, int, int]) -> bool:
    """Say whether a key is one of the eight for which a signature fits many messages."""
    return _same(_times(8, point), (0, 1, 1, 0))


_BASE_Y = 4 * pow(5, _PRIME - 2, _PRIME) % _PRIME
_BASE = _point(_BASE_Y.to_bytes(32, "little")) or (0, 1, 1, 0)
