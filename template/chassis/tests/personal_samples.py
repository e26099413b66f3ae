"""Texts with personal data and secrets in them, and texts that only look so."""

FOUND = {  # in a sentence; the part in « » is what has to go
    "e-mail": [
        "Write to «ann.berg+shop@example.co.uk», please.",
        "'«o'neil@example.org»' is mine",
        "«müller@straße.example.de»",
        "mailto:«x_y@sub.example.com»?subject=hi",
        "ann berg <«ann@example.com»>",
        "ＭＡＩＬ «ann＠example.com»",
    ],
    "card": [
        "card «4111-1111-1111-1111» expires soon",
        "«4111 1111 1111 1111»",
        "amex «378282246310005».",
        "Karte:«5555555555554444»,",
        "mir «2200000000000004»",
        "«6011 0009 9013 9424»",
        "non-breaking «4111\u00a01111\u00a01111\u00a01111»",
        "full width «４１１１１１１１１１１１１１１１»",
        "arabic «٤١١١١١١١١١١١١١١١»",
    ],
    "iban": [
        "pay to «DE89370400440532013000» bitte",
        "«GB82 WEST 1234 5698 7654 32» and so on",
        "«fr14 2004 1010 0505 0001 3m02 606»",
        "«NO93-8601-1117-947»",
        "«MT84MALT011000012345MTLCAST001S»",
        "an «NL91 ABNA 0417 1643 00»!",
    ],
    "phone": [
        "call «+41 44 668 18 00»",
        "«+49 (0)30 901820»",
        "«0044 20 7946 0958»",
        "Tel.: «030 / 901820»",
        "Telefonnummer ist «0151 23456789»",
        "mon téléphone est «01 42 68 53 00»",
        "mi móvil: «612 34 56 78»",
        "call me back on «020 7946 0958»",
        "«(415) 555-2671»",
        "phone «415-555-2671 x12»",
        "📞 «06 12345678»",
    ],
    "ip": [
        "from «192.0.2.17» today",
        "http://«10.1.2.3»:8080/x",
        "«2001:db8::8a2e:370:7334»",
        "at «fe80::1ff:fe23:4567:890a».",
        "[«2001:db8:85a3::8a2e:370:7334»]:443",
        "«2001:db8::8a2e:370:7334»: connection reset",
    ],
    "mac": [
        "«00:1A:2B:3C:4D:5E»",
        "device «00-1a-2b-3c-4d-5e» is off",
        "«00:1A:2B:3C:4D:5E»: gone",
    ],
    "national-number": [
        "SSN «536-90-4399»",
        "my social security number is «536904399»",
        "Steuer-ID «36574261809»",
        "Steuer-ID «36 574 261 809»",
        "NIR «2 95 10 99 126 111 93»",
        "DNI «54362315K»",
        "NIE «X-5253868-R»",
        "codice fiscale «RCCMNL83S18D969H»",
        "codice fiscale «rccmnl83s18d969h»",
        "o meu NIF é «501964843»",
        "BSN «111222333»",
        "mijn burgerservicenummer is «111222333»",
        "NHS number «943 476 5870»",
        "NINO «AB 12 34 56 C»",
        "AHV «756.9217.0769.85»",
        "rijksregisternummer «85.07.30-033.28»",
        "CPF «390.533.447-05»",
        "PPS «6433435F»",
    ],
    "secret": [
        "use «sk-live-abcdefghijklmnop1234»",  # pragma: allowlist secret
        "«sk-proj-abcdefghijklmnop1234567890»",  # pragma: allowlist secret
        "mine is «aw_Zk3v9QmT1xY7bN5cR8wL2pD6fH4jS0aGuEiKoMqVsXy»",  # pragma: allowlist secret
        "«ghp_0123456789abcdefghijklmnopqrstuvwxyz»",  # pragma: allowlist secret
        "key «AKIAIOSFODNN7EXAMPLE»",  # pragma: allowlist secret
        "«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl»",  # pragma: allowlist secret
        "postgres://«app:s3cret@db.example.com»/x",  # pragma: allowlist secret
        "redis://«:hunter2»@cache:6379",  # pragma: allowlist secret
        "Server=db;User=app;Password=«pa55word»;",  # pragma: allowlist secret
        "password: «xyz»",  # pragma: allowlist secret
        'api_key="«abc123def»"',  # pragma: allowlist secret
        '{"password": "«hunter2»", "user": "ann"}',  # pragma: allowlist secret
        '{\\"client_secret\\": \\"«hunter2»\\"}',  # pragma: allowlist secret
        "My password is «Hunter2»",  # pragma: allowlist secret
        "Mein Passwort lautet «geheim1!»",  # pragma: allowlist secret
        "mot de passe : «soleil»",  # pragma: allowlist secret
        "la contraseña es «sol2024»",  # pragma: allowlist secret
        "PIN: «4711»",
        "Authorization: Bearer «abcdef1234567890ABCDEF»",  # pragma: allowlist secret
        "authorization: Basic «dXNlcjpwYXNzd29yZA==»",  # pragma: allowlist secret
        "with the bearer «f3a9c1d27b60e8f45a1c»",  # pragma: allowlist secret
    ],
}
LEFT = [  # nothing is wrong with these
    "4111 1111 1111 1112",  # check digit
    "9111 1111 1111 1111",  # no such issuer
    "GB82 WEST 1234 5698 7654 33",
    "DE8937040044053201300",  # too short for Germany
    "DNI 54362315A",
    "Steuer-ID 36574261890",
    "codice fiscale RCCMNL83S18D969K",
    "SSN 000-12-3456",
    "111222333",  # a BSN, but nobody says so
    "943 476 5870",
    "order 20261123",
    "Order no. 1127-4471-90, invoice 2026-0091772",
    "version 1.2.3 and 10.0.19045.3448",
    "version 1.2.3.4",
    "Chrome/120.0.0.0 Safari/537.36",
    "127.0.0.1 and 0.0.0.0 and ::1",
    "999.1.2.3",
    "2026-11-23 10:00:45",
    "10:30:45 or std::vector or a::b",
    "EUR 1,234,567.89 or 1.234.567,89",
    "550e8400-e29b-41d4-a716-446655440000",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "ISBN 978-3-16-148410-0",
    "tracking 1Z999AA10123456784",
    "timestamp 1790000000123",
    "react@18.2.0 and user@localhost",
    "sk-short and risk-management-department-meeting",
    "class sk-circle-fade-delay-animation",
    "my password: it does not work any more",
    "I forgot my password. Where do I reset it?",
    "The token is invalid, says the page.",
    "password=${DB_PASSWORD} or api_key=os.environ['X']",  # pragma: allowlist secret
    "The key: patience.",
    "max_tokens: 16000, tokens_out=812, secret=secret, api_key=key",
    "passed: 240 of 240, passengers: 312",
    "API_KEYS_FILE=.secrets/api-keys.json",
    "shipping: 1234",
    "https://example.com/a?b=c",
    "call me about order 20261123",
    "[e-mail-1], [phone] and password: [secret]",
    "0.4111111111111111",
]

