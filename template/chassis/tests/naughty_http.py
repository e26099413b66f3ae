"""Headers and framings that break careless services; a part of the list in naughty.py."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

NamedBytes = tuple[str, bytes]


def headers() -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    """Headers that a client can get through an HTTP parser, and some that it cannot."""
    odd = {
        "empty": b"",
        "spaces": b"  \t ",
        "a tab": b"a\tb",
        "Latin-1": "Zoë".encode("latin-1"),
        "UTF-8": "Zoë 漢".encode(),
        "high bytes": bytes(range(0x80, 0x100)),
        "a NUL": b"a\x00b",
        "an escape": b"\x1b[31m",
        "DEL": b"\x7f",
        "a quote": b'"}{"event": "x"}',
        "percent": b"%0d%0aX: y %s%n",
        "a template": b"{{7*7}}${x}",
        "a line and more": b"ann\r\nX-Injected: yes",
        "a folded line": b"ann\r\n bob",
        "a bare newline": b"ann\nX-Injected: yes",
        "200 characters": b"x" * 200,
        "201 characters": b"x" * 201,
        "8,000 characters": b"x" * 8_000,
        "70,000 characters": b"x" * 70_000,
        "commas": b"," * 300,
        "a path": b"../../x",
    }
    for name, (title, value) in product((b"X-End-User", b"X-Session-Id"), odd.items()):
        yield f"{name.decode()} is {title}", [(name, value)]
    for title in ("Latin-1", "an escape", "a quote", "8,000 characters", "percent", "high bytes"):
        for name in (b"User-Agent", b"Accept", b"X-Anything", b"Referer", b"tracestate", b"Cookie"):
            yield f"{name.decode()} is {title}", [(name, odd[title])]
    for garbage in (
        *(
            b"",
            b"00",
            b"-",
            b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01",
            b"ff-a-b-c",
            b"\xff" * 55,
        ),
        *(b"00-" + b"z" * 32 + b"-" + b"y" * 16 + b"-01", b"00-" + b"a" * 32, b"a" * 5000),
        *(
            b"00-" + b"A" * 32 + b"-" + b"B" * 16 + b"-ZZ",
            b"01-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01-x",
        ),
    ):
        yield f"traceparent {garbage[:12]!r}", [(b"traceparent", garbage)]
    for media_type in (
        *(
            b"",
            b";",
            b"text/plain",
            b"application/json; charset=utf-16",
            b"application/JSON",
            b"\xff",
        ),
        *(
            b"application/x-www-form-urlencoded",
            b"multipart/form-data; boundary=x",
            b"a/b/c",
            b"json",
        ),
        *(
            b"application/problem+json",
            b"application/json, text/plain",
            b"*/*",
            b"application/" + b"x" * 900,
        ),
    ):
        yield f"Content-Type {media_type[:24]!r}", [(b"Content-Type", media_type)]
    for encoding in (b"gzip", b"deflate", b"br", b"identity", b"x" * 300):
        yield f"Content-Encoding {encoding[:8]!r}", [(b"Content-Encoding", encoding)]
    for key in (
        b"",
        b"Bearer",
        b"Bearer ",
        b"Basic Og==",
        b"Bearer \xff\xfe",
        b"bearer  x",
        b"B" * 9000,
    ):
        yield f"Authorization {key[:12]!r}", [(b"Authorization", key)]
    yield "a hundred headers", [(b"X-%d" % number, b"1") for number in range(100)]
    yield "two end users", [(b"X-End-User", b"ann"), (b"X-End-User", b"bob")]
    yield "two keys", [(b"Authorization", b"Bearer one"), (b"Authorization", b"Bearer two")]
    yield "a name in odd case", [(b"x-eNd-uSeR", b"ann")]
    yield "a name that is none", [(b"X End User", b"ann")]
    yield "an empty name", [(b"", b"ann")]


def framings(head: bytes, good: bytes) -> Iterator[NamedBytes]:
    """Whole requests on the wire whose length is not what they say; `head` ends in a line."""
    size = b"%x\r\n" % len(good)
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    length = b"Content-Length: %d\r\n"
    yield "chunks of one byte", chunked + b"".join(b"1\r\n%c\r\n" % c for c in good) + b"0\r\n\r\n"
    yield "chunk extensions", chunked + size.replace(b"\r", b";a=b\r") + good + b"\r\n0\r\n\r\n"
    yield "trailers", chunked + size + good + b"\r\n0\r\nX-End-User: ann\r\n\r\n"
    yield "a chunk that is no number", chunked + b"zz\r\n" + good + b"\r\n0\r\n\r\n"
    yield "a chunk of minus one", chunked + b"-1\r\n" + good + b"\r\n0\r\n\r\n"
    yield "a chunk of a million digits", chunked + b"f" * 1_000_000 + b"\r\n"
    yield "a chunk larger than all there is", chunked + b"ffffffffffffffff\r\n" + good
    yield "a chunk that is longer than it says", chunked + b"3\r\n" + good + b"\r\n0\r\n\r\n"
    yield "both lengths", head + length % 3 + chunked[len(head) :] + size + good + b"\r\n0\r\n\r\n"
    yield "two lengths", head + length % 3 + length % 20 + b"\r\n" + good
    yield "a length of minus one", head + b"Content-Length: -1\r\n\r\n" + good
    yield "a length of letters", head + b"Content-Length: abc\r\n\r\n" + good
    yield "a length with a plus", head + b"Content-Length: +20\r\n\r\n" + good
    yield "a length of many digits", head + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + good
    yield "a length that is too short", head + length % 5 + b"\r\n" + good
    yield "no length at all", head + b"\r\n" + good
    yield "another transfer coding", head + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + good
    yield "a chunked that is not quite", head + b"Transfer-Encoding: xchunked\r\n\r\n" + good
    yield "a request line that is none", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    yield "HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "HTTP/0.9", b"GET /healthz\r\n\r\n"
    yield "a method that is none", head.replace(b"POST", b"P\xffST", 1) + b"\r\n"
    yield "a target that is none", head.replace(b" /", b" \x01/", 1) + b"\r\n"
    yield "an address with odd bytes", head.replace(b"/v1/", b"/v1/%00%ff%2e%2e/", 1) + b"\r\n"
    yield "a long address", head.replace(b"/v1/", b"/v1/" + b"x" * 60_000, 1) + b"\r\n"
    yield (
        "another host",
        head.replace(b"Host: x", b"Host: a\xff, b", 1) + length % 20 + b"\r\n" + good,
    )
