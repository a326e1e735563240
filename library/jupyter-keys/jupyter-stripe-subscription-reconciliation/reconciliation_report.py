"""A reconciliation goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from typing import Any

import pandas as pd
from key_results import (
    BAD_COLOUR,
    GOOD_COLOUR,
    legend_below,
    markdown_table,
    new_plot,
    result,
    results_document,
    results_text,
    time_axis,
)
from subscription_differences import FREE, PAYING, TYPES, Reconciliation
from subscription_exports import Side
from table_times import utc, utc_texts

LABELS = {
    "missing_in_database": "Missing in database",
    "missing_in_stripe": "Missing in Stripe",
    "status_mismatches": "Status mismatches",
    "metadata_mismatches": "Metadata mismatches",
    "owner_mismatches": "Owner mismatches",
    "orphaned_subscriptions": "Orphaned subscriptions",
    "duplicate_subscriptions": "Duplicate subscriptions",
}
MEANING = {
    "missing_in_database": "at Stripe, not in the database",
    "missing_in_stripe": "in the database and not ended there, not at Stripe",
    "status_mismatch": "another status on each side",
    "metadata_mismatch": "another price, quantity, cancellation mark, period end or metadata",
    "owner_mismatch": "another owner or customer on each side",
    "orphaned": "gives access in the database and belongs to nobody",
    "duplicate": "an id on several rows of one side",
}
# A row has to be there before it can be right, who pays comes before who does not, and what closes access last.
REPAIRS = (
    "missing_in_database",
    "paying_without_access",
    "metadata_mismatches",
    "missing_in_stripe",
    "access_without_payment",
    "status_mismatches",
    "orphaned_subscriptions",
    "owner_mismatches",
)
SHOWN = 50


def results(found: Reconciliation) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against, zero counts included."""
    r, none = found, ("==", 0)
    counts = dict(zip(LABELS, TYPES, strict=True))
    rows = [
        result("discrepancies", "Discrepancies", r.discrepancies, expected=none),
        result("discrepancy_rate", "Discrepancy rate", r.rate, "%", none),
        *(result(n, LABELS[n], _count(r, kind), expected=none) for n, kind in counts.items()),
        result("paying_without_access", "Paying without access", r.paying_without_access,
               expected=none),
        result("access_without_payment", "Access without payment", r.access_without_payment,
               expected=none),
    ]  # fmt: skip
    return results_document(
        [
            *rows,
            result("first_to_repair", "First to repair", _first_to_repair(rows)),
            result("settling", "Settling", r.settling),
            result("compared", "Compared", r.compared),
            result("stripe_subscriptions", "Stripe subscriptions", r.in_stripe),
            result("database_subscriptions", "Database subscriptions", r.in_database),
        ]
    )


def _first_to_repair(counted: list[dict[str, Any]]) -> str | None:
    """Name the first kind of repair of which there is any."""
    values = {row["name"]: row["value"] for row in counted}
    return next((name for name in REPAIRS if values[name]), None)


def _count(found: Reconciliation, kind: str) -> int | None:
    return None if kind == "orphaned" and not found.orphans_known else found.counts[kind]


# --- words ------------------------------------------------------------------------------------


def type_table(found: Reconciliation) -> pd.DataFrame:
    """List every type of discrepancy with its count, zero included."""
    since = found.rows.groupby("type")["differs_since"]
    first, last = since.min(), since.max()
    rows = [(name, found.counts[kind], utc(first.get(kind)) or "", utc(last.get(kind)) or "",
             MEANING[kind]) for kind, name in TYPES.items()]  # fmt: skip
    columns = ["type", "subscriptions", "earliest (UTC)", "latest (UTC)", "meaning"]
    return pd.DataFrame(rows, columns=columns).set_index("type")


def field_table(found: Reconciliation) -> pd.DataFrame:
    """Count which fields differ; a subscription may differ in several."""
    kinds = ["status_mismatch", "metadata_mismatch", "owner_mismatch"]
    rows = found.rows[found.rows["type"].isin(kinds)]
    fields = rows["field"].str.split("; ").explode()
    return fields.value_counts().rename_axis("field").rename("subscriptions").to_frame()


def status_table(found: Reconciliation) -> pd.DataFrame:
    """Count status mismatches by both sides' status."""
    rows = found.rows[found.rows["type"] == "status_mismatch"]
    pairs = rows.groupby(["stripe_value", "database_value", "effect"]).size()
    table = pairs.rename("subscriptions").sort_values(ascending=False, kind="stable").reset_index()
    return table.rename(columns={"stripe_value": "at Stripe", "database_value": "in database"})


def summary(found: Reconciliation) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    r = found
    both = f"{r.in_stripe:,} subscriptions at Stripe, {r.in_database:,} in the database"
    if not r.discrepancies:
        head = f"**Both sides agree**: 0 discrepancies among {r.compared:,} ({both})."
    else:
        head = (
            f"**{r.discrepancies:,} of {r.compared:,} subscriptions differ** ({r.rate:g} %; "
            f"{both}), in {len(r.rows):,} ways."
        )
    parts = [head, *_difference_words(r)]
    if r.settling:
        parts.append(f"{r.settling:,} subscriptions are settling and were not compared.")
    fields = ", ".join(r.fields) or "none"
    notes = "\n".join(f"- {note}" for note in [f"Fields compared: {fields}.", *r.notes])
    return "\n\n".join(parts) + f"\n\n**How the files were read**\n\n{notes}"


