"""An export of subscriptions of either side goes in, one row a subscription comes out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from table_columns import Column, Table, exported_as, split_name
from table_files import read_table
from table_roles import Role, columns_table, find_roles, require_role, role, wanted
from table_times import TIME_EXAMPLES, is_time, parse_times, required_zone
from table_values import number

HOW_TO_EXPORT = {
    "stripe": (
        "Stripe Dashboard: Billing > Subscriptions > filter Status to all, canceled ones included "
        "> Export, all columns, as CSV; or the Stripe CLI: stripe subscriptions list --live "
        '--limit 100 -d "status=all" > subscriptions.json (one page of at most 100 a call).'
    ),
    "database": (
        "psql: \\copy (SELECT subscription_id, customer_id, user_id, status, price_id, quantity, "
        "cancel_at_period_end, current_period_end, created_at, updated_at FROM subscriptions) "
        "TO 'database_subscriptions.csv' CSV HEADER"
    ),
}
NESTED = ("metadata", "items", "plan", "price", "customer")
MOST_METADATA = 50

# Statuses that give access. An ended subscription needs no counterpart on the other side.
LIVE = ("active", "trialing", "past_due")
ENDED = ("canceled", "incomplete_expired")
STATUSES = (*LIVE, *ENDED, "incomplete", "unpaid", "paused")
SYNONYMS = {
    "cancelled": "canceled",
    "ended": "canceled",
    "expired": "canceled",
    "inactive": "canceled",
    "trial": "trialing",
    "in_trial": "trialing",
    "pastdue": "past_due",
    "overdue": "past_due",
}
YES = frozenset({"true", "t", "yes", "y", "1"})
NO = frozenset({"false", "f", "no", "n", "0"})


def status_of(text: str) -> str:
    """Write a status in Stripe's words: "Past due" is past_due, "cancelled" is canceled."""
    word = "_".join(re.findall(r"[a-z]+", text.lower()))
    return SYNONYMS.get(word, word)


def truth_of(text: str) -> str:
    """Write yes, t or 1 as true, and no, f or 0 as false; anything else stays."""
    word = text.lower()
    return "true" if word in YES else "false" if word in NO else word


def quantity_of(text: str) -> str:
    """Write 1, 1.0 and "1" the same."""
    value = number(text)
    return text if np.isnan(value) else f"{value:g}"


def _is_status(text: str) -> bool:
    return status_of(text) in STATUSES


def _is_truth(text: str) -> bool:
    return truth_of(text) in ("true", "false")


def _is_quantity(text: str) -> bool:
    return number(text) >= 0


