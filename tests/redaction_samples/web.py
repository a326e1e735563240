"""Samples for rules/web.py, rules/context.py, rules/keyfiles.py and rules/personal.py."""

KEYFILES = {
    "private-key": (
        [
            "«-----BEGIN <>PRIVATE KEY-----\n<k6>\n-----END <>PRIVATE KEY-----»",
            "«-----BEGIN RSA <>PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,<u32>\n\n<k8>\n-----END RSA <>PRIVATE KEY-----»",
            "«-----BEGIN EC <>PRIVATE KEY-----\n<k2>»",
        ],
        [
            "-----BEGIN CERTIFICATE-----\n<k6>\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----\n<k3>\n-----END PUBLIC KEY-----",
            "a file with -----BEGIN <>PRIVATE KEY----- in its first line is one",
        ],
    ),
    "openssh-private-key": (
        ["«-----BEGIN OPENSSH <>PRIVATE KEY-----\n<k7>\n-----END OPENSSH <>PRIVATE KEY-----»"],
        ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI<b43> me@host"],
    ),
    "pgp-private-key": (
        [
            "«-----BEGIN PGP <>PRIVATE KEY BLOCK-----\n\n<k9>\n=<b4>\n-----END PGP <>PRIVATE KEY BLOCK-----»"
        ],
        [
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n<k9>\n-----END PGP PUBLIC KEY BLOCK-----",
            "-----BEGIN PGP SIGNATURE-----\n<k3>",
        ],
    ),
    "putty-private-key": (["Private-Lines: 4\n«<k4>»"], ["Public-Lines: 4\n<k4>"]),
    "json-web-key": (
        ['{"kty":"OKP","crv":"Ed25519","d":"«<s43>»"}'],
        ['{"kty":"OKP","x":"<s43>"}', '{"d": "2026-01-01"}'],
    ),
}
WEB = {
    "connection-string-password": (
        [
            "postgresql://app:«<w16>»@db.internal:5432/app",
            "mysql://root:«<w12>»@10.0.0.5/shop",
            "mongodb+srv://u:«<w20>»@c.mongodb.net/?retryWrites=true",
            "redis://:«<w24>»@cache:6379/0",
            "amqps://svc:«<w14>»@mq:5671/v",
        ],
        [
            "postgresql://localhost:5432/app",
            "postgresql://app@db.internal/app",
            "redis://cache:6379/0",
            "mysql://root:${DB_PASS}@10.0.0.5/shop",
            "postgres://user:password@host/db",
        ],
    ),
    "basic-auth-url": (
        ["https://deploy:«<w20>»@git.example.com/r.git", "ftp://u:«<w10>»@files/"],
        ["https://example.com:8443/a@b", "http://[::1]:8080/x", "https://<user>:<password>@host/"],
    ),
    "basic-auth-header": (
        ["send Basic «YWRtaW46<w16>»"],
        ["basic authentication failed", "Basic plan 2026"],
    ),
    "bearer-token": (
        ["curl -H 'X: Bearer «<w40>»'", "bearer «<h32>»"],
        ["Bearer authentication is required", "bearer token expired", "Bearer $TOKEN"],
    ),
    "authorization-header": (
        ["Authorization: «<w40>»", "'Authorization': 'Token «<h40>»'"],
        ["Authorization: required", "authorization: Bearer", "Authorization=None"],
    ),
    "api-key-header": (
        ["X-Api-Key: «<w32>»", "'apikey': '«<w40>»'", "x-vault-token: «s.<w24>»"],
        ["x-api-key: required", "X-Api-Key: <your key>", "apikey=None"],
    ),
    "set-cookie": (
        ["Set-Cookie: session=«<w32>»; Path=/; HttpOnly"],
        ["Set-Cookie: a header", "Set-Cookie: seen=yes"],
    ),
    "cookie": (
        ["Cookie: «sid=<w32>; theme=dark»"],
        ["cookie: none", "Cookies: 3", "the cookie=a=b"],
    ),
}
CONTEXT = {
    "password": (
        [
            "password=«<w10>»",
            "password=«<w10>&<w3>»",
            "password=«<w10>&<w3>&<w3>» it said",
            "/login?password=«<w10>»&user=joe",
            "/login?password=«<w10>»&amp;user=joe",
            "PASSWORD=«<w10>»&&echo done",
            '"password": "«<w8>!x»"',
            "DB_PASSWORD: «<w12>»",
            "passwd='«<w9>»'",
            "Server=x;User Id=sa;Password=«<w12>»;",
            "PGPASSWORD=«<w14>»",
            "db_pass=«<w12>»",
            'passphrase: "«correct horse <w5> staple»"',
        ],
        [
            "password=None",
            "password = get_password()",
            "password: str = ''",
            "password = os.environ['PASSWORD']",
            "password=${PASSWORD}",
            "password: ********",
            "Password: required",
            '"password": "must be at least 8 characters"',
            "password = config.db_password",
            "PWD=/home/user/work",
            "password_length=16",
            "connect(password=password1)",
            "password = new_password2",
        ],
    ),
    "secret-value": (
        [
            "token=«<w24>»",
            "client_secret: «<w32>»",
            '"api_key": "«<h32>»"',
            "api_key = '«<w40>»'",
            "https://h/p?access_token=«<w30>»&x=1",
            'secret => "«<s22>»"',
        ],
        [
            "token_count=5",
            "tokens: 512",
            "max_tokens=4096",
            "token: Optional[str] = None",
            "secret_name: my-app",
            "secretName: my-app-v2",
            "token = next(tokens)",
            "next_page_token=<w20>",
            '"token": "expired"',
            "token_type: Bearer",
            "secret = settings.SECRET_KEY1",
            "token=2026-11-21T10:00:00Z",
            "api_key: <your api key>",
            "token, type2 = parse1(x)",
        ],
    ),
    "command-line-secret": (
        ["mysql --password «<w12>»", "deploy --token=«<w24>»", "--api-key «<w20>»"],
        ["--password", "--token FILE", "--password $PASS1", "--token-file /a/b1"],
    ),
    "curl-credentials": (
        ["curl -u admin:«<w12>» https://h/", "curl -s --user svc:«<w9>» http://h"],
        ["curl -u admin: https://h/", "curl https://h/ -o x:y"],
    ),
}
PERSONAL = {
    "email": (
        ["mail «ada.lovelace+x@example.co.uk» today"],
        ["user@host", "@decorator", "a@b", "git@github"],
    ),
    "payment-card": (
        ["card «4111 1111 1111 1111» paid", "«5555555555554444»", "«378282246310005»"],
        ["4111 1111 1111 1112", "order 1234567890123456", "4111111111111111.5"],
    ),
    "iban": (
        ["to «GB82 WEST 1234 5698 7654 32» EUR", "«DE89370400440532013000»"],
        ["GB82 WEST 1234 5698 7654 33", "DE00370400440532013000"],
    ),
}