CLEAN = [  # ordinary letters, one for each language
    (
        "Good morning, my parcel should have arrived last Tuesday, between 9 and 12. I paid 49.90"
        " for two items and would like to know where they are. The key question for me is whether"
        " somebody can pass this on to your carrier. Kind regards"
    ),
    (
        "Guten Tag, ich habe am 14.11.2026 zwei Artikel bestellt und nur einen bekommen; der "
        "andere, Größe 42, fehlt. Mein Passwort habe ich übrigens vergessen. Was kann ich tun? "
        "Viele Grüße"
    ),
    (
        "Bonjour, j'ai reçu hier un colis ouvert – il manque l'écran de 27 pouces que j'avais "
        "payé 349,00 €. J'ai oublié mon mot de passe et ne peux donc pas joindre la facture. "
        "Cordialement"
    ),
    (
        "Buenos días: el pedido llegó roto y nadie contesta. Pagué 1.249,50 € hace 3 semanas. "
        "¿Cómo puedo cambiar la contraseña para ver la factura? Un saludo"
    ),
    (
        "Buongiorno, ho ordinato 2 lampade e me ne è arrivata una sola, per di più rotta. La "
        "password non funziona più e non riesco a vedere la fattura del 3/11. Cordiali saluti"
    ),
    (
        "Bom dia, a máquina que comprei há 15 dias deixou de trabalhar. A senha não funciona e "
        "não consigo abrir o recibo de 399,99 €. Com os melhores cumprimentos"
    ),
    (
        "Goedemorgen, mijn bestelling van 3 november is niet aangekomen. Ik ben mijn wachtwoord "
        "vergeten en kan de factuur van € 89,95 niet openen. Met vriendelijke groet"
    ),
]
