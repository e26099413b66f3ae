"""Which language an input is in: told for sentences, not guessed for scraps, and noted for all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.language import UNKNOWN, observed
from chassis.testing import ServiceUnderTest

SENTENCES = {
    "en": "I have not been able to sign in since this morning, and nobody answers the phone.",
    "de": "Ich kann mich seit heute Morgen nicht mehr anmelden, und es geht niemand ans Telefon.",
    "fr": "Je ne peux plus me connecter depuis ce matin et personne ne répond au téléphone.",
    "es": "No puedo entrar en mi cuenta desde esta mañana y nadie contesta al teléfono.",
    "it": "Da questa mattina non riesco più ad accedere e nessuno risponde al telefono.",
    "pt": "Não consigo entrar na minha conta desde esta manhã e ninguém atende o telefone.",
    "nl": "Ik kan sinds vanochtend niet meer inloggen en er neemt niemand de telefoon op.",
    "sv": "Jag kan inte logga in sedan i morse och det är ingen som svarar när jag ringer.",
    "pl": "Od rana nie mogę się zalogować i nikt nie odbiera, kiedy do was dzwonię.",
    "tr": "Bu sabahtan beri hesabıma giremiyorum ve kimse telefona cevap vermiyor, çok kötü.",
    "ru": "Скажите, когда можно будет войти: уже с утра ничего не работает, что нам делать?",
    "ar": "لا أستطيع الدخول إلى حسابي منذ هذا الصباح ولا أحد يرد على الهاتف.",
    "ja": "今朝からログインできません。電話にも誰も出ません。",
    "ko": "오늘 아침부터 로그인이 안 되고 아무도 전화를 받지 않습니다.",
    "zh": "从今天早上起我就无法登录，电话也没有人接。",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_tells_its_language(language: str) -> None:
    assert observed([SENTENCES[language]]) == language


@pytest.mark.parametrize("scrap", ["", "123 456", "refund pls", "ERR_42 :: 0x7f", "¿?!"])
def test_a_scrap_is_not_guessed_at(scrap: str) -> None:
    assert observed([scrap]) == UNKNOWN


@given(texts=st.lists(st.text()))
def test_any_text_gives_a_tag(texts: list[str]) -> None:
    assert observed(texts).isalpha()


async def test_log_and_metric_name_the_language(service: ServiceUnderTest) -> None:
    """PLAYBOOK 2.8: what drift of the input is read from."""
    await service.post({"text": SENTENCES["de"]})
    assert service.lines("ai_call")[-1]["language"] == "de"
    assert service.metric("airworthy_input_languages_total", language="de") == 1
