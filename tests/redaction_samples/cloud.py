"""Samples for rules/cloud.py: by rule, what it must find and what it must leave."""

CLOUD = {
    "aws-key-pair": (
        ["AKIA<u16>,«<b40>»", "ASIA<u16>\t«<b40>»"],
        ["AKIA<u8>,<b40>", "AKIA<u4> <h40>"],
    ),
    "aws-access-key-id": (
        ["«AKIA<u16>»", "id=«ASIA<u16>»"],
        ["AIDA<u17>", "AROA<u17>", "AKIA<u30>", "AKIA" + "X" * 16],
    ),
    "aws-secret-access-key": (
        [
            "aws_secret_access_key = «<b40>»",
            '"SecretAccessKey": "«<b40>»"',
            "AWS_SECRET_ACCESS_KEY=«<b40>»",
        ],
        ["aws_secret_access_key = <h40>", "aws_secret_access_key = ${SECRET}"],
    ),
    "aws-session-token": (
        ["aws_session_token=«<b240>»", '"SessionToken": "«<b300>=»"'],
        ["aws_session_token=None"],
    ),
    "gcp-api-key": (["«AIza<s35>»", "?key=«AIza<s35>»"], ["AIza<w8>", "AIza<w60>"]),
    "google-oauth-token": (["«ya29.<s120>»"], ["ya29.x", "maya29.<s40>"]),
    "google-refresh-token": (["«1//0<s60>»"], ["1//0", "1//0<w6>"]),
    "google-client-secret": (["«GOCSPX-<s28>»"], ["GOCSPX-"]),
    "gcp-private-key-id": (
        ['"private_key_id": "«<h40>»"'],
        ['"private_key_id": "<h8>"', "commit <h40>"],
    ),
    "azure-account-key": (
        [
            "AccountName=x;AccountKey=«<b86>==»;EndpointSuffix=core.windows.net",
            "SharedAccessKeyName=a;SharedAccessKey=«<b43>=»",
        ],
        ["AccountKey=<w12>"],
    ),
    "azure-client-secret": (["«<w3>8Q~<w34>»"], ["Q~", "x8Q~<w4>"]),
    "azure-devops-token": (["«<w76>AZDO<w4>»"], ["<w20>AZDO<w4>"]),
    "digitalocean-token": (["«dop_v1_<h64>»"], ["dop_v1_<h8>"]),
    "databricks-token": (["«dapi<h32>»", "«dapi<h32>-2»"], ["dapi<h8>"]),
    "heroku-token": (["«HRKU-<g>»", "«HRKU-AA<s56>»"], ["HRKU-<w4>"]),
    "heroku-key": (["HEROKU_API_KEY=«<g>»"], ["heroku dyno <g>"]),
    "fly-token": (["«FlyV1 fm2_<b120>»"], ["FlyV1 is a format"]),
    "planetscale-token": (["«pscale_tkn_<s43>»", "«pscale_pw_<s43>»"], ["pscale_pw_"]),
    "neon-key": (["«napi_<l64>»"], ["napi_<l8>"]),
    "vercel-token": (["«vcp_<w56>»", "«vercel_blob_rw_<w16>_<w30>»"], ["vcp_<w8>"]),
    "vercel-access-token": (
        ["VERCEL_TOKEN=«<w24>»", "vercel_token: '«<w24>»'"],
        ["VERCEL_TOKEN=$TOKEN"],
    ),
    "netlify-token": (["«nfp_<w40>»"], ["nfp_<w8>"]),
    "netlify-access-token": (
        ["NETLIFY_AUTH_TOKEN=«<s43>»"],
        ["NETLIFY_AUTH_TOKEN=secrets.NETLIFY"],
    ),
    "cloudflare-token": (
        ["CLOUDFLARE_API_TOKEN=«<s40>»", "X-Auth-Key: «<h37>»"],
        ["CLOUDFLARE_API_TOKEN=$TOKEN", "cf ray <h16>"],
    ),
    "cloudflare-origin-key": (["«v1.0-<h24>-<h146>»"], ["v1.0-<h24>"]),
    "s3-signed-url": (
        [
            "https://b.s3.amazonaws.com/o.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=900&X-Amz-Signature=«<h64>»"
        ],
        ["X-Amz-Signature=short", "X-Amz-Expires=900"],
    ),
    "s3-signed-url-token": (
        ["https://b.s3.amazonaws.com/o?X-Amz-Security-Token=«<b200>»&X-Amz-Date=20260101T000000Z"],
        ["X-Amz-Security-Token=none"],
    ),
    "gcs-signed-url": (
        ["https://storage.googleapis.com/b/o?X-Goog-Expires=900&X-Goog-Signature=«<h256>»"],
        ["X-Goog-Signature=x"],
    ),
    "signed-url": (
        [
            "https://b.s3.amazonaws.com/o?Expires=1790000000&Signature=«<s27>%3D»",
            "https://d.cloudfront.net/o?Signature=«<s171>__»&Key-Pair-Id=K<u13>",
        ],
        ["the Signature=valid"],
    ),
    "azure-sas": (
        ["https://a.blob.core.windows.net/c/b?sv=2024-11-04&se=2026-01-01&sp=r&sig=«<s43>%3D»"],
        ["?sig=short", "design=<w43>"],
    ),
    "supabase-signed-url": (
        ["https://abc.supabase.co/storage/v1/object/sign/packs/a.zip?token=«<w60>»"],
        ["https://abc.supabase.co/storage/v1/object/public/packs/a.zip"],
    ),
}
