"""Tokens of services people pay, write or talk through; each has a prefix or a shape of its own."""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import lru_cache

from keys_jupyter.redaction.rule import Rule, named, token

_WORD = "[A-Za-z0-9]"
_WIDE = "[A-Za-z0-9_-]"
_HEX = "[0-9a-f]"
_END = "(?![A-Za-z0-9])"


def _role(match: re.Match[str]) -> str:
    """Return the role a JSON web token claims; empty when it cannot be read or claims none."""
    return _role_of(match[0].split(".")[1])


# Several rules ask about one token, one after another.
@lru_cache(maxsize=4)
def _role_of(claims: str) -> str:
    try:
        read = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return ""
    role = read.get("role") if isinstance(read, dict) else None
    return role if isinstance(role, str) else ""


_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,8192}(?:\.[A-Za-z0-9_-]{1,2048})?")

SERVICES: tuple[Rule, ...] = (
    token(
        "marketplace-key",
        "API key of a keys marketplace",
        "kx_live_ kx_test_",
        f"{_WORD}{{16,128}}",
    ),
    token("supabase-secret-key", "Supabase secret key", "sb_secret_", f"{_WIDE}{{20,128}}"),
    token(
        "supabase-publishable-key",
        "Supabase publishable key",
        "sb_publishable_",
        f"{_WIDE}{{20,128}}",
    ),
    token(
        "supabase-access-token",
        "Supabase access token",
        "sbp_",
        rf"(?:v0_|oauth_)?{_HEX}{{40}}{_END}",
    ),
    Rule(
        "supabase-service-key",
        "Supabase service role key (JSON web token)",
        _JWT,
        starts=("eyJ",),
        holds=".",
        within=4100,
        check=lambda match: _role(match) == "service_role",
    ),
    Rule(
        "supabase-anon-key",
        "Supabase anonymous key (JSON web token)",
        _JWT,
        starts=("eyJ",),
        holds=".",
        within=4100,
        check=lambda match: _role(match) == "anon",
    ),
    Rule("json-web-token", "JSON web token", _JWT, starts=("eyJ",), holds=".", within=4100),
    Rule(
        "json-web-encryption",
        "Encrypted JSON web token",
        re.compile(
            r"eyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{0,2048}\.[A-Za-z0-9_-]{12,64}\.[A-Za-z0-9_-]{16,8192}\.[A-Za-z0-9_-]{16,64}"
        ),
        starts=("eyJ",),
        holds=".",
        within=4100,
    ),
    token(
        "stripe-secret-key",
        "Stripe secret key",
        "sk_live_ sk_test_ sk_org_live_ sk_org_test_",
        f"{_WORD}{{16,247}}",
    ),
    token(
        "stripe-restricted-key", "Stripe restricted key", "rk_live_ rk_test_", f"{_WORD}{{16,247}}"
    ),
    token("stripe-webhook-secret", "Webhook signing secret", "whsec_", "[A-Za-z0-9+/=_-]{24,128}"),
    token(
        "stripe-client-secret",
        "Stripe client secret",
        "pi_ seti_ cs_",
        r"[A-Za-z0-9_]{10,80}_secret_[A-Za-z0-9]{16,80}",
    ),
    token(
        "shopify-token", "Shopify token", "shpat_ shpca_ shppa_ shpss_ shptka_", "[0-9A-Fa-f]{32}"
    ),
    token("square-token", "Square token", "sq0atp- sq0csp- sq0idp-", f"{_WIDE}{{22,60}}"),
    token(
        "square-access-token", "Square access token", "EAAA", rf"{_WIDE}{{56,64}}(?![A-Za-z0-9_-])"
    ),
    token("flutterwave-key", "Flutterwave secret key", "FLWSECK-", rf"{_WORD}{{12,40}}-X{_END}"),
    token("shippo-token", "Shippo token", "shippo_live_ shippo_test_", f"{_HEX}{{40}}"),
    token("easypost-key", "EasyPost key", "EZAK EZTK", f"{_WORD}{{54}}{_END}"),
    token(
        "slack-token",
        "Slack token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-",
        r"[A-Za-z0-9.%+/-]{10,250}",
    ),
    Rule(
        "slack-webhook",
        "Slack webhook address",
        re.compile(
            r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9]{1,24}/[A-Za-z0-9/_-]{8,128})"
        ),
        starts=("hooks.slack.com/",),
    ),
    Rule(
        "discord-webhook",
        "Discord webhook address",
        re.compile(r"discord(?:app)?\.com/api/webhooks/\d{15,22}/(?P<secret>[A-Za-z0-9_-]{50,90})"),
        starts=("discord.com/api/webhooks/", "discordapp.com/api/webhooks/"),
    ),
    Rule(
        "discord-bot-token",
        "Discord bot token",
        re.compile(
            r"[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,40}(?![A-Za-z0-9_.-])"
        ),
        starts=("MT", "MD", "Mz", "NT", "ND", "Nj", "Nz", "OD", "OT", "Mj"),
    ),
    Rule(
        "teams-webhook",
        "Microsoft Teams webhook address",
        re.compile(r"webhook\.office\.com/webhookb2/(?P<secret>[0-9a-f@/A-Za-z-]{40,300})"),
        starts=("webhook.office.com/",),
    ),
    Rule(
        "telegram-bot-token",
        "Telegram bot token",
        re.compile(r"(?<![0-9])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),
        marks=(":AA",),
        back=11,
    ),
    token("sendgrid-key", "SendGrid key", "SG.", rf"{_WIDE}{{16,32}}\.{_WIDE}{{32,64}}"),
    token("twilio-api-key", "Twilio API key", "SK", f"{_HEX}{{32}}{_END}"),
    named(
        "twilio-auth-token",
        "Twilio auth token",
        "twilio_auth_token twilio-auth-token twilioauthtoken twilio_token twilio_secret",
        f"{_HEX}{{32}}{_END}",
    ),
    token("mailgun-key", "Mailgun key", "key-", f"{_HEX}{{32}}{_END}"),
    named(
        "mailgun-signing-key",
        "Mailgun key",
        "mailgun mg_api",
        rf"{_HEX}{{32}}(?:-{_HEX}{{8}}-{_HEX}{{8}})?(?![A-Za-z0-9-])",
    ),
    Rule(
        "mailchimp-key",
        "Mailchimp key",
        re.compile(rf"(?<![A-Za-z0-9]){_HEX}{{32}}-us\d{{1,2}}{_END}"),
        marks=("-us",),
        back=33,
    ),
    token("brevo-key", "Brevo key", "xkeysib- xsmtpsib-", f"{_HEX}{{64}}-{_WORD}{{16}}"),
    token("resend-key", "Resend key", "re_", rf"{_WORD}{{7,10}}_{_WORD}{{20,32}}{_END}"),
    token(
        "openai-key", "OpenAI key", "sk-proj- sk-svcacct- sk-admin- sk-None-", f"{_WIDE}{{20,250}}"
    ),
    token(
        "openai-legacy-key",
        "OpenAI key",
        "sk-",
        rf"{_WORD}{{20}}T3BlbkFJ{_WORD}{{20}}{_END}|sk-{_WORD}{{48}}{_END}",
    ),
    token("anthropic-key", "Anthropic key", "sk-ant-", f"{_WIDE}{{20,200}}"),
    token("openrouter-key", "OpenRouter key", "sk-or-v1-", f"{_HEX}{{64}}"),
    token("hugging-face-token", "Hugging Face token", "hf_ api_org_", f"{_WORD}{{30,60}}{_END}"),
    token("replicate-token", "Replicate token", "r8_", f"{_WORD}{{37}}{_END}"),
    token("groq-key", "Groq key", "gsk_", f"{_WORD}{{48,60}}{_END}"),
    token("perplexity-key", "Perplexity key", "pplx-", f"{_WORD}{{40,60}}{_END}"),
    token("langsmith-key", "LangSmith key", "lsv2_pt_ lsv2_sk_", f"{_HEX}{{32}}_{_HEX}{{10}}"),
    token("linear-key", "Linear key", "lin_api_ lin_oauth_ lin_wh_", f"{_WORD}{{32,80}}"),
    token("notion-token", "Notion token", "ntn_ secret_", rf"{_WORD}{{43,50}}{_END}"),
    token("airtable-token", "Airtable token", "pat", rf"{_WORD}{{14}}\.{_HEX}{{64}}"),
    token("figma-token", "Figma token", "figd_ figo_", f"{_WIDE}{{38,60}}"),
    token("contentful-token", "Contentful token", "CFPAT-", f"{_WIDE}{{43}}"),
    token("typeform-token", "Typeform token", "tfp_", "[A-Za-z0-9_.-]{44,70}"),
    token("posthog-key", "PostHog personal key", "phx_", f"{_WORD}{{40,60}}"),
    token(
        "mapbox-secret-token",
        "Mapbox secret token",
        "sk.eyJ",
        rf"{_WIDE}{{20,400}}\.{_WIDE}{{20,60}}",
    ),
    token("atlassian-token", "Atlassian token", "ATATT3 ATCTT3 ATBB", r"[A-Za-z0-9_=-]{20,250}"),
    token("facebook-token", "Facebook token", "EAACEdEose0cBA EAAB EAAG", r"[A-Za-z0-9]{80,300}"),
    token("postman-key", "Postman key", "PMAK-", f"{_HEX}{{24}}-{_HEX}{{34}}"),
    Rule(
        "plaid-token",
        "Plaid access token",
        re.compile(
            rf"access-(?:sandbox|development|production)-{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
        ),
        starts=("access-sandbox-", "access-development-", "access-production-"),
    ),
)
