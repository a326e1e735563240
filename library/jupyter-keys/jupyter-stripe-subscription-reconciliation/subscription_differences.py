"""Two sides' subscriptions go in; every discrepancy between them comes out, counted by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from subscription_exports import ENDED, LIVE, STATUSES, Side
from table_columns import InputProblem, split_name
from table_times import moment, utc

TYPES = {
    "missing_in_database": "Missing in database",
    "missing_in_stripe": "Missing in Stripe",
    "status_mismatch": "Status mismatch",
    "metadata_mismatch": "Metadata mismatch",
    "owner_mismatch": "Owner mismatch",
    "orphaned": "Orphaned",
    "duplicate": "Duplicate",
}
PAYING, FREE = "paying without access", "access without payment"
COMPARED = ("price", "quantity", "cancel_at_period_end", "current_period_end")
COLUMNS = [
    "subscription_id", "type", "field", "stripe_value", "database_value", "effect", "customer_id",
    "differs_since", "stripe_changed_at", "database_changed_at",
]  # fmt: skip
# The dashboard writes times to the minute, the API to the second.
SAME_TIME = pd.Timedelta(seconds=60)
# An export takes a while: what changed during it is on its way too.
LONGEST_EXPORT = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Reconciliation:
    """Everything the report says, counted once.

    `rows` has one row for each subscription and type, in the columns of discrepancies.csv.
    """

    rows: pd.DataFrame
    in_stripe: int
    in_database: int
    compared: int
    settling: int
    counts: dict[str, int]
    paying_without_access: int
    access_without_payment: int
    orphans_known: bool
    fields: list[str]
    as_of: pd.Timestamp | None
    notes: list[str]

    @property
    def discrepancies(self) -> int:
        """Count the subscriptions that differ; one may differ in several ways."""
        return int(self.rows["subscription_id"].nunique())

    @property
    def rate(self) -> float:
        """Give the share of subscriptions that differ, in percent, rounded up: never too healthy."""
        return -(-self.discrepancies * 10_000 // self.compared) / 100 if self.compared else 0.0


def reconcile(
    stripe: Side,
    database: Side,
    as_of: str | None = None,
    settle_minutes: int = 15,
    ignore_fields: str = "",
    time_zone: str = "UTC",
) -> Reconciliation:
    """Compare both sides.

    Args:
        stripe: Stripe's subscriptions.
        database: the database's subscriptions.
        as_of: when both were exported; what changed just before is settling and is not compared.
        settle_minutes: how long before `as_of` a change may be on its way.
        ignore_fields: names of fields not to compare, separated by commas.
        time_zone: the zone of `as_of` when it carries no offset.

    Raises:
        InputProblem: when both are one file, or a parameter cannot be used.
    """
    _refuse_one_file(stripe, database)
    exported = moment(as_of, "as_of", time_zone)
    notes = [f"{side.file}: {note}" for side in (stripe, database) for note in side.notes]
    fields = _fields(stripe, database, ignore_fields, notes)
    whole = _aligned(stripe.frame, database.frame)
    parts = [_settled(part, exported, settle_minutes, notes) for part in whole]
    before, compared = (sum(map(len, each)) for each in (whole, parts))
    rows = _rows(stripe, database, parts, fields, notes)
    known = _owner_of(database) is not None
    _notes_on_sides(stripe, len(whole[0]), len(parts[2]), known, notes)
    if exported is None:
        notes.append("as_of is not given: changes that may still be on their way were compared.")
    counts = rows["type"].value_counts()
    return Reconciliation(
        rows=rows,
        in_stripe=len(stripe.frame),
        in_database=len(database.frame),
        compared=compared,
        settling=before - compared,
        counts={kind: int(counts.get(kind, 0)) for kind in TYPES},
        paying_without_access=int((rows["effect"] == PAYING).sum()),
        access_without_payment=int((rows["effect"] == FREE).sum()),
        orphans_known=known,
        fields=fields,
        as_of=exported,
        notes=notes,
    )


def _rows(
    stripe: Side, database: Side, parts: list[pd.DataFrame], fields: list[str], notes: list[str]
) -> pd.DataFrame:
    """List every discrepancy of the pairs, of Stripe's side alone and of the database's alone."""
    pairs, alone_stripe, alone_database = parts
    owner, same = _owner_of(database), _identities(stripe, database, notes)
    found = [
        _missing_in_database(alone_stripe),
        _missing_in_stripe(alone_database),
        _status(pairs),
        _fields_differ(pairs, fields, "metadata_mismatch"),
        _fields_differ(pairs, same, "owner_mismatch", filled=True),
        *(_orphaned(table, owner) for table in (pairs, alone_database) if owner),
        *(_duplicates(side, name) for side, name in ((stripe, "stripe"), (database, "database"))),
    ]
    return _table(found)


# --- what is compared -------------------------------------------------------------------------


def _refuse_one_file(stripe: Side, database: Side) -> None:
    if stripe.sha256 == database.sha256:
        found = f"{stripe.file} and {database.file}, the same bytes"
        expected = "an export of Stripe and one of the database"
        fix = "Give Stripe's export as stripe_csv and the database's as database_csv."
        raise InputProblem("database_csv", "both sides are one file.", expected, found, fix)


def _fields(stripe: Side, database: Side, ignore: str, notes: list[str]) -> list[str]:
    """Name the fields that both sides have, less the ignored ones."""
    both = [f for f in COMPARED if f in stripe.columns and f in database.columns]
    both += [name for name in stripe.metadata if name in database.metadata]
    absent = [f for f in COMPARED if f not in both]
    if absent:
        notes.append(f"Not compared, as one side does not tell it: {', '.join(absent)}.")
    ignored = [name.strip() for name in ignore.split(",") if name.strip()]
    unknown = [name for name in ignored if name not in (*COMPARED, *both)]
    if unknown:
        expected = f"some of {', '.join(dict.fromkeys((*COMPARED, *both)))}"
        fix = "Correct ignore_fields; names are separated by commas."
        raise InputProblem("ignore_fields", "no such field.", expected, ", ".join(unknown), fix)
    if "price" in both and _is_id(stripe) != _is_id(database):
        notes.append("Prices are not compared: one side has ids, the other names.")
        ignored.append("price")
    return [name for name in both if name not in ignored]


def _is_id(side: Side) -> bool:
    prices = side.frame["price"][side.frame["price"] != ""]
    return len(prices) > 0 and bool(prices.str.match(r"(price|plan)_").mean() > 0.5)


def _identities(stripe: Side, database: Side, notes: list[str]) -> list[str]:
    """Say which of owner and customer both sides tell in the same words."""
    both = [n for n in ("owner", "customer") if n in stripe.columns and n in database.columns]
    if "owner" not in both:
        notes.append("Owners are not compared: one side does not name them.")
        return both
    here, there = (split_name(s.columns["owner"])[0] for s in (stripe, database))
    if here.removeprefix("metadata") != there.removeprefix("metadata"):
        notes.append(
            f"Owners are not compared: {stripe.columns['owner']!r} at Stripe and "
            f"{database.columns['owner']!r} in the database may not mean the same."
        )
        both.remove("owner")
    return both


def _owner_of(database: Side) -> str | None:
    """Say which column tells whose a subscription is; without an owner it is the customer."""
    return next((name for name in ("owner", "customer") if name in database.columns), None)


def _aligned(
    stripe: pd.DataFrame, database: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Put both sides of a subscription on one row; then those of one side alone."""
    place = pd.Index(stripe["subscription"]).get_indexer(database["subscription"])
    here = place >= 0
    left = stripe.take(place[here]).reset_index(drop=True).add_prefix("s_")
    right = database[here].reset_index(drop=True).add_prefix("d_")
    alone = np.ones(len(stripe), dtype=bool)
    alone[place[here]] = False
    return (
        pd.concat([left, right], axis=1),
        stripe[alone].reset_index(drop=True).add_prefix("s_"),
        database[~here].reset_index(drop=True).add_prefix("d_"),
    )


