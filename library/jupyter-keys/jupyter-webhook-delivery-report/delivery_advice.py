"""A delivery report goes in; what to do about it, and why, comes out, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from delivery_phases import Report
from table_times import utc
from webhook_events import Analysis

# For this long Stripe's command line can resend an event.
RESENDABLE = pd.Timedelta(days=30)
WORTH_NAMING = 0.05
SLOW_MS = 5_000
REMEDIES = {
    "signature": (
        "Check the signing secret of every deployment after each roll, verify over the raw body, "
        "and keep both secrets valid while one is rolled."
    ),
    "timeout": (
        "Answer as soon as the event is stored and leave the work to a background job, so that "
        "the answer does not wait for it."
    ),
    "processing": (
        "Fix the handler's most frequent error below and replay that event in a test before the "
        "next release."
    ),
    "other": (
        "Check what stands before the handler: address, redirects, certificate, firewall, and "
        "that every answer says why it refuses."
    ),
}


@dataclass(frozen=True)
class Advice:
    """One recommendation: how urgent, what, and the number behind it."""

    urgency: str
    what: str
    why: str


def advise(report: Report, expected_success_rate: float = 95.0) -> list[Advice]:
    """Recommend what the numbers call for; an empty list when they call for nothing."""
    failing = report.during or report.whole
    return [
        *_now(report, expected_success_rate),
        *_on_causes(failing),
        *_on_event_type(failing),
        *_on_detection(report, expected_success_rate),
        *_on_speed(report),
        *_on_log(report),
    ]


def _now(report: Report, expected: float) -> list[Advice]:
    found = []
    rate = report.phases.loc["last 24 hours", "success rate %"]
    if pd.notna(rate) and rate < expected:
        what = "Do not close the incident: analyse the deliveries of the last 24 hours again."
        why = f"Their success rate is {rate:g} %, expected at least {expected:g} %."
        found.append(Advice("now", what, why))
    lost = report.unrecovered
    if len(lost):
        oldest = lost["first_failed"].iloc[0]
        until = utc(oldest + RESENDABLE)
        what = "Resend the events of unrecovered.csv, the oldest first, each only once."
        why = f"{len(lost):,} events never succeeded; the oldest can be resent until about {until}."
        found.append(Advice("now", what, why))
    return found


def _on_causes(failing: Analysis) -> list[Advice]:
    causes = sorted(failing.errors.items(), key=lambda item: -item[1])
    named = [(kind, n) for kind, n in causes if n and n >= WORTH_NAMING * failing.failed]
    whys = (f"{n:,} of {failing.failed:,} failures are {kind} errors." for kind, n in named)
    return [
        Advice("this week", REMEDIES[kind], why) for (kind, _), why in zip(named, whys, strict=True)
    ]


def _on_event_type(failing: Analysis) -> list[Advice]:
    if failing.failed < 5 or len(failing.by_type) < 2:
        return []
    top = failing.by_type.iloc[0]
    share = top["failed"] / failing.failed
    if share < 0.5:
        return []
    what = f"Put the handling of `{failing.failing_most}` under a load test of its own."
    return [Advice("this week", what, f"It has {100 * share:.0f} % of the failures.")]


def _on_detection(report: Report, expected: float) -> list[Advice]:
    began, ended = report.incident.began, report.incident.ended
    if began is None:
        return []
    until = ended if ended is not None else report.last_until
    minutes = (until - began).total_seconds() / 60
    what = f"Alert when the success rate falls below {expected:g} % over 15 minutes."
    return [Advice("this week", what, f"Deliveries failed for {minutes:,.0f} minutes.")]


def _on_speed(report: Report) -> list[Advice]:
    slow = report.phases.loc["last 24 hours", "p95 ms"]
    if pd.isna(slow) or slow <= SLOW_MS:
        return []
    why = f"One in twenty deliveries of the last 24 hours took longer than {slow:,.0f} ms."
    return [Advice("this week", "Make the handler faster before it times out again.", why)]


def _on_log(report: Report) -> list[Advice]:
    if report.recovery is not None:
        return []
    why = "Without them nobody can tell whether a failed event was delivered later."
    return [Advice("later", "Log the event id of each delivery.", why)]
