"""Lines of the kinds evidence is full of, none of which holds a secret."""

import base64
import json
import random

from tests.redaction_samples.grammar import make

_TEMPLATES = (
    "sha256:<h64>",
    "commit <h40> Fix the retry of webhooks",
    "md5 <h32>  sample/data.csv",
    "sha512-<b86>==",
    'etag: "<h32>"',
    "request_id=<g>",
    "trace <h32> span <h16>",
    "evt_<w24> customer.subscription.updated",
    "customer cus_<w14> charge ch_<w24> intent pi_<w24>",
    "in_<w24> sub_<w24> price_<w24> prod_<w14> acct_<w16>",
    "we_<w24> pm_<w24> req_<w14> txn_<w24> seti_<w24>",
    "pk_live_<w24> is the publishable key",
    "pk_test_<w99>",
    "arn:aws:iam::<d12>:role/service-role/webhook-retry",
    "arn:aws:lambda:eu-west-1:<d12>:function:deliver:<d2>",
    "AIDA<u17> AROA<u17>",
    "i-<h17> vol-<h17> subnet-<h17>",
    "2026-11-21T09:<d2>:00.<d3>Z INFO delivered in <d3> ms",
    "2026-11-21 09:00:00,<d3> WARNING token bucket empty, tokens: <d3>",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB<b300> me@host",
    "-----BEGIN CERTIFICATE-----",
    "MII<b61>",
    "AC<h32> is the account",
    "phc_<w43> is public",
    "prompt_tokens=<d3>, completion_tokens=<d3>, total_tokens=<d4>",
    "token_count=<d2> max_tokens=<d4> pad_token='<>[PAD]'",
    "password = get_password()",
    "password: str | None = None",
    "password=None, user='app'",
    "if password == '': raise ValueError('password required')",
    "self.token = token",
    "token = self.next_token(); secret = settings.SECRET",
    "secretName: webhook-signing",
    "api_key = os.environ['API_KEY']",
    "api_key=os.getenv('API_KEY')",
    "Authorization header is missing",
    'WWW-Authenticate: Bearer realm="api", error="invalid_token"',
    "cookie: SameSite attribute is missing",
    "https://example.com/path/<w20>?page=2&cursor=<w20>",
    "https://github.com/org/repo/commit/<h40>",
    "https://registry.npmjs.org/react/-/react-19.0.0.tgz sha512-<b86>==",
    "postgres://localhost:5432/app",
    "redis://cache:6379/0 connected",
    "docker.io/library/python@sha256:<h64>",
    "Successfully installed pandas-2.2.3 numpy-2.1.<d2>",
    "0x<h40> transferred <d3> wei",
    "<h8>-<h4>-<h4>-<h4>-<h12>",
    "build-<l7>-<l5> pod/webhook-worker-<l10>-<l5>",
    "https://hooks.example.com/services/<u9>/<u11>",
    "whsec_ prefixed secrets begin so; sk_live_... too",
    "line <d3>, in deliver_with_retry_and_signature_check",
    "id,created,type,delivery_success,response_code",
    "evt_<w24>,2026-11-21T09:00:<d2>Z,invoice.paid,true,200",
    "webhook_endpoint_secret_rotation_policy_version_2 = enabled",
    "key-value store, monkey-patching, sk-learn, re_compile",
    "<d4>-<d2>-<d2>,<d5>.<d2>,<d3>,ok",
    "The customer's password was reset and the token had expired.",
    "Secret scanning: 0 findings; credentials: none",
    "X-Request-Id: <g>",
    "idempotency_key=<g>",
    "fingerprint SHA256:<b43>",
    "GET /api/v1/keys/<w12>?include=owner HTTP/1.1 200 <d4>",
    "\x1b[0;31mKeyError\x1b[0m: 'access_token'",
    '{"type": "object", "properties": {"password": {"type": "string"}}}',
    '{"errors": {"password": "must have at least 8 characters", "token": "expired"}}',
    '<input type="password" name="password" autocomplete="off">',
    "next_page_token=<w32>",
    "session length: <d3> s, pass rate: <d2>.<d1> %, passed=<d2>, failed=<d1>",
)


def benign(count, seed=7):
    """Return that many lines, every kind of them, with images as data among them."""
    rng = random.Random(seed)
    lines = [make(_TEMPLATES[n % len(_TEMPLATES)], n)[0] for n in range(count * 9 // 10)]
    for _ in range(count - len(lines)):
        body = base64.b64encode(
            b"\x89PNG\r\n\x1a\n" + rng.randbytes(rng.randrange(60, 900))
        ).decode()
        kind = rng.randrange(3)
        lines.append(
            f"data:image/png;base64,{body}"
            if kind == 0
            else json.dumps({"image/png": body})
            if kind == 1
            else f'<img src="data:image/png;base64,{body}"/>'
        )
    rng.shuffle(lines)
    return lines
