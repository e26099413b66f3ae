"""Keys, tokens and passwords: by a provider's prefix, by the word before them, by their form."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from ..spans import Span
from .folding import lowered
from .spans import PLACEHOLDER, SECRET, resolved

# Each pattern is matched where its first letters were found by `str.find`, which costs next to
# nothing on text without them. Quantifiers are possessive (`++`): no text makes them go back.
_TAIL = r"[A-Za-z0-9_\-]"
_LEAST_TAIL = {  # prefixes as providers document them, and how much follows at least
    "aw_": 30,  # the keys of this service's own callers, as `playbook keys` makes them
    **dict.fromkeys(("sk-", "sk_", "pk-", "pk_", "rk_"), 16),  # OpenAI, Anthropic, Stripe, ...
    **dict.fromkeys(("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"), 30),
    **dict.fromkeys(("glpat-", "gldt-", "glrt-"), 16),
    **dict.fromkeys(("xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxr-", "xoxs-", "xapp-"), 10),
    **dict.fromkeys(("AIza", "ya29.", "GOCSPX-"), 24),
    **dict.fromkeys(("hf_", "gsk_", "r8_", "xai-", "nvapi-", "pplx-"), 20),
    **dict.fromkeys(("npm_", "pypi-", "dckr_pat_", "rubygems_", "PMAK-", "hvs.", "figd_"), 20),
    **dict.fromkeys(("dop_v1_", "shpat_", "shpss_", "whsec_", "sq0atp-", "sq0csp-"), 20),
    **dict.fromkeys(("glsa_", "sntrys_", "lin_api_", "phc_", "ATATT3", "EAACEdEose0cBA"), 20),
}
_PREFIXED = (
    *((p, re.compile(rf"{re.escape(p)}{_TAIL}{{{n},}}+")) for p, n in _LEAST_TAIL.items()),
    ("AKIA", re.compile(r"AKIA[0-9A-Z]{16}(?![0-9A-Za-z])")),
    ("ASIA", re.compile(r"ASIA[0-9A-Z]{16}(?![0-9A-Za-z])")),
    ("SG.", re.compile(r"SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+")),
    ("eyJ", re.compile(r"eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?", re.ASCII)),  # JWT, RFC 7519
)
_SHORTEST = 15  # characters without a space between them: a prefix and its least tail
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
    r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)"
)
# RFC 3986, 3.2.1: user and password before the host; a long user alone is a token.
_USERINFO = re.compile(r"://([^\s/@:\[\]]{0,128}+:[^\s/@\[\]]{1,256}+|[^\s/@:\[\]]{16,256}+)@")

_WORDS = (  # the beginning of each word that a password or key follows, in six languages
    *("pass", "pwd", "kennwort", "contrase", "senha", "wachtwoord", "parola d"),
    *("key", "token", "secret", "bearer", "authorization", "pin"),
)
_BEFORE_KEY = re.compile(r"(?:api|access|account|auth|encryption|private|secret|signing)[ _-]?$")
_VALUE = re.compile(
    r"(?P<word>[a-z_ß-ÿ']{0,24}+)(?:[ -]?(?:code|id|value))?\\?[\"']?"
    r"(?P<how>\s{0,3}+(?::=|=>|[:=])\s{0,3}+|\s(?:is|was|ist|war|lautet|est|es|è|é)(?:\s?:)?\s)"
    r"\\?[\"'`„“«]?(?P<scheme>(?:basic|bearer|token|digest)\s{1,4}+)?"
    r"(?P<value>(?:[^\s\"'`,;<>\\]|\\(?![\"'])){3,512}+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"bearer\s{1,4}+(?P<value>[a-z0-9._~+/=-]{16,}+)", re.IGNORECASE)
_REFERENCE = re.compile(  # what stands in code and documents in a value's place
    r"\$?\{|\$\(|\$[A-Z_]+\b|%\w+%|[*•xX.…_-]+$|\w[\w.]*[(\[]|(?:none|null|true|false|undefined)\b",
    re.IGNORECASE,
)
# "passed: 240" and "passengers: 3" are no passwords, "max_tokens: 400" is no token.
_ENDING = {"pass": re.compile(r"(?:(?:word|wort|wd|phrase|code)s?|e)?(?:_\w*)?", re.IGNORECASE)}
_SENTENCE_GOES_ON = re.compile(r"[ \t]+\w")
_PASSWORDS = ("pass", "pwd", "kennwort", "contrase", "senha", "wachtwoord", "parola d")
_LEAST_ENTROPY = 3.0  # bits a character: English words have less in 16 characters, random hex 3.3


class Secrets:
    """Finds what opens a door."""

    def find(self, text: str) -> list[Span]:
        """Keys, tokens, passwords, private keys, credentials in addresses."""
        spans = [*_prefixed(text)] if max(map(len, text.split()), default=0) >= _SHORTEST else []
        if "-----BEGIN" in text:
            spans += [Span(*m.span(), SECRET) for m in _PRIVATE_KEY.finditer(text)]
        if "://" in text:
            spans += [Span(m.start() + 3, m.end() - 1, SECRET) for m in _USERINFO.finditer(text)]
        spans += _after_words(text)
        return resolved(spans) if spans else spans


def _prefixed(text: str) -> Iterator[Span]:
    for prefix, pattern in _PREFIXED:
        at = text.find(prefix)
        while at >= 0:
            end = at + len(prefix)
            # A run of such characters is looked at once, from its beginning.
            if at == 0 or not (text[at - 1].isalnum() or text[at - 1] in "_-"):
                match = pattern.match(text, at)
                if match and (prefix not in _LEAST_TAIL or _looks_random(match[0][len(prefix) :])):
                    yield Span(*match.span(), SECRET)
                end = match.end() if match else end
            at = text.find(prefix, end)


def _looks_random(tail: str) -> bool:
    """Not words with hyphens between them, such as a class name."""
    return any(c.isdigit() for c in tail) or (tail.lower() != tail != tail.upper())


def _after_words(text: str) -> Iterator[Span]:
    lower = lowered(text)
    for word in _WORDS:
        at = lower.find(word)
        while at >= 0:
            after = at + len(word)
            match = _value_after(text, lower, word, at, after)
            if match is not None:
                yield Span(*match.span("value"), SECRET)
                after = match.end()
            at = lower.find(word, after)


def _value_after(text: str, lower: str, word: str, at: int, after: int) -> re.Match[str] | None:
    if word == "bearer" and (match := _BEARER.match(text, at)):
        return match if _entropy(match["value"]) >= _LEAST_ENTROPY else None
    if word == "key" and not _BEFORE_KEY.search(lower[max(0, at - 12) : at]):
        return None
    if word == "pin" and at and lower[at - 1].isalpha():
        return None
    match = _VALUE.match(text, after)
    return match if match and _is_value(text, word, match) else None


def _is_value(text: str, word: str, match: re.Match[str]) -> bool:
    """Whether a value follows, not the rest of a sentence about passwords, or a name in code."""
    value, how = match["value"], match["how"]
    if PLACEHOLDER.match(value) or _REFERENCE.match(value):
        return False
    bare = value.rstrip(".!?):]")
    if word in _PASSWORDS:
        ending = _ENDING.get(word)
        if (ending and not ending.fullmatch(match["word"])) or len(bare) < 3:
            return False
        if "=" in how or not bare.replace("-", "").isalpha():
            return True
        return ":" in how and _SENTENCE_GOES_ON.match(text, match.end("value")) is None
    if match["word"]:
        return False
    if word == "pin":
        return bare.isdigit() and 4 <= len(bare) <= 8
    if word == "authorization" and match["scheme"] is not None:
        return len(bare) >= 8
    return len(bare) >= 6 and (
        any(character.isdigit() for character in bare)
        or (len(bare) >= 16 and bare.isalnum() and _entropy(bare) >= _LEAST_ENTROPY)
    )


def _entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    value = value[:256]
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
