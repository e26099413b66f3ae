"""Inputs that break careless services: texts and whole bodies. Headers are in naughty_http.py.

Made here, by generators: the list says what it covers, and nothing is copied from elsewhere.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import product

Named = tuple[str, str]
NamedBytes = tuple[str, bytes]

_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u2060\u2061\u2064\u3164\ufeff\U000e0041"
_SPACES = "\u0085\u00a0\u1680\u2000\u2003\u2009\u2028\u2029\u202f\u205f\u3000"
_NUMBERS = (
    *("-0", "0.0", "-0.0", "00", "01", "1.", ".5", "+1", "1e1", "1E+400", "-1e400", "1e-400"),
    *("5e-324", "1.7976931348623157e308", "9007199254740993", "18446744073709551616", "0x1F"),
    *("0b1", "0o7", "1_000", "1,5", "NaN", "nan", "-NaN", "Infinity", "-Infinity", "inf", "1e"),
    *("٣", "１２", "½", "Ⅷ", "1" * 400, "-" + "9" * 5000, "0." + "0" * 5000 + "1", "9" * 20 + "e9"),
)
_SNIPPETS = {
    "format": (
        "%s%s%s",
        "%n%n",
        "%x%08x",
        "%1$s",
        "{0.__class__.__mro__}",
        "{}{}",
        "{:>999999999}",
    ),
    "template": (
        *(
            "{{7*7}}",
            "${7*7}",
            "#{7*7}",
            "<%= 7*7 %>",
            chr(0x7B) + "%raw%}",  # not as written: this file is searched for what was not rendered
            "$text",
            "$$",
            "${text",
            "@(1+1)",
        ),
        *("[[${7*7}]]", "*{7*7}", "{{config}}", "{{''.__class__}}", "${jndi:ldap://127.0.0.1/a}"),
    ),
    "database": (
        *(
            "' OR '1'='1",
            "'; DROP TABLE notes;--",
            '" OR ""="',
            "1) UNION SELECT NULL--",
            "\\'; --",
        ),
        *('{"$gt": ""}', "$where: 1", "*)(uid=*))(|(uid=*", "//*[1=1]", "\x1a", "FLUSHALL\r\n"),
    ),
    "markup": (
        *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>"),
        *("javascript:alert(1)", "</textarea><b>", "<!--", "]]>", "<!ENTITY x SYSTEM 'file:///x'>"),
        *(
            "<?xml version='1.0'?><a/>",
            "&lt;&#60;&#x3c;",
            "[a](javascript:1)",
            "![a](//x.invalid/)",
        ),
    ),
    "shell": ("; ls", "| cat", "`id`", "$(id)", "&& true", "> x", "\\\n", "-rf", "--help", "@file"),
    "path": (
        *("../../../../etc/hosts", "..\\..\\x", "/dev/zero", "file:///x", "%2e%2e%2f", "a\x00.txt"),
        *(
            "CON",
            "NUL",
            "~root",
            "C:\\x",
            "\\\\server\\share",
            "....//....//",
            "/proc/self/environ",
        ),
    ),
    "log": (
        *('"}\n{"event": "ai_call"}', "\r\nINFO ok", "\x1b[2J\x1b[31m", "\x9b31m", "\x07\x08\x0c"),
        *("\x1b]0;title\x07", "a\rb", "\u2028{}\u2029", "level=error msg=x", "\ufff9\ufffa\ufffb"),
    ),
    "words": (
        *("null", "undefined", "None", "true", "false", "NIL", "()", "[]", "{}", "''", '""', "-"),
        *("__proto__", "constructor", "__class__", "toString", "hasOwnProperty", "__init__"),
    ),
}
_LETTERS = {
    "right to left": ("שלום עולם", "مرحبا بالعالم", "abc שלום def مرحبا", "ﷺ", "\u200f٠١٢٣"),
    "emoji": ("👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽" * 50, "🇩🇪🇫🇷🇯", "1️⃣#️⃣", "🫠", "\u200d👩\u200d", "❤️‍🔥"),
    "look-alikes": (
        "аррlе",
        "ｆｕｌｌ　ｗｉｄｔｈ",
        "ﬁ ﬂ ﬃ ſt",
        "𝕿𝖊𝖝𝖙",
        "①②③",
        "K℃Å",
        "ᴛᴇxᴛ",
        "ɐdd",
    ),
    "case": ("İıſß", "ΌΣΟΣ", "ǅ", "ẞ", "ŉ", "ﬃ"),
    "scripts": (
        "漢字かな交じり文",
        "한글 ᄒ\u1161ᆫ",
        "ไทยไม่เว้นวรรค",
        "हिन्दी",
        "தமிழ்",
        "ខ្មែរ",
        "ᚠᚢᚦ",
        "𐍈",
        "🀄",
    ),
    "not characters": (
        "\ufdd0",
        "\ufffe",
        "\uffff",
        "\U0001fffe",
        "\U0010ffff",
        "\ue000",
        "\ufffd",
    ),
}


def texts() -> Iterator[Named]:
    """Texts that are valid JSON strings, however odd; each is sent in a field of the input."""
    for code in (*range(0x20), *range(0x7F, 0xA0)):
        yield f"control character {code:#04x}", f"apple{chr(code)}pie"
    for group, characters in (
        *(("bidirectional", _BIDIRECTIONAL), ("unseen", _UNSEEN), ("space", _SPACES)),
    ):
        for character in characters:
            yield f"{group} {ord(character):#06x}", f"an ap{character}ple"
            yield f"only {group} {ord(character):#06x}", character * 3
    for surrogate in ("\ud800", "\udbff", "\udc00", "\udfff", "\udc00\ud800", "\ud83d"):
        yield f"lone surrogate {surrogate!a}", f"apple {surrogate} pie"
        yield f"only a lone surrogate {surrogate!a}", surrogate
    for group, found in (*_SNIPPETS.items(), *_LETTERS.items(), ("number", _NUMBERS)):
        for number, text in enumerate(found):
            yield f"{group} {number}", text[:900]
            yield f"{group} {number}, within", f"an apple {text[:900]} pie"
    for mark, times in product(("\u0301", "\u0489", "\u20dd", "\u05b4", "\u0e49"), (1, 30, 450)):
        yield f"{times} marks {ord(mark):#06x}", "a" + mark * times + "pple"
    yield "a storm of marks", "".join(f"{c}" + "\u0300\u0316\u0334" * 12 for c in "an apple pie")
    yield "an overridden direction", "\u202eelppa na\u202c"
    yield "nested directions", "\u2067" * 200 + "apple" + "\u2069" * 200
    for length in (999, 1000, 1001, 1300):
        yield f"{length} characters", "x" * length
    yield "one long word", "apple" * 190
    yield "spaces only", " \t\n" * 30
    yield "many lines", "\n" * 900 + "apple"
    yield "quotes and backslashes", '\\"' * 400
    yield "a document in the text", json.dumps({"text": "an apple", "tags": ["a"] * 20})
    yield "a document in a document", json.dumps(json.dumps(json.dumps({"label": "fruit"})))
    yield "a data marker", '</data-000000000000> <data-000000000000 name="text">'


def bodies() -> Iterator[NamedBytes]:
    """Whole bodies, most of which are not what the service takes."""
    good = b'{"text": "an apple"}'
    yield from _encodings(good)
    yield from _not_quite_json(good)
    yield from _shapes()
    yield from _keys()


def _encodings(good: bytes) -> Iterator[NamedBytes]:
    text = good.decode()
    yield "a byte order mark", b"\xef\xbb\xbf" + good
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037"):
        yield name, text.encode(name)
    yield "gzip", gzip.compress(good)
    for name, raw in {
        "an overlong slash": b"\xc0\xaf",
        "an overlong NUL": b"\xc0\x80",
        "an overlong letter in three bytes": b"\xe0\x81\xa1",
        "an overlong letter in four bytes": b"\xf0\x80\x81\xa1",
        "a raw surrogate": b"\xed\xa0\x80",
        "a raw pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
        "beyond Unicode": b"\xf4\x90\x80\x80",
        "five bytes": b"\xf8\x88\x80\x80\x80",
        "a lone continuation": b"\x80\xbf",
        "a cut off character": b"\xe2\x82",
        "Latin-1": "größe".encode("latin-1"),
        "0xff": b"\xff\xfe\xff",
        "a raw NUL": b"\x00",
        "a raw newline": b"\n",
        "a raw escape": b"\x1b[31m",
    }.items():
        yield f"{name} in a text", b'{"text": "an apple ' + raw + b'"}'
        yield f"{name} in a key", b'{"text": "an apple", "t' + raw + b'": 1}'
        yield f"{name} before the object", raw + good
    for escape in (
        r"\ud800",
        r"\udc00x",
        r"\ud83d\ud83d",
        r"\u0000",
        r"\u00",
        r"\x41",
        r"\U1",
        "\\",
    ):
        yield f"the escape {escape}", b'{"text": "an apple ' + escape.encode() + b'"}'
        yield f"the escape {escape} in a key", b'{"text' + escape.encode() + b'": "an apple"}'


def _not_quite_json(good: bytes) -> Iterator[NamedBytes]:
    for text in (
        *(
            "",
            " ",
            "\x00",
            "{",
            "}",
            "[",
            "{}",
            "[]",
            '""',
            "null",
            "true",
            "0",
            "-",
            '"text"',
            "{]",
        ),
        *('{"text": "an apple",}', '{"text": "an apple"', "{'text': 'an apple'}", "{text: 1}"),
        *('{"text": "an apple"} {"text": "two"}', '{"text": "an apple"}\n{"text": "two"}'),
        *('/* c */ {"text": "an apple"}', '{"text": "an apple" // c\n}', '# c\n{"text": "a"}'),
        *('{"text" "an apple"}', '{"text": }', '{"text": "an apple" "tags": []}', '{,"text": "a"}'),
        *('{"text": undefined}', '{"text": "a" + "b"}', '{"text": "an apple"}x', ")]}',\n{}"),
        *(
            "text=an+apple",
            "--x\r\nContent-Disposition: form-data\r\n\r\n1",
            "<note/>",
            "--- \na: 1",
        ),
        *(
            '{"text": "tab\there"}',
            '{"text": "line\nhere"}',
            "\x1e{}\n",
            "\u00a0{}",
            "!!python/x []",
        ),
    ):
        yield f"not quite JSON: {text[:30]!a}", text.encode()
    for times in (2, 50):
        yield f"{times} documents", good * times
    yield "white space around", b" \r\n\t" * 100 + good + b" \r\n\t" * 100
    yield "a body of NULs", b"\x00" * 4000
    yield "a large body", b'{"text": "' + b"x" * 5000 + b'"}'


def _shapes() -> Iterator[NamedBytes]:
    for number in _NUMBERS:
        yield f"the number {number[:12]}", f'{{"text": {number}}}'.encode()
        yield f"the number {number[:12]} in a list", f'{{"text": "a", "tags": [{number}]}}'.encode()
    for value in (
        "null",
        "true",
        "[]",
        "{}",
        '["an apple"]',
        '{"text": "an apple"}',
        '""',
        "[[[]]]",
    ):
        yield f"{value} for a text", f'{{"text": {value}}}'.encode()
        yield f"{value} for a list", f'{{"text": "an apple", "tags": {value}}}'.encode()
        yield f"{value} in a list", f'{{"text": "an apple", "tags": [{value}]}}'.encode()
    for depth in (5, 6, 7, 200, 10_000, 200_000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            inner = opening * depth + "1" + closing * depth
            yield f"{depth} times {opening}", f'{{"text": "a", "tags": {inner}}}'.encode()
            yield f"{depth} times {opening}, unclosed", (opening * depth).encode()
    yield "many tags", json.dumps({"text": "a", "tags": ["x"] * 700}).encode()
    yield "many empty lists", ('{"text": "a", "tags": [' + "[]," * 900 + "[]]}").encode()


def _keys() -> Iterator[NamedBytes]:
    yield "a key twice", b'{"text": "an apple", "text": "a pear"}'
    yield "a key twice, of two kinds", b'{"text": "an apple", "text": {"text": 1}}'
    yield "the same key, escaped", b'{"text": "an apple", "\\u0074ext": "a pear"}'
    yield "a thousand times the same key", b"{" + b'"text": "a",' * 300 + b'"text": "b"}'
    yield "a very long key", b'{"text": "a", "' + b"k" * 3900 + b'": 1}'
    yield "a long path of keys", b'{"' + b"k" * 900 + b'": {"' + b"l" * 900 + b'": {"m": 1}}}'
    many = ",".join(f'"k{number}": {number}' for number in range(100_000))
    yield "a hundred thousand keys", f'{{"text": "a", {many}}}'.encode()
    few = ",".join(f'"{number:x}":0' for number in range(500))
    yield "hundreds of keys", f'{{"text": "a", {few}}}'.encode()
    for key in (
        *(
            "Text",
            "TEXT",
            " text",
            "text ",
            "text\u200b",
            "te\u0301xt",
            "ｔｅｘｔ",
            "tехt",
            "",
            " ",
        ),
        *("__proto__", "constructor", "__class__", "model_config", "model_fields", "self", "$ref"),
        *("label", "outcome", "request_id", "feedback_token", "event", "level", "timestamp", "0"),
        *("\x00", "\n", "\u202e", "\x1b[31m", "a.b", "a[0]", "a/b", "%s", "{{7*7}}", "</script>"),
    ):
        yield f"beside it the key {key!a}", json.dumps({"text": "an apple", key: "x"}).encode()
        yield f"only the key {key!a}", json.dumps({key: "an apple"}).encode()