def _difference_words(r: Reconciliation) -> list[str]:
    if not r.discrepancies:
        return []
    kinds = "; ".join(
        f"{name[0].lower()}{name[1:]} {r.counts[kind]:,}" for kind, name in TYPES.items()
    )
    people = (
        f"**{r.paying_without_access:,} pay without access**, "
        f"**{r.access_without_payment:,} have access without payment**."
    )
    lines = [f"By type: {kinds}.", people]
    times = r.rows["differs_since"].dropna()
    if len(times):
        lines.append(
            f"As they stand they differ since {utc(times.min())} at the earliest, the latest since "
            f"{utc(times.max())}; half of them since {utc(times.quantile(0.5))} or later."
        )
    return lines


# --- pictures ---------------------------------------------------------------------------------


def plot_types(found: Reconciliation) -> Any:
    """Draw the discrepancies by type."""
    names = list(TYPES.values())[::-1]
    counts = [found.counts[kind] for kind in TYPES][::-1]
    title = "Discrepancies between Stripe and database by type"
    figure, axes = new_plot(title, "Subscriptions", "Type", height=3.6)
    bars = axes.barh(names, counts, color=BAD_COLOUR)
    axes.bar_label(bars, [f"{count:,}" for count in counts], padding=4)
    axes.set_xlim(0, max(1, *counts) * 1.15)
    return figure


def plot_since(found: Reconciliation) -> Any:
    """Draw since when subscriptions differ, by what it means for the customer."""
    figure, axes = new_plot("Since when subscriptions differ", "Day (UTC)", "Discrepancies a day")
    rows = found.rows.dropna(subset=["differs_since"])
    colours = {PAYING: BAD_COLOUR, FREE: "#f2a541", "": GOOD_COLOUR}
    days = rows["differs_since"].dt.floor("D") if len(rows) else pd.Series(dtype="object")
    every = pd.Index(sorted(days.unique()))
    below = pd.Series(0, index=every)
    for effect, colour in colours.items():
        counts = days[rows["effect"] == effect].value_counts().reindex(every, fill_value=0)
        label = effect.capitalize() or "No effect on access"
        wide = {"width": 0.9, "align": "edge"}
        axes.bar(every, counts, bottom=below, color=colour, label=label, **wide)
        below = below + counts
    if len(every):
        time_axis(axes)
    axes.yaxis.get_major_locator().set_params(integer=True)
    legend_below(figure)
    return figure


# --- artifacts --------------------------------------------------------------------------------


def artifacts(stripe: Side, database: Side, found: Reconciliation) -> dict[str, Any]:
    """Return the files kept as evidence by name: the same input gives the same bytes."""
    table = found.rows.copy()
    for name in ("differs_since", "stripe_changed_at", "database_changed_at"):
        if len(table):
            table[name] = utc_texts(table[name])
    table = table.rename(columns={"type": "discrepancy_type"})
    return {
        "report.md": _report(stripe, database, found),
        "discrepancies.csv": table,
        "summary.json": _document(stripe, database, found),
    }


def _document(stripe: Side, database: Side, found: Reconciliation) -> dict[str, Any]:
    inputs = {name: {"file": side.file, "sha256": side.sha256, "rows": side.rows,
                     "columns": side.columns}
              for name, side in (("stripe", stripe), ("database", database))}  # fmt: skip
    return {
        **results(found),
        "inputs": inputs,
        "as_of": utc(found.as_of),
        "fields_compared": found.fields,
        "by_field": field_table(found)["subscriptions"].to_dict(),
        "status_mismatches": status_table(found).to_dict("records"),
        "notes": found.notes,
    }


def _report(stripe: Side, database: Side, found: Reconciliation) -> str:
    rows = found.rows.head(SHOWN).set_index("subscription_id")
    rows = rows[["type", "field", "stripe_value", "database_value", "effect", "differs_since"]]
    rows = rows.assign(differs_since=rows["differs_since"].map(lambda t: utc(t) or ""))
    named = [side.columns_table().rename(columns={"column": f"column of {name}"})
             for side, name in ((stripe, "Stripe"), (database, "the database"))]  # fmt: skip
    files = [f"- `{s.file}`, {s.rows:,} rows, SHA-256 `{s.sha256}`" for s in (stripe, database)]
    exported = f"- Exported at: {utc(found.as_of) or 'not given'}"
    parts = [
        "# Stripe subscription reconciliation",
        "\n".join(["Inputs:\n", *files, exported]),
        summary(found),
        f"## Results\n\n```text\n{results_text(results(found))}\n```",
        f"## By type\n\n{markdown_table(type_table(found))}",
        f"## Fields that differ\n\n{markdown_table(field_table(found))}",
        f"## Status mismatches\n\n{markdown_table(status_table(found).set_index('at Stripe'))}",
        f"## Discrepancies (the first {SHOWN}; all in discrepancies.csv)\n\n{markdown_table(rows)}",
        f"## Columns used\n\n{markdown_table(named[0].join(named[1]))}",
    ]
    return "\n\n".join(parts) + "\n"
