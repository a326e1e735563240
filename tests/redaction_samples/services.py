"""Samples for rules/services.py: by rule, what it must find and what it must leave."""

SERVICES = {
    "marketplace-key": (
        ["«kx_live_<w32>»", "KEYS_API_KEY=«kx_test_<w24>»"],
        ["kx_live_ keys begin so", "kx_dev_<w32>", "kx_live_<w8>"],
    ),
    "supabase-secret-key": (
        ["SUPABASE_KEY=«sb_secret_<s31>»"],
        ["sb_secret_ is the prefix", "sb_secret_<w6>"],
    ),
    "supabase-publishable-key": (
        ["const key = '«sb_publishable_<s31>»'"],
        ["sb_publishable_ is the prefix"],
    ),
    "supabase-access-token": (
        ["supabase login --token «sbp_<h40>»"],
        ["sbp_<h12>", "sbp_report_of_the_quarter"],
    ),
    "supabase-service-key": (
        [
            'key "«<j{"alg":"HS256","typ":"JWT"}>.<j{"iss":"supabase","role":"service_role","ref":"abcdefgh"}>.<s43>»"'
        ],
        ["service_role is a role", 'eyJ is what {" looks like'],
    ),
    "supabase-anon-key": (
        [
            'key "«<j{"alg":"HS256","typ":"JWT"}>.<j{"iss":"supabase","role":"anon","ref":"abcdefgh"}>.<s43>»"'
        ],
        ["anon is a role"],
    ),
    "json-web-token": (
        [
            'id «<j{"alg":"RS256","kid":"k1"}>.<j{"sub":"1234567890","name":"Ada","exp":1790000000}>.<s86>»'
        ],
        ["eyJhbGciOi is how it begins", "eyJ.eyJ.x"],
    ),
    "json-web-encryption": (
        ['jwe «<j{"alg":"RSA-OAEP","enc":"A256GCM"}>.<s86>.<s16>.<s63>.<s22>»'],
        ["eyJ.a.b.c.d"],
    ),
    "stripe-secret-key": (
        ["stripe.api_key = '«sk_live_<w24>»'", "«sk_test_<w99>»"],
        ["pk_live_<w24>", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", "sk_live_...", "task_live_<w24>"],
    ),
    "stripe-restricted-key": (
        ["using «rk_live_<w24>» now", "«rk_test_<w32>»"],
        ["mark_live_<w24>", "rk_live_"],
    ),
    "stripe-webhook-secret": (
        ["endpoint_secret «whsec_<w32>»", "«whsec_<b32>»"],
        ["whsec_ begins it", "we_<w24>"],
    ),
    "stripe-client-secret": (
        ["confirm «pi_<w24>_secret_<w25>»", "«seti_<w24>_secret_<w25>»"],
        ["pi_<w24>", "seti_<w24>", "cs_test_<w40>"],
    ),
    "shopify-token": (["X «shpat_<h32>»", "«shpss_<h32>»"], ["shpat_<h8>", "shpfoo_<h32>"]),
    "square-token": (["«sq0atp-<s22>»", "«sq0csp-<s43>»"], ["sq0atp-short"]),
    "square-access-token": (["square «EAAA<s60>»"], ["EAAA<w12>", "EAAAAA"]),
    "flutterwave-key": (["«FLWSECK-<l32>-X»", "«FLWSECK-<h32>-X»"], ["FLWPUBK-<h32>-X"]),
    "shippo-token": (["«shippo_live_<h40>»"], ["shippo_live_"]),
    "easypost-key": (["«EZAK<w54>»", "«EZTK<w54>»"], ["EZAKIEL and EZTKs"]),
    "slack-token": (
        [
            "SLACK «xoxb-<d12>-<d12>-<w24>»",
            "«xoxp-<d11>-<d11>-<d12>-<h32>»",
            "«xapp-1-<u11>-<d13>-<h64>»",
        ],
        ["xoxb- bots", "foxoxb-<d12>"],
    ),
    "slack-webhook": (
        ["post https://hooks.slack.com/services/«T<u8>/B<u10>/<w24>»"],
        ["https://hooks.slack.com/docs", "https://slack.com/services/T<u8>"],
    ),
    "discord-webhook": (
        ["https://discord.com/api/webhooks/<d18>/«<s68>»"],
        ["https://discord.com/api/webhooks/<d18>"],
    ),
    "discord-bot-token": (
        ["bot «MT<w22>.<w6>.<s38>»", "«ND<w22>.<w6>.<s27>»"],
        ["MTA.1.2", "NTP.sync.offset"],
    ),
    "teams-webhook": (
        ["https://contoso.webhook.office.com/webhookb2/«<g>@<g>/IncomingWebhook/<h32>/<g>»"],
        ["https://contoso.webhook.office.com/"],
    ),
    "telegram-bot-token": (["«<d10>:AA<s33>»"], ["12:AA", "key:AAAA"]),
    "sendgrid-key": (["«SG.<s22>.<s43>»"], ["SG.<w6>", "SG.en.x"]),
    "twilio-api-key": (["«SK<h32>»"], ["AC<h32>", "SK<h12>", "TASK<h32>"]),
    "twilio-auth-token": (
        ["TWILIO_AUTH_TOKEN=«<h32>»", "twilio_auth_token: '«<h32>»'"],
        ["twilio account AC<h32>", "TWILIO_AUTH_TOKEN=${TOKEN}"],
    ),
    "mailgun-key": (["«key-<h32>»"], ["key-<h8>", "monkey-<h32>"]),
    "mailgun-signing-key": (
        ["MAILGUN_API_KEY=«<h32>-<h8>-<h8>»", "mailgun_key: «<h32>»"],
        ["mailgun id <h8>", "<h32>-<h8>"],
    ),
    "mailchimp-key": (["chimp «<h32>-us14»"], ["<h32>-usual", "<h12>-us14"]),
    "brevo-key": (["«xkeysib-<h64>-<w16>»"], ["xkeysib-<h8>"]),
    "resend-key": (["«re_<w8>_<w24>»"], ["re_<w24>", "re_try_count"]),
    "openai-key": (
        ["OPENAI «sk-proj-<s120>»", "«sk-svcacct-<s60>»"],
        ["sk-proj-name", "task-proj-<w40>"],
    ),
    "openai-legacy-key": (["«sk-<w20>T3BlbkFJ<w20>»", "«sk-<w48>»"], ["sk-<w20>", "risk-<w48>"]),
    "anthropic-key": (["«sk-ant-api03-<s93>AA»"], ["sk-ant-eater"]),
    "openrouter-key": (["«sk-or-v1-<h64>»"], ["sk-or-v1-"]),
    "hugging-face-token": (["«hf_<w34>»"], ["hf_hub_download", "hf_<w12>"]),
    "replicate-token": (["«r8_<w37>»"], ["r8_<w8>"]),
    "groq-key": (["«gsk_<w52>»"], ["gsk_<w12>"]),
    "perplexity-key": (["«pplx-<w48>»"], ["pplx-<h8>"]),
    "langsmith-key": (["«lsv2_pt_<h32>_<h10>»"], ["lsv2_pt_<h8>"]),
    "linear-key": (["«lin_api_<w40>»"], ["lin_api_doc"]),
    "notion-token": (
        ["«ntn_<w46>»", "«secret_<w43>»"],
        ["secret_<w12>", "secret_value_of_the_notion"],
    ),
    "airtable-token": (["«pat<w14>.<h64>»"], ["path/<w14>.<h64>", "pat<w14>"]),
    "figma-token": (["«figd_<s40>»"], ["figd_<w8>"]),
    "contentful-token": (["«CFPAT-<s43>»"], ["CFPAT-<w8>"]),
    "typeform-token": (["«tfp_<w44>_<w14>»"], ["tfp_<w8>"]),
    "posthog-key": (["«phx_<w43>»"], ["phc_<w43>"]),
    "mapbox-secret-token": (
        ['«sk.<j{"u":"somebody","a":"abcdefghijklmnopqrst"}>.<s22>»'],
        ['pk.<j{"u":"somebody","a":"abcdefghijklmnopqrst"}>.<s22>'],
    ),
    "atlassian-token": (["«ATATT3<s180>»"], ["ATATT3 begins it", "BATATT3<s40>"]),
    "facebook-token": (["«EAAB<w120>»"], ["EAAB<w12>"]),
    "postman-key": (["«PMAK-<h24>-<h34>»"], ["PMAK-<h24>"]),
    "plaid-token": (
        ["«access-sandbox-<g>»", "«access-production-<g>»"],
        ["access-sandbox-mode", "access-<g>"],
    ),
}