def _latest(table: pd.DataFrame) -> pd.Series:
    """Give the last moment at which either side moved: since then they stand as they do."""
    known = [name for name in ("s_changed", "d_changed") if name in table]
    return table[known].max(axis=1)


def _settled(
    table: pd.DataFrame, exported: pd.Timestamp | None, minutes: int, notes: list[str]
) -> pd.DataFrame:
    """Leave out what changed just before or during the export: its webhook may be on the way."""
    if exported is None or table.empty:
        return table
    latest = _latest(table)
    late = latest > exported + LONGEST_EXPORT
    if late.any():
        notes.append(
            f"{int(late.sum())} subscriptions changed more than an hour after as_of and were "
            "compared: is as_of the time of these exports?"
        )
    return table[late | ~(latest > exported - pd.Timedelta(minutes=minutes))]


# --- discrepancies ----------------------------------------------------------------------------


def _part(table: pd.DataFrame, kind: str, **columns: Any) -> pd.DataFrame:
    """Write rows of discrepancies.csv for the rows of `table`."""
    part = pd.DataFrame(index=table.index)
    part["subscription_id"] = _either(table, "subscription")
    part["customer_id"] = _either(table, "customer")
    part["type"] = kind
    part["differs_since"] = columns.pop("since", _latest(table))
    part["stripe_changed_at"] = table.get("s_changed", pd.NaT)
    part["database_changed_at"] = table.get("d_changed", pd.NaT)
    for name in ("field", "stripe_value", "database_value", "effect"):
        part[name] = columns.get(name, "")
    return part


def _either(table: pd.DataFrame, name: str) -> pd.Series:
    """Take Stripe's word where there is one, else the database's."""
    ours, theirs = table.get(f"s_{name}"), table.get(f"d_{name}")
    if ours is None or theirs is None:
        return theirs if ours is None else ours
    return ours.where(ours != "", theirs)


