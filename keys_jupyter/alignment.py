"""Which kinds of analysis a runbook of each type usually calls, as data.

``slug`` is the general name of such a key; ``keys`` are the keys of the embedded library that do this kind of
analysis for one subject.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Analysis:
    """One kind of analysis, the key that is named after it, and keys that do it for one subject."""

    kind: str
    slug: str
    keys: tuple[str, ...] = ()

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every key that counts as this kind of analysis."""
        return (self.slug, *self.keys)


SUITED: dict[str, tuple[Analysis, ...]] = {
    "incident": (
        Analysis(
            "Log analysis",
            "jupyter-log-analysis",
            ("jupyter-webhook-event-analysis", "jupyter-job-failure-analysis"),
        ),
        Analysis(
            "Error pattern analysis",
            "jupyter-error-pattern-analysis",
            (
                "jupyter-webhook-event-analysis",
                "jupyter-webhook-duplicate-detection",
                "jupyter-job-failure-analysis",
                "jupyter-ai-output-analysis",
            ),
        ),
        Analysis(
            "Performance analysis",
            "jupyter-performance-analysis",
            (
                "jupyter-webhook-delivery-report",
                "jupyter-dependency-impact-analysis",
                "jupyter-ai-output-analysis",
            ),
        ),
    ),
    "failure-mode": (
        Analysis("Event analysis", "jupyter-event-analysis", ("jupyter-webhook-event-analysis",)),
        Analysis(
            "Dependency analysis",
            "jupyter-dependency-analysis",
            ("jupyter-dependency-impact-analysis",),
        ),
        Analysis(
            "Degradation analysis",
            "jupyter-degradation-analysis",
            ("jupyter-dependency-impact-analysis", "jupyter-ai-output-analysis"),
        ),
    ),
    "recovery": (
        Analysis(
            "Data reconciliation",
            "jupyter-data-reconciliation",
            ("jupyter-stripe-subscription-reconciliation",),
        ),
        Analysis(
            "State verification",
            "jupyter-state-verification",
            ("jupyter-stripe-subscription-reconciliation", "jupyter-job-failure-analysis"),
        ),
        Analysis(
            "Audit trail analysis",
            "jupyter-audit-trail-analysis",
            ("jupyter-data-drift-analysis", "jupyter-webhook-delivery-report"),
        ),
    ),
    "decision": (
        Analysis("Risk analysis", "jupyter-risk-analysis"),
        Analysis("Cost analysis", "jupyter-cost-analysis"),
        Analysis(
            "Impact analysis", "jupyter-impact-analysis", ("jupyter-dependency-impact-analysis",)
        ),
    ),
}


def not_called(key_type: str, called: Iterable[str]) -> list[Analysis]:
    """Return the kinds of analysis usual for a type of runbook of which none is called."""
    slugs = set(called)
    return [one for one in SUITED.get(key_type, ()) if not slugs.intersection(one.slugs)]
