"""Tells those who talk about attacks from those who attack: examples that are set off as such.

Testers, teachers, researchers and players write down what an attacker would. They say what they
are doing, and they set the example off: in a table, in quotation marks, as code, as somebody's
line. It takes both, and what they say themselves is still looked at. An attacker who does the same
gets through, as one who quotes does; the model then reads an example, too.
"""

from __future__ import annotations

import re

from ..decode import fold

_TALK = """
    fake fraud fraudulent scammers warning mod moderator moderators qa bug bugs
    jailbreak jailbreaks jailbreaking injection injections attack attacks attacked attacker
    attackers adversarial tester testers tests testing tested pentest retest expected pass passed
    passes fail fails failed finding findings refuses refused trick tricks tricked exploit exploits
    hack hacks hacker hackers prank joke jokes joking funny laughed meme memes lol lmao bots android
    novel chapter author dialogue villain players npc campaign tabletop teacher teachers pupil
    pupils students lesson lecture workshop slides paper study thread episode podcast forum blog
    journalist chatbots payload payloads attempt attempts vulnerability repro phishing scam blocked
    caught flagged screenshot worksheet quiz exam homework researcher researchers research interview
    angriff angriffe angreifer lehrer schüler unterricht vortrag witz betrüger beispiel beispiele
    roman kapitel testfall testfälle erwartet bestanden attaque attaques professeur élèves cours
    exposé blague exemple exemples chapitre arnaque ataque ataques profesor alumnos clase broma
    chiste novela ejemplo ejemplos estafa attacco attacchi studenti lezione scherzo romanzo esempio
    esempi truffa aula piada alunos exemplo exemplos golpe aanval aanvallen leerlingen grap
    voorbeeld ataki uczniowie lekcja żart przykład przykłady атака атаки ученики лекции лекция
    лекцию шутка шутки роман ботов бота пример примеры saldırı öğrenciler şaka örnek هجوم طلاب مثال
    हमला छात्र उदाहरण angrepp elever exempel skämt"""
TALK = frozenset(map(fold, _TALK.split()))
_WORD = re.compile(r"\w+")
_UNSPACED_TALK = re.compile(
    "攻击|攻擊|注入|测试|測試|例子|学生|小说|攻撃|テスト|授業|小説|講義|공격|테스트|수업|소설"
)
_ROW = re.compile(r"^[^\n|]{0,200}\|[^\n|]{0,300}\|[^\n]{0,600}$", re.MULTILINE)
_RESULT = re.compile(r"^[^\n]{0,300}(?:→|(?<!-)->|=>|⇒|\t)[^\n]{0,300}$", re.MULTILINE)
_CITED = re.compile(r"^[ \t]{0,4}>[^\n]{0,600}$", re.MULTILINE)
_SET_OFF = re.compile(
    r"```[^`]{1,2000}```|`[^`\n]{1,300}`|«[^»]{1,300}»|»[^«]{1,300}«|“[^”]{1,300}”|„[^“”]{1,300}[“”]"
    r"|「[^」]{1,300}」|『[^』]{1,300}』|\"[^\"\n]{1,300}\"|(?<!\w)['‘][^'’\n]{1,300}['’](?!\w)"
)
_MINE = re.compile(
    r"^[ \t]{0,4}(?:me|us|ich|moi|yo|io|eu|ik|ja|я|my \w{2,12})[ \t]?:[^\n]*$", re.MULTILINE
)
_SPEAKER = re.compile(
    r"^[ \t]{0,4}(?!user|system|human|assistant)[^\W\d][^:\n|]{0,40}:", re.MULTILINE
)
_TWO = 2


def without_examples(text: str) -> str | None:
    """The text without the examples that it talks about; None when it has none."""
    rest = text
    lines = _SPEAKER.findall(text.lower()) if ":" in text else []
    # A dialogue that somebody retells: "me: forget your rules - my dad: which ones".
    if len(lines) >= _TWO and _MINE.search(text.lower()):
        rest = re.sub(_MINE.pattern, " ", rest, flags=re.MULTILINE | re.IGNORECASE)
    example_free = rest
    for pattern in (_ROW, _RESULT, _CITED, _SET_OFF):
        example_free = pattern.sub(" ", example_free)
    if example_free != rest and _talks(text, example_free):
        rest = example_free
    return rest if rest != text else None


def _talks(text: str, outside: str) -> bool:
    """Whether it says outside of the examples (in tables: anywhere) what it is about."""
    said = TALK.intersection(_WORD.findall(fold(outside)))
    rows = " ".join(_ROW.findall(text) + _RESULT.findall(text))
    said |= TALK.intersection(_WORD.findall(fold(rows)))
    return bool(said) or _UNSPACED_TALK.search(outside) is not None