def _starts(prefix: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(prefix)


_OWNERS = (
    "user_id owner_id account_id profile_id organization_id org_id team_id workspace_id "
    "tenant_id uid"
)
ROLES: dict[str, Role] = {
    "subscription": role(
        "stripe_subscription_id subscription_id stripe_sub_id sub_id subscription stripe_id id "
        "external_id",
        _starts("sub_"),
        "Stripe's id of the subscription, such as sub_1A2b3C",
    ),
    "status": role(
        "status stripe_status subscription_status stripe_subscription_status state",
        _is_status,
        f"the status in Stripe's words: {', '.join(STATUSES)}",
    ),
    "customer": role(
        "stripe_customer_id customer_id customer stripe_customer",
        _starts("cus_"),
        "Stripe's id of the customer",
    ),
    "owner": role(
        " ".join(name for owner in _OWNERS.split() for name in (owner, f"metadata_{owner}")),
        bool,
        "whose subscription it is in the application",
    ),
    "price": role(
        "stripe_price_id price_id items_price_id price stripe_plan_id plan_id plan",
        bool,
        "the price",
    ),
    "quantity": role("quantity items_quantity qty seats", _is_quantity, "the number of units"),
    "cancel_at_period_end": role(
        "cancel_at_period_end", _is_truth, "whether it ends with the period, true or false"
    ),
    "current_period_end": role(
        "current_period_end items_current_period_end current_period_end_at "
        "current_period_ends_at current_period_ends period_end",
        is_time,
        "when the paid period ends",
    ),
    "changed": role(
        "changed_at updated_at last_changed_at last_changed modified_at last_modified "
        "last_modified_at last_updated last_updated_at updated changed synced_at "
        "last_synced_at",
        is_time,
        f"when the row changed last, {TIME_EXAMPLES}",
    ),
    "created": role("created created_at created_date inserted_at", is_time, "when it was created"),
    "canceled_at": role("canceled_at cancelled_at", is_time, "when it was canceled"),
    "ended_at": role("ended_at", is_time, "when it ended"),
    "period_start": role(
        "current_period_start items_current_period_start current_period_start_at period_start",
        is_time,
        "when the paid period began",
    ),
}
MOVES = ("created", "canceled_at", "ended_at", "period_start")
FIELDS: dict[str, Callable[[str], str]] = {
    "price": str,
    "quantity": quantity_of,
    "cancel_at_period_end": truth_of,
}


@dataclass
class Side:
    """One side's subscriptions, one row each.

    The frame has subscription, status, customer, owner, price, quantity, cancel_at_period_end,
    current_period_end, created, changed, and a column "metadata.x" for each field of metadata;
    what the file does not tell is blank, and `columns` names where the rest came from.
    """

    file: str
    sha256: str
    rows: int
    frame: pd.DataFrame
    columns: dict[str, str]
    repeated: list[str] = field(default_factory=list)
    unnamed: int = 0
    notes: list[str] = field(default_factory=list)

    def columns_table(self) -> pd.DataFrame:
        """List which column was taken for which role."""
        return columns_table(ROLES, self.columns)

    @property
    def metadata(self) -> list[str]:
        """Name the fields of metadata."""
        return [name for name in self.frame.columns if name.startswith("metadata.")]


def load_side(path: Path | str, side: str, time_zone: str = "UTC") -> Side:
    """Read an export of subscriptions: CSV, Stripe API JSON or JSON lines, plain or gzip.

    Args:
        path: the file.
        side: stripe or database; it decides what is said about exporting again.
        time_zone: the zone of times that carry no offset and whose column states none.

    Raises:
        InputProblem: when the file cannot be used; the message says why.
    """
    required_zone(time_zone)
    known = wanted(ROLES)
    with exported_as(HOW_TO_EXPORT[side]):
        table = read_table(path, lambda name: known(name) or _is_inner(name), NESTED)
        table.require_rows("subscriptions")
        _open_items(table)
        metadata = _open_metadata(table)
        roles = _with_blank_owner(find_roles(table, ROLES), table)
        require_role(table, roles, ROLES, "subscription")
        require_role(table, roles, ROLES, "status")
        frame = _frame(table, roles, metadata, time_zone, metered=side == "stripe")
    used = {name: column.name for name, column in roles.items()}
    return _one_row_each(Side(table.file, table.sha256, table.rows, frame, used, notes=table.notes))


def _with_blank_owner(roles: dict[str, Column], table: Table) -> dict[str, Column]:
    """Take an owner's column in which nobody stands, too: then all are orphans."""
    if "owner" not in roles:
        named = {split_name(column.name)[0]: column for column in table.columns.values()}
        columns = [named[alias] for alias in ROLES["owner"].aliases if alias in named]
        if columns:
            roles["owner"] = columns[0]
    return roles


def _is_inner(name: str) -> bool:
    plain, stated = split_name(name)
    return plain.startswith("metadata") or stated.lower() == "metadata" or plain == "itemsdata"


# --- what Stripe nests ------------------------------------------------------------------------


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or isinstance(value, (dict, list)) else str(value).strip()


def _open_items(table: Table) -> None:
    """Take price, quantity and period from a subscription's first item, as its API object has."""
    column = next((c for c in table.columns.values() if split_name(c.name)[0] == "itemsdata"), None)
    if column is None:
        return
    lists = [_json(text) if text else None for text in column.values]
    several = np.array([isinstance(each, list) and len(each) > 1 for each in lists])[column.codes]
    if several.any():
        table.notes.append(f"{int(several.sum())} subscriptions have several items: the first.")
    firsts = [each[0] if isinstance(each, list) and each else {} for each in lists]
    for name in ("price.id", "plan.id", "quantity", "current_period_end", "current_period_start"):
        values = [_text(first.get(name)) for first in firsts]
        if any(values):
            table.columns[f"items.{name}"] = Column(f"items.{name}", column.codes, values)


def _open_metadata(table: Table) -> dict[str, Column]:
    """Collect the fields of metadata, each a column of its own or all in one as JSON."""
    found: dict[str, Column] = {}
    for column in list(table.columns.values()):
        if split_name(column.name)[1].lower() == "metadata":
            found[re.sub(r"\W*metadata\W*$", "", column.name)] = column
        elif column.name.startswith("metadata."):
            found[column.name.removeprefix("metadata.")] = column
        elif column.name.lower() == "metadata":
            found.update(_from_json(table, column))
    return found


def _from_json(table: Table, column: Column) -> dict[str, Column]:
    objects = [_json(text) if text else None for text in column.values]
    objects = [each if isinstance(each, dict) else {} for each in objects]
    names = list(dict.fromkeys(name for each in objects for name in each))[:MOST_METADATA]
    found = {}
    for name in names:
        inner = Column(
            f"metadata.{name}", column.codes, [_text(each.get(name)) for each in objects]
        )
        found[name] = table.columns[inner.name] = inner
    return found


# --- one row a subscription -------------------------------------------------------------------


def _frame(
    table: Table, roles: dict[str, Column], metadata: dict[str, Column], zone: str, metered: bool
) -> pd.DataFrame:
    data: dict[str, Any] = {}
    for name in ("subscription", "customer", "owner"):
        data[name] = _texts(roles.get(name), str, table.rows)
    data["status"] = roles["status"].categorical(map(status_of, roles["status"].values))
    for name, write in FIELDS.items():
        data[name] = _texts(roles.get(name), write, table.rows)
    if metered and "quantity" in roles:
        data["quantity"] = data["quantity"].mask(data["quantity"] == "", "1")
    times = {name: _times(roles.get(name), zone, table) for name in (*MOVES, "changed")}
    data["current_period_end"] = _times(roles.get("current_period_end"), zone, table)
    data["created"], data["changed"] = times["created"], _changed(times)
    taken = {column.name for column in roles.values()}
    for name, column in metadata.items():
        if column.name not in taken:
            data[f"metadata.{name}"] = _texts(column, str, table.rows)
    return pd.DataFrame(data, index=pd.RangeIndex(table.rows))


def _texts(column: Column | None, write: Callable[[str], str], rows: int) -> pd.Series:
    if column is None:
        return pd.Series("", index=pd.RangeIndex(rows), dtype="object")
    # Named as objects, for pandas would copy a million texts into a type of its own.
    return pd.Series(column.spread([write(v) if v else "" for v in column.values]), dtype="object")


def _times(column: Column | None, zone: str, table: Table) -> pd.Series:
    if column is not None:
        return parse_times(column, zone, table)
    return pd.Series(pd.NaT, index=pd.RangeIndex(table.rows), dtype="datetime64[us, UTC]")


def _changed(times: dict[str, pd.Series]) -> pd.Series:
    """Take the time of the last change; where there is none, the latest move the file tells."""
    if times["changed"].notna().all():
        return times["changed"]
    moves = pd.concat([times[name] for name in MOVES], axis=1).max(axis=1)
    return times["changed"].fillna(moves)


def _one_row_each(side: Side) -> Side:
    """Leave out rows without an id, and of an id's several rows all but the newest."""
    frame = side.frame
    named = frame["subscription"] != ""
    side.unnamed = int((~named).sum())
    if side.unnamed:
        side.notes.append(f"{side.unnamed} rows have no subscription id and are in no figure.")
        frame = frame[named]
    twice = frame["subscription"].duplicated(keep=False)
    if twice.any():
        side.repeated = sorted(frame.loc[twice, "subscription"].unique())
        side.notes.append(
            f"{len(side.repeated)} ids stand on several rows: the newest was compared."
        )
        frame = frame.sort_values("changed", kind="stable", na_position="first")
        frame = frame[~frame["subscription"].duplicated(keep="last")].sort_index()
    side.frame = frame.reset_index(drop=True)
    return side
