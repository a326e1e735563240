"""Each kind of secret is found where it stands and never repeated; examples are left alone."""

from __future__ import annotations

import pytest

from keys_jupyter.authoring.leaks import leaks
from tests.validate.samples import edited, found, line_of, notebook, put

# Put together here, so that this file holds none.
BODY = "aB3dE5fG7hJ9kL1mN2pQ4rS6"
SECRETS = {
    "an API key of a marketplace": "kx_" + "live_" + BODY,
    "a Stripe key": "sk_" + "live_" + BODY,
    "a webhook signing secret": "whsec_" + BODY + BODY,
    "an AWS access key": "AKIA" + "Q3R5T7U9W1X2Y4Z6",
    "a GitHub token": "ghp_" + BODY + BODY,
    "a Supabase key": "sb_secret_" + BODY,
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + BODY,
    "a password in an address": "postgres://app:" + "hunter22x@db.example.com/app",
}
HARMLESS = [
    "grep -rlE '(whsec|sk_live|rk_live)_[A-Za-z0-9]{8}' .",
    "sk_live_" + "x" * 24,
    "sk_live_…",
    "whsec_your_secret_here",
    "STRIPE_WEBHOOK_SECRET=whsec_...",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "postgres://user:password@localhost/db",
    "postgres://app:${PASSWORD}@db/app",
    "postgresql://<user>:<password>@<host>:5432/postgres",
    "eyJhbGciOiJIUzI1NiJ9 alone is a header",
    "https://example.com:8443/a@b",
]


@pytest.mark.parametrize("what", SECRETS)
def test_each_kind_of_secret_is_found_and_never_repeated(key, what):
    secret = SECRETS[what]
    assert leaks(f"one\nkey = '{secret}'\n") == [(2, what)]
    (key / "sample" / "notes.txt").write_text(f"first\nsecond {secret}\n", "utf-8")
    [problem] = found(key)[1]
    assert (problem.code, problem.line) == ("SECRET", 2)
    assert secret not in problem.message


@pytest.mark.parametrize("text", HARMLESS)
def test_examples_and_placeholders_are_no_secrets(text):
    assert leaks(text) == []


def test_a_secret_in_a_notebook_has_the_line_of_the_file(key):
    secret = SECRETS["a Stripe key"]
    edited(key, put("work", "source", ["a = 1\n", f"b = '{secret}'\n"]))
    [problem] = found(key)[1]
    assert problem.line == line_of(notebook(key), secret)
