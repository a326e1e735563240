"""Tokens of the tools software is built, shipped and watched with; each has a prefix or a shape of its own."""

from __future__ import annotations

import re

from keys_jupyter.redaction.rule import Rule, named, token

_WORD = "[A-Za-z0-9]"
_WIDE = "[A-Za-z0-9_-]"
_HEX = "[0-9a-f]"
_END = "(?![A-Za-z0-9])"

TOOLS: tuple[Rule, ...] = (
    token("github-token", "GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", f"{_WORD}{{36,255}}"),
    token("github-fine-grained-token", "GitHub fine-grained token", "github_pat_", r"\w{22,255}"),
    token(
        "gitlab-token",
        "GitLab token",
        "glpat- gldt- glrt- glptt- glcbt- glsoat- glft- glimt- glagent- glffct- gloas-",
        f"{_WIDE}{{20,255}}(?:\\.{_WIDE}{{2,20}}){{0,2}}",
    ),
    token("npm-token", "npm token", "npm_", f"{_WORD}{{36}}{_END}"),
    named("npm-auth-token", "npm registry credential", "_authtoken", r"[A-Za-z0-9+/=_-]{16,128}"),
    token("pypi-token", "PyPI token", "pypi-AgE", f"{_WIDE}{{40,1000}}"),
    token("rubygems-key", "RubyGems key", "rubygems_", f"{_HEX}{{48}}{_END}"),
    token("docker-token", "Docker Hub token", "dckr_pat_ dckr_oat_", f"{_WIDE}{{27,40}}"),
    token("nuget-key", "NuGet key", "oy2", f"[a-z0-9]{{43}}{_END}"),
    token("clojars-token", "Clojars token", "CLOJARS_", f"{_WORD}{{60}}"),
    token("crates-token", "crates.io token", "cio", f"{_WORD}{{32}}{_END}"),
    token("artifactory-key", "Artifactory key", "AKCp", f"{_WORD}{{69}}{_END}"),
    token("hashicorp-vault-token", "HashiCorp Vault token", "hvs. hvb. hvr.", f"{_WIDE}{{24,300}}"),
    Rule(
        "terraform-token",
        "Terraform Cloud token",
        re.compile(rf"(?<![A-Za-z0-9]){_WORD}{{14}}\.atlasv1\.{_WIDE}{{60,70}}"),
        marks=(".atlasv1.",),
        back=14,
    ),
    token(
        "doppler-token",
        "Doppler token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.",
        r"[A-Za-z0-9_.-]{40,80}",
    ),
    token("pulumi-token", "Pulumi token", "pul-", f"{_HEX}{{40}}{_END}"),
    token(
        "onepassword-token",
        "1Password service account token",
        "ops_eyJ",
        r"[A-Za-z0-9+/=_-]{100,1500}",
    ),
    token(
        "age-secret-key",
        "age secret key",
        "AGE-SECRET-KEY-1",
        "[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    ),
    token("datadog-token", "Datadog token", "ddapp_ ddat_ ddpat_", f"{_WORD}{{30,60}}"),
    named(
        "datadog-key",
        "Datadog key",
        "dd_api_key dd-api-key dd_app_key dd_application_key dd-application-key datadog_api_key datadog_app_key datadog-api datadog_application_key",
        f"(?:{_HEX}{{40}}|{_HEX}{{32}}){_END}",
    ),
    token("new-relic-key", "New Relic key", "NRAK- NRII- NRIQ- NRSP- NRRA-", f"{_WIDE}{{25,42}}"),
    Rule(
        "new-relic-license",
        "New Relic license key",
        re.compile(
            rf"(?<![A-Za-z0-9])[0-9a-fA-F]{{36}}(?:FFFF)?NRAL{_END}|(?<![A-Za-z0-9])[0-9a-f]{{32,40}}NRAL{_END}"
        ),
        marks=("NRAL",),
        back=41,
    ),
    token("grafana-token", "Grafana token", "glsa_ glc_", r"[A-Za-z0-9+/=_]{32,400}"),
    token(
        "dynatrace-token",
        "Dynatrace token",
        "dt0c01. dt0s01. dt0s16.",
        r"[A-Z0-9]{24}\.[A-Z0-9]{64}",
    ),
    token("sentry-token", "Sentry token", "sntrys_ sntryu_", r"[A-Za-z0-9+/=_-]{40,400}"),
    Rule(
        "sentry-dsn",
        "Sentry address with its key",
        re.compile(
            r"https?://(?P<secret>[0-9a-f]{32}(?::[0-9a-f]{32})?)@[A-Za-z0-9.-]{1,100}/\d{1,20}"
        ),
        starts=("https://", "http://"),
    ),
    token("sonar-token", "SonarQube token", "sqp_ squ_ sqa_", f"{_HEX}{{40}}{_END}"),
    token("snyk-token", "Snyk token", "snyk_uat. snyk_sat.", r"[A-Za-z0-9_.-]{20,200}"),
    named(
        "snyk-api-token",
        "Snyk token",
        "snyk_token snyk-token snyk_api",
        rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}",
    ),
    token(
        "launchdarkly-key",
        "LaunchDarkly key",
        "api- sdk- mob-",
        rf"{_HEX}{{8}}-{_HEX}{{4}}-4{_HEX}{{3}}-{_HEX}{{4}}-{_HEX}{{12}}{_END}",
    ),
    token("prefect-key", "Prefect key", "pnu_ pnb_", f"{_WORD}{{36}}{_END}"),
    token("infracost-key", "Infracost key", "ico-", f"{_WORD}{{32}}{_END}"),
    token("readme-key", "ReadMe key", "rdme_", "[a-z0-9]{70}"),
    token(
        "tailscale-key",
        "Tailscale key",
        "tskey-",
        r"(?:api|auth|client|scim|webhook)-[A-Za-z0-9]{6,24}-[A-Za-z0-9]{16,64}",
    ),
    token("buildkite-token", "Buildkite token", "bkua_ bkat_", f"{_WORD}{{40}}{_END}"),
    token("circleci-token", "CircleCI token", "CCIPAT_ CCIPRJ_", rf"{_WORD}{{20,24}}_{_HEX}{{40}}"),
)
