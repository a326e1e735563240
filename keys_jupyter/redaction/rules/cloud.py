"""Keys of the places software runs at, and the parts of addresses that grant access there."""

from __future__ import annotations

import re

from keys_jupyter.redaction.rule import Rule, named, token

_WORD = "[A-Za-z0-9]"
_WIDE = "[A-Za-z0-9_-]"
_HEX = "[0-9a-f]"
_END = "(?![A-Za-z0-9])"
_B64_END = "(?![A-Za-z0-9+/=])"


def _looks_secret(match: re.Match[str]) -> bool:
    """Forty characters of one kind only are a digest, not an AWS secret."""
    value = match["secret"]
    return not re.fullmatch(r"[0-9a-f]+|[A-Z]+|[a-z/]+|[0-9]+", value)


CLOUD: tuple[Rule, ...] = (
    Rule(
        "aws-key-pair",
        "AWS secret access key beside its id",
        re.compile(
            rf"(?:AKIA|ASIA)[A-Z0-9]{{16}}[\s\"',;:|\t]{{1,6}}(?P<secret>[A-Za-z0-9+/]{{40}}){_B64_END}"
        ),
        starts=("AKIA", "ASIA"),
        check=_looks_secret,
    ),
    token("aws-access-key-id", "AWS access key id", "AKIA ASIA ABIA ACCA", f"[A-Z0-9]{{16}}{_END}"),
    named(
        "aws-secret-access-key",
        "AWS secret access key",
        "aws_secret secretaccesskey secret_access_key aws-secret secretkey secret_key",
        rf"[A-Za-z0-9+/]{{40}}{_B64_END}",
        _looks_secret,
    ),
    named(
        "aws-session-token",
        "AWS session token",
        "aws_session_token sessiontoken security-token aws_security_token",
        r"[A-Za-z0-9+/=]{80,2000}",
    ),
    token("gcp-api-key", "Google API key", "AIza", rf"{_WIDE}{{35}}(?![A-Za-z0-9_-])"),
    token("google-oauth-token", "Google OAuth token", "ya29.", r"[A-Za-z0-9._-]{20,2048}"),
    token("google-refresh-token", "Google refresh token", "1//0", rf"{_WIDE}{{30,200}}"),
    token("google-client-secret", "Google OAuth client secret", "GOCSPX-", rf"{_WIDE}{{24,40}}"),
    named(
        "gcp-private-key-id",
        "Id of a Google service account key",
        "private_key_id privatekeyid",
        f"{_HEX}{{40}}{_END}",
    ),
    Rule(
        "azure-account-key",
        "Azure account key",
        re.compile(
            r"(?i:AccountKey|SharedAccessKey|AccessKey)\s?=\s?(?P<secret>[A-Za-z0-9+/]{40,88}={0,2})"
        ),
        words=("accountkey", "sharedaccesskey", "accesskey"),
    ),
    Rule(
        "azure-client-secret",
        "Azure client secret",
        re.compile(
            r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])"
        ),
        marks=("Q~",),
        back=5,
    ),
    Rule(
        "azure-devops-token",
        "Azure DevOps token",
        re.compile(rf"(?<![A-Za-z0-9])[A-Za-z0-9]{{76}}AZDO{_WORD}{{4}}{_END}"),
        marks=("AZDO",),
        back=76,
    ),
    token(
        "digitalocean-token", "DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", f"{_HEX}{{64}}{_END}"
    ),
    token("databricks-token", "Databricks token", "dapi dose", rf"{_HEX}{{32}}(?:-\d)?{_END}"),
    token("heroku-token", "Heroku token", "HRKU-", r"[A-Za-z0-9_-]{36,64}"),
    named(
        "heroku-key",
        "Heroku key",
        "heroku_api_key heroku-api-key heroku_key",
        rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}",
    ),
    token("fly-token", "Fly.io token", "FlyV1", r" ?fm[12][ar]?_[A-Za-z0-9+/=,_ -]{60,1500}"),
    token(
        "planetscale-token",
        "PlanetScale credential",
        "pscale_tkn_ pscale_pw_ pscale_oauth_",
        r"[A-Za-z0-9_.=-]{32,64}",
    ),
    token("neon-key", "Neon key", "napi_", f"[a-z0-9]{{60,70}}{_END}"),
    token(
        "vercel-token",
        "Vercel token",
        "vcp_ vci_ vca_ vcr_ vck_ vercel_blob_rw_",
        r"[A-Za-z0-9_]{24,80}",
    ),
    named(
        "vercel-access-token",
        "Vercel token",
        "vercel_token vercel-token vercel_access_token vercel_api_token",
        f"{_WORD}{{24}}{_END}",
    ),
    token("netlify-token", "Netlify token", "nfp_ nfc_ nfo_ nfu_ nfb_", f"{_WORD}{{36,64}}"),
    named(
        "netlify-access-token",
        "Netlify token",
        "netlify_auth_token netlify_token netlify-token netlify_access_token",
        rf"{_WIDE}{{40,46}}(?![A-Za-z0-9_-])",
    ),
    named(
        "cloudflare-token",
        "Cloudflare token",
        "cloudflare_api_token cloudflare_token cf_api_token cloudflare-api cloudflare_api cf_token x-auth-key cloudflare_global",
        rf"(?:{_HEX}{{37}}|{_WIDE}{{40}})(?![A-Za-z0-9_-])",
    ),
    Rule(
        "cloudflare-origin-key",
        "Cloudflare origin CA key",
        re.compile(rf"v1\.0-{_HEX}{{24}}-{_HEX}{{146}}"),
        starts=("v1.0-",),
    ),
    Rule(
        "s3-signed-url",
        "Signature of a signed S3 address",
        re.compile(r"X-Amz-Signature=(?P<secret>[0-9a-fA-F]{32,128})"),
        words=("x-amz-signature=",),
    ),
    Rule(
        "s3-signed-url-token",
        "Session token in a signed S3 address",
        re.compile(r"(?i:X-Amz-Security-Token)=(?P<secret>[A-Za-z0-9%+/=._-]{16,4096})"),
        words=("x-amz-security-token=",),
    ),
    Rule(
        "gcs-signed-url",
        "Signature of a signed Google Cloud Storage address",
        re.compile(r"(?i:X-Goog-Signature)=(?P<secret>[0-9a-fA-F]{32,1024})"),
        words=("x-goog-signature=",),
    ),
    Rule(
        "signed-url",
        "Signature of a signed address",
        re.compile(r"(?<=[?&;])(?i:Signature)=(?P<secret>[A-Za-z0-9%+/=~_-]{20,1024})"),
        starts=("Signature=", "signature="),
    ),
    Rule(
        "azure-sas",
        "Signature of an Azure shared access address",
        re.compile(r"(?<=[?&;\"' ])sig=(?P<secret>[A-Za-z0-9%+/=_-]{30,256})"),
        starts=("sig=",),
    ),
    Rule(
        "supabase-signed-url",
        "Token of a signed Supabase address",
        re.compile(
            r"object/(?:upload/)?sign/[^\s\"'<>\x00]{1,1024}?[?&]token=(?P<secret>[A-Za-z0-9._%-]{16,4096})"
        ),
        starts=("object/sign/", "object/upload/sign/"),
        holds="token=",
        within=1060,
    ),
)
