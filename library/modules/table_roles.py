"""Columns go in by whatever name they have; what each one means comes out, its values agreeing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

import pandas as pd
from table_columns import Column, InputProblem, Table, split_name

CONFIRMING_SHARE = 0.9


@dataclass(frozen=True)
class Role:
    """What a column can mean: the names it goes by, and the values that confirm it.

    `aliases` are the names as they are compared, `named` the same as a person writes them.
    """

    aliases: tuple[str, ...]
    named: tuple[str, ...]
    accepts: Callable[[str], bool]
    meaning: str


def role(names: str, accepts: Callable[[str], bool], meaning: str) -> Role:
    """Make a role of its names, most telling first, in lower case with underscores, without units.

    The name created_at also finds "Created At (UTC)", createdAt and "created.at".
    """
    named = tuple(names.split())
    return Role(tuple(name.replace("_", "") for name in named), named, accepts, meaning)


def described(*roles: Role) -> str:
    """Say what a column with one of these roles holds, and how it may be named."""
    meanings = " or ".join(role.meaning for role in roles)
    named = roles[0].named[:5] if len(roles) == 1 else [role.named[0] for role in roles]
    return f"a column with {meanings} (named {', '.join(named)}, ...)"


def wanted(roles: Mapping[str, Role]) -> Callable[[str], bool]:
    """Return what tells `read_table` which columns may have one of these roles."""
    names = frozenset(alias for role in roles.values() for alias in role.aliases)
    return lambda name: split_name(name)[0] in names


def find_roles(table: Table, roles: Mapping[str, Role]) -> dict[str, Column]:
    """Give each role the first column that goes by one of its names and holds such values.

    A column has one role; the role that stands first in `roles` chooses first.
    """
    by_name: dict[str, list[Column]] = {}
    for column in table.columns.values():
        by_name.setdefault(split_name(column.name)[0], []).append(column)
    found: dict[str, Column] = {}
    taken: set[str] = set()
    for name, role in roles.items():
        candidates = [c for alias in role.aliases for c in by_name.get(alias, [])]
        for column in candidates:
            if column.name not in taken and column.share(role.accepts) >= CONFIRMING_SHARE:
                found[name] = column
                taken.add(column.name)
                break
    return found


def blank_roles(
    table: Table, found: Mapping[str, Column], roles: Mapping[str, Role]
) -> dict[str, Column]:
    """Find columns known by name alone as nothing is in them: that nothing is there is a fact."""
    blank: dict[str, Column] = {}
    for column in table.columns.values():
        plain = split_name(column.name)[0]
        names = [name for name, role in roles.items() if plain in role.aliases]
        if names and names[0] not in found and not any(column.values):
            blank[names[0]] = column
            if table.rows:
                table.notes.append(f"{column.name!r} is empty in every row.")
    return blank


def require_role(
    table: Table, found: Mapping[str, Column], roles: Mapping[str, Role], *names: str
) -> None:
    """Refuse a table in which none of the named roles was found.

    Raises:
        InputProblem: naming the columns there are and what the likely ones hold.
    """
    if not found.keys() & set(names):
        _missing(table, roles, names)


def _missing(table: Table, roles: Mapping[str, Role], names: tuple[str, ...]) -> NoReturn:
    aliases = {alias for name in names for alias in roles[name].aliases}
    looked = [c for c in table.columns.values() if split_name(c.name)[0] in aliases]
    samples = [f"{c.name!r} holds {', '.join(v for v in c.values if v)[:60]!r}" for c in looked]
    shown = ", ".join(table.header[:20]) or "none"
    found = "; ".join([f"columns {shown}", *samples])
    problem = f"no column holds the {' or '.join(names).replace('_', ' ')}."
    expected = described(*(roles[name] for name in names))
    raise InputProblem(table.file, problem, expected, found)


def columns_table(roles: Mapping[str, Role], used: Mapping[str, str]) -> pd.DataFrame:
    """List which column was taken for which role."""
    rows = [(role, used.get(role, "(none)")) for role in roles]
    return pd.DataFrame(rows, columns=["role", "column"]).set_index("role")