def _missing_in_database(table: pd.DataFrame) -> pd.DataFrame:
    status = table["s_status"].astype(object)
    effect = np.where(status.isin(LIVE), PAYING, "")
    since = table["s_created"].fillna(table["s_changed"])
    more = {"field": "status", "stripe_value": status, "effect": effect, "since": since}
    return _part(table, "missing_in_database", **more)


def _missing_in_stripe(table: pd.DataFrame) -> pd.DataFrame:
    table = table[~table["d_status"].isin(ENDED)]
    status = table["d_status"].astype(object)
    effect = np.where(status.isin(LIVE), FREE, "")
    more = {"field": "status", "database_value": status, "effect": effect}
    return _part(table, "missing_in_stripe", **more)


def _status(pairs: pd.DataFrame) -> pd.DataFrame:
    ours, theirs = (pairs[name].astype(object) for name in ("s_status", "d_status"))
    table = pairs[(ours != theirs).to_numpy()]
    ours, theirs = ours[table.index], theirs[table.index]
    pays, has = ours.isin(LIVE), theirs.isin(LIVE)
    effect = np.select([pays & ~has, has & ~pays], [PAYING, FREE], "")
    more = {"field": "status", "stripe_value": ours, "database_value": theirs, "effect": effect}
    return _part(table, "status_mismatch", **more)


def _fields_differ(
    pairs: pd.DataFrame, fields: list[str], kind: str, filled: bool = False
) -> pd.DataFrame:
    """Find pairs that differ in one of the fields; with `filled`, a blank is no difference."""
    differs = {name: _differs(pairs[f"s_{name}"], pairs[f"d_{name}"], filled) for name in fields}
    some = np.logical_or.reduce([np.zeros(len(pairs), dtype=bool), *differs.values()])
    table = pairs[some]
    told: list[list[list[str]]] = [[[], [], []] for _ in range(len(table))]
    for name, mask in differs.items():
        ours, theirs = (_written(table[f"{side}_{name}"]) for side in "sd")
        for at in np.flatnonzero(mask[some]):
            for column, text in zip(told[at], (name, ours[at], theirs[at]), strict=True):
                column.append(text)
    joined = [["; ".join(column) for column in row] for row in told]
    names = ("field", "stripe_value", "database_value")
    more = {name: [row[i] for row in joined] for i, name in enumerate(names)}
    return _part(table, kind, **more)


def _differs(ours: pd.Series, theirs: pd.Series, filled: bool) -> Any:
    if pd.api.types.is_datetime64_any_dtype(ours):
        apart = (ours - theirs).abs() >= SAME_TIME
        return (apart | (ours.isna() != theirs.isna())).to_numpy()
    if filled:
        both = (ours != "") & (theirs != "")
        unlike = pd.Series(False, index=ours.index)
        unlike[both & (ours != theirs)] = True
        # A uuid is the same in capitals.
        doubt = ours[unlike].str.lower() == theirs[unlike].str.lower()
        unlike[doubt[doubt].index] = False
        return unlike.to_numpy()
    return (ours != theirs).to_numpy()


def _written(values: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(values):
        return [utc(value) or "(none)" for value in values]
    return [str(value) or "(none)" for value in values]


def _orphaned(table: pd.DataFrame, owner: str) -> pd.DataFrame:
    table = table[table["d_status"].isin(LIVE) & (table[f"d_{owner}"] == "")]
    ours = table.get(f"s_{owner}", "")
    more = {"field": owner, "stripe_value": ours, "database_value": "(none)"}
    return _part(table, "orphaned", **more)


def _duplicates(side: Side, name: str) -> pd.DataFrame:
    table = side.frame[side.frame["subscription"].isin(side.repeated)].add_prefix(f"{name[0]}_")
    more = {f"{name}_value": "on several rows"}
    return _part(table, "duplicate", field="subscription", **more)


def _table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=COLUMNS)
    times = ("differs_since", "stripe_changed_at", "database_changed_at")
    for part in filled:
        for name in times:
            part[name] = pd.to_datetime(part[name], utc=True).dt.as_unit("us")
    rows = pd.concat(filled, ignore_index=True)[COLUMNS]
    rank = rows["type"].map({kind: at for at, kind in enumerate(TYPES)})
    rows = rows.assign(rank=rank).sort_values(["rank", "subscription_id"], kind="stable")
    return rows.drop(columns="rank").reset_index(drop=True)


def _notes_on_sides(
    stripe: Side, in_both: int, alone_in_database: int, orphans_known: bool, notes: list[str]
) -> None:
    if not in_both:
        notes.append("No id is on both sides: are both of one account, and both live or both test?")
    if alone_in_database and not stripe.frame["status"].isin(ENDED).any():
        notes.append(
            "Stripe's export holds no canceled subscription. If it was exported without them, "
            "ended ones show as missing in Stripe."
        )
    if not orphans_known:
        notes.append("The database's export names no owner: orphaned subscriptions are unknown.")
    unknown = sorted({*stripe.frame["status"].cat.categories} - {*STATUSES, ""})
    if unknown:
        notes.append(f"Statuses unknown to Stripe were compared as they are: {', '.join(unknown)}.")
