"""The right runbook stands first for alerts as they really arrive, and chance finds nothing."""

import json
from pathlib import Path

import pytest

from keys_jupyter import runbook
from keys_jupyter.incidents.finding import page_of, rank, stem, words_of
from keys_jupyter.model.pack import RunbookMetadata

LIBRARY = Path(__file__).parent.parent / "library" / "runbook-keys"


@pytest.fixture(scope="module")
def pages():
    found = []
    for folder in sorted(LIBRARY.iterdir()):
        metadata = RunbookMetadata.model_validate(json.loads((folder / "pack.json").read_text()))
        book = runbook.parse((folder / "README.md").read_text("utf-8"), metadata=metadata)
        found.append(
            page_of(book, source="library", tags=metadata.tags, description=metadata.description)
        )
    return found


STRIPE = "stripe-webhook-failure"
DATA = "data-reconciliation-mismatch"
RLS = "supabase-rls-lockout-recovery"
JOBS = "background-job-failure-replay"
OUTAGE = "partial-outage-dependency-failure"
AI = "ai-output-regression"

ALERTS = [
    (
        STRIPE,
        "[FIRING:1] StripeWebhookDeliveryFailing (endpoint=/api/webhooks/stripe success_rate=0.71)",
    ),
    (STRIPE, "Your webhook endpoint https://app.example.com/api/webhooks/stripe has been disabled"),
    (
        STRIPE,
        "StripeSignatureVerificationError: No signatures found matching the expected signature for payload",
    ),
    (STRIPE, "Sentry: Error: Timestamp outside the tolerance zone at Webhook.constructEvent"),
    (STRIPE, "PagerDuty: webhook 5xx > 5 % for 10 min. Stripe deliveries pending and retried."),
    (
        STRIPE,
        "customers paid but their plan did not change, stripe dashboard shows failed event deliveries",
    ),
    (DATA, "Nightly reconciliation: 37 subscriptions differ between Stripe and database"),
    (
        DATA,
        "SubscriptionMismatch: stripe says canceled, our table still says active, customer still has access",
    ),
    (DATA, "Finance: number of active subscriptions in the app is not the number Stripe counts"),
    (DATA, "DriftDetected: stripe_subscriptions vs db subscriptions, 112 discrepancies"),
    (RLS, "ERROR: permission denied for table orders (SQLSTATE 42501)"),
    (
        RLS,
        'PostgresError: infinite recursion detected in policy for relation "profiles" code 42P17',
    ),
    (RLS, 'new row violates row-level security policy for table "documents"'),
    (
        RLS,
        "All users see empty lists since the migration an hour ago, rows are in the Supabase table editor",
    ),
    (RLS, "Support: administrators lost access to what they manage after the policy change"),
    (JOBS, "QueueAgeHigh: oldest job in queue 'default' waits 42 minutes, 310 jobs dead"),
    (
        JOBS,
        "systemd: worker.service: Main process exited, restart counter is at 14. Background jobs fail",
    ),
    (JOBS, "CronJobFailed: nightly invoice export job failed 3 times, not replayed"),
    (JOBS, "Emails and exports are hours late, pages are fine, worker not taking jobs"),
    (JOBS, "SidekiqDeadSetSize > 500 (jobs exhausted their retries)"),
    (
        OUTAGE,
        "Error: connect ECONNREFUSED 10.0.3.7:443 to payments-provider, 5xx on /checkout only",
    ),
    (
        OUTAGE,
        "getaddrinfo ENOTFOUND api.mailprovider.test; sign-in mails fail, everything else works",
    ),
    (OUTAGE, "Provider status page: Investigating elevated error rates and latency in search API"),
    (
        OUTAGE,
        "UND_ERR_CONNECT_TIMEOUT from dependency, response times rose on some routes and not others",
    ),
    (OUTAGE, "503 from upstream dependency, service partially degraded"),
    (AI, "LLM quality score of feature 'summaries' fell from 84 to 77 since yesterday"),
    (AI, "Share of thumbs-down doubled for the assistant after prompt change"),
    (
        AI,
        "ModelOutputInvalidRate > 5 %: answers are not valid JSON since the provider's new model version",
    ),
    (AI, "Several customers report wrong and strange AI answers"),
]


@pytest.mark.parametrize(("wanted", "alert"), ALERTS, ids=[alert[:40] for _, alert in ALERTS])
def test_right_runbook_is_first(pages, wanted, alert):
    found = rank(alert, pages)
    shown = [(one.slug, one.score, one.reasons) for one in found]
    assert found, "nothing was found"
    assert found[0].slug == wanted, shown
    assert found[0].reasons
    assert len(found) == 1 or found[0].score > found[1].score, shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙂",
        "hello",
        "The coffee machine on floor 3 is out of beans",
        "critical warning firing P1 alert production host instance severity please look now",
        "x" * 20_000,
    ],
)
def test_chance_finds_nothing(pages, text):
    assert rank(text, pages) == []


def test_what_speaks_against_a_runbook_is_said(pages):
    found = rank(
        "permission denied from the database for all users, and one stripe webhook failed", pages
    )
    assert found[0].slug == RLS
    by_slug = {one.slug: one for one in found}
    assert "permission" in by_slug[STRIPE].warning


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("failing", "failed"),
        ("failures", "fails"),
        ("deliveries", "delivery"),
        ("delivered", "delivers"),
        ("signatures", "signature"),
        ("policies", "policy"),
        ("subscriptions", "subscription"),
        ("answers", "answer"),
        ("doubled", "doubling"),
        ("retries", "retry"),
    ],
)
def test_words_meet_without_their_endings(one, other):
    assert stem(one) == stem(other)


def test_names_of_alerts_are_taken_apart():
    assert words_of("StripeWebhookFailing") == words_of("stripe webhook failing")
