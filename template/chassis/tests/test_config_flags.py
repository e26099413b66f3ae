"""A flag document is checked whole, and what passes works in flagd's own evaluator."""

from __future__ import annotations

import copy
import json
from typing import Any, NamedTuple

import configs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext

from chassis.config import ConfigError, FlagsError, validate_flags

RELEASES = ("triage-v1", "triage-v2")
GOOD = json.loads(configs.FLAGS)


def told(text: str) -> str:
    with pytest.raises(FlagsError) as caught:
        validate_flags(text, RELEASES)
    return str(caught.value)


def with_targeting(rule: Any, flag: str = "ai_enabled") -> str:
    document = copy.deepcopy(GOOD)
    document["flags"][flag]["targeting"] = rule
    return json.dumps(document)


def test_a_document_that_is_right_is_given_back_as_it_is() -> None:
    assert validate_flags(configs.FLAGS, RELEASES) == GOOD


class Mistake(NamedTuple):
    """One place made wrong, and what is said about it."""

    name: str
    right: str
    wrong: str
    said: str


MISTAKES = [
    Mistake(
        "a comma too many",
        '"defaultVariant": "v1",',
        '"defaultVariant": "v1",,',
        "config/flags.json:12\n"
        "  Not valid JSON at column 30: expecting property name enclosed in double quotes. A "
        "comma is left over, or a name is not in double quotes.",
    ),
    Mistake(
        "a number that is none",
        '"off": false',
        '"off": NaN',
        "config/flags.json\n  Not valid JSON: NaN is not a number.",
    ),
    Mistake(
        "a key that is there twice",
        '      "defaultVariant": "on",\n',
        '      "defaultVariant": "on",\n      "defaultVariant": "off",\n',
        "config/flags.json:7  flags.ai_enabled.defaultVariant\n"
        "  This key is here twice, first in line 6. Keep one of them.",
    ),
    Mistake(
        "a misspelt key",
        '"defaultVariant": "on"',
        '"defaultVarient": "on"',
        "config/flags.json:6  flags.ai_enabled.defaultVarient\n"
        "  defaultVarient is not known here. Did you mean defaultVariant? Known: state, "
        "variants, defaultVariant, targeting, metadata.",
    ),
    Mistake(
        "a state nobody knows",
        '"state": "ENABLED",\n      "variants": {"on"',
        '"state": "enabled",\n      "variants": {"on"',
        "config/flags.json:4  flags.ai_enabled.state\n"
        '  "enabled" is not one of ENABLED, DISABLED. Did you mean "ENABLED"?',
    ),
    Mistake(
        "no kill switch",
        '"ai_enabled": {',
        '"ai_enabld": {',
        "config/flags.json:2  flags\n"
        '  The flag "ai_enabled" is missing. Is it ai_enabld? Without it the AI cannot be '
        'switched off. Add it with the variants "on": true and "off": false.',
    ),
    Mistake(
        "a kill switch that is skipped",
        '"state": "ENABLED",\n      "variants": {"on"',
        '"state": "DISABLED",\n      "variants": {"on"',
        "config/flags.json:4  flags.ai_enabled.state\n"
        "  This flag has to be ENABLED. The AI could not be switched off. To switch it off, "
        'set defaultVariant to "off".',
    ),
    Mistake(
        "a kill switch that cannot be switched off",
        '"off": false',
        '"off": true',
        "config/flags.json:5  flags.ai_enabled.variants\n"
        "  No variant is false. The kill switch needs both.",
    ),
    Mistake(
        "a kill switch of words",
        '"on": true, "off": false',
        '"on": "true", "off": "false"',
        "config/flags.json:5  flags.ai_enabled.variants.on\n"
        '  The kill switch is true or false, without quotes; this is "true".\n'
        "config/flags.json:5  flags.ai_enabled.variants.off\n"
        '  The kill switch is true or false, without quotes; this is "false".',
    ),
    Mistake(
        "a default that is no variant",
        '"defaultVariant": "v1"',
        '"defaultVariant": "triage-v1"',
        "config/flags.json:12  flags.release.defaultVariant\n"
        '  "triage-v1" is not a variant of this flag. Variants: v1, v2.',
    ),
    Mistake(
        "no default",
        '      "defaultVariant": "v1",\n',
        "",
        "config/flags.json:9  flags.release.defaultVariant\n  This is missing. Name one of v1, v2.",
    ),
    Mistake(
        "no release",
        '"release": {',
        '"releases": {',
        "config/flags.json:2  flags\n"
        '  The flag "release" is missing. Is it releases? Without it no release is live. Add '
        "it with one variant for each release.",
    ),
    Mistake(
        "a release there is not",
        '"triage-v2"',
        '"triage-v3"',
        "config/flags.json:11  flags.release.variants.v2\n"
        '  There is no release "triage-v3". Did you mean triage-v2? Releases in '
        "releases.yaml: triage-v1, triage-v2.",
    ),
    Mistake(
        "a variant without a value",
        '"v2": "triage-v2"',
        '"v2": null',
        "config/flags.json:11  flags.release.variants\n"
        "  The variants are of different types; the values of a flag are all of one type.\n"
        "config/flags.json:11  flags.release.variants.v2\n"
        "  There is no release null. Releases in releases.yaml: triage-v1, triage-v2.",
    ),
    Mistake(
        "a bucket that is no variant",
        '["v2", 5]',
        '["triage-v2", 5]',
        "config/flags.json:16  flags.release.targeting.fractional[1][0]\n"
        '  "triage-v2" is not a variant of this flag. Variants: v1, v2.',
    ),
    Mistake(
        "a weight in quotes",
        '["v2", 5]',
        '["v2", "5"]',
        "config/flags.json:16  flags.release.targeting.fractional[1][1]\n"
        '  "5" is not a weight: expected a whole number, such as 5.',
    ),
    Mistake(
        "a weight below nothing",
        '["v2", 5]',
        '["v2", -5]',
        "config/flags.json:16  flags.release.targeting.fractional[1][1]\n"
        "  -5 is not a weight: expected a whole number, such as 5.",
    ),
    Mistake(
        "a merge left undone",
        '{\n  "flags": {',
        '<<<<<<< before updating\n{\n  "flags": {',
        "config/flags.json:1\n"
        "  A merge left a conflict here. Keep one of the two sides, delete the markers.",
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_shown_at_its_line_with_what_to_do(mistake: Mistake) -> None:
    assert configs.FLAGS.count(mistake.right) == 1
    assert told(configs.FLAGS.replace(mistake.right, mistake.wrong)) == mistake.said


RULES: list[tuple[str, Any, str]] = [
    (
        "an operator nobody knows",
        {"iff": [True, "on", "off"]},
        '"iff" is not an operator. Did you mean if? Without it the rule has no effect.',
    ),
    (
        "an attribute no request has",
        {"if": [{"==": [{"var": "organization"}, "acme"]}, "off"]},
        'No request has "organization". Did you mean organisation?',
    ),
    (
        "an answer in a nested rule that is no variant",
        {"if": [{"var": "user"}, {"if": [{"var": "organisation"}, "of"]}, "on"]},
        '"of" is not a variant of this flag. Did you mean off? Variants: on, off.',
    ),
    (
        "a comparison for an answer",
        {"==": [{"var": "organisation"}, "acme"]},
        'This answers true or false, which are no variants. Wrap it: {"if": [{"==": ...}, "on"]}.',
    ),
    (
        "two operators in one rule",
        {"if": [True, "on"], "or": []},
        "A rule has one operator; this has 2: if, or.",
    ),
    (
        "a rule that is shared but not there",
        {"if": [{"$ref": "our_staff"}, "off"]},
        'There is no "our_staff" in $evaluators.',
    ),
    (
        "a weight that is a fraction",
        {"fractional": [["on", 0.5], ["off", 0.5]]},
        "0.5 is not a weight: expected a whole number, such as 5.",
    ),
    (
        "weights that are all nothing",
        {"fractional": [["on", 0], ["off", 0]]},
        "The weights are all 0: nobody gets a variant. Give one of them a weight.",
    ),
    (
        "a list for an answer",
        {"if": [{"var": "user"}, ["off"]]},
        '["off"] is not a variant of this flag. Variants: on, off.',
    ),
    (
        "a rule that answers a list",
        {"missing": ["user"]},
        "missing answers a list, and a variant is needed.",
    ),
    ("no buckets", {"fractional": [{"var": "user"}]}, "Expected buckets of a variant and a weight"),
    (
        "a bucket without brackets",
        {"fractional": [["on", 1], "off"]},
        'Expected a variant and a weight, such as ["v2", 5].',
    ),
]


@pytest.mark.parametrize(("name", "rule", "said"), RULES, ids=[rule[0] for rule in RULES])
def test_a_rule_that_would_have_no_effect_is_refused(name: str, rule: Any, said: str) -> None:
    assert said in told(with_targeting(rule)), name


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"if": [{"in": [{"var": "user"}, ["a", "b"]]}, "off"]},
        {"if": [{"ends_with": [{"var": ["organisation", ""]}, ".test"]}, "off", "on"]},
        {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "user"}]}, ["on", 9], ["off"]]},
        {"if": [{"some": [["acme"], {"==": [{"var": ""}, "acme"]}]}, "off", None]},
        {"if": [{"var": "user"}, {"fractional": [["on", 1], ["off", 1]]}]},
        {"if": [{">": [{"var": "$flagd.timestamp"}, 1800000000]}, "off"]},
    ],
)
def test_the_rules_people_write_are_taken(rule: Any) -> None:
    assert validate_flags(with_targeting(rule), RELEASES)


def test_a_shared_rule_is_followed_to_its_answers() -> None:
    document = copy.deepcopy(GOOD)
    document["$evaluators"] = {"staff": {"if": [{"var": "user"}, "offf"]}}
    document["flags"]["ai_enabled"]["targeting"] = {"$ref": "staff"}
    assert '"offf" is not a variant of this flag. Did you mean off?' in told(json.dumps(document))
    document["$evaluators"] = {"staff": {"if": [{"vra": "user"}, "off"]}}
    assert '"vra" is not an operator. Did you mean var?' in told(json.dumps(document))
    document["$evaluators"] = {"staff": {"if": [{"var": "user"}, "off"]}}
    assert validate_flags(json.dumps(document), RELEASES)


def test_a_rule_that_refers_to_itself_ends() -> None:
    document = copy.deepcopy(GOOD)
    document["$evaluators"] = {"a": {"$ref": "b"}, "b": {"$ref": "a"}}
    document["flags"]["ai_enabled"]["targeting"] = {"$ref": "a"}
    with pytest.raises(FlagsError):
        validate_flags(json.dumps(document), RELEASES)


def test_lines_are_found_in_a_document_indented_with_tabs() -> None:
    text = json.dumps(GOOD, indent="\t").replace('"defaultVariant": "on"', '"defaultVariant": "o"')
    assert told(text).startswith("config/flags.json:9  flags.ai_enabled.defaultVariant\n")


def test_what_was_valid_before_is_untouched_by_the_try_in_flagd() -> None:
    given_back = validate_flags(configs.FLAGS, RELEASES)
    assert given_back["flags"]["release"]["defaultVariant"] == "v1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["if", "fractional", "var", "$ref", "=="]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=15,
)


@given(st.text() | JSON.map(json.dumps))
def test_no_text_does_more_harm_than_a_mistake_that_is_told(text: str) -> None:
    with pytest.raises(ConfigError):
        validate_flags(text, RELEASES)


VARIANTS = st.sampled_from(["on", "off", "maybe", None, True, 3])
CONDITIONS = st.sampled_from(
    [{"var": "user"}, {"==": [{"var": "organisation"}, "acme"]}, True, {"in": ["a", "abc"]}]
)
RULE = st.recursive(
    VARIANTS,
    lambda inner: (
        st.tuples(CONDITIONS | JSON, inner, inner).map(lambda args: {"if": list(args)})
        | st.lists(inner, min_size=1, max_size=3).map(lambda args: {"or": args})
        | st.lists(st.tuples(inner, st.integers(-1, 9)).map(list), min_size=1, max_size=3).map(
            lambda args: {"fractional": args}
        )
        | JSON
    ),
    max_leaves=8,
)


@given(RULE, st.text(max_size=9), st.sampled_from(["acme", ""]))
def test_what_is_taken_answers_every_user_without_an_error(
    rule: Any, user: str, organisation: str
) -> None:
    text = with_targeting(rule)
    try:
        document = validate_flags(text, RELEASES)
    except FlagsError:
        return
    core = FlagdCore()
    core.set_flags(document)
    context = EvaluationContext(user, {"user": user, "organisation": organisation})
    assert core.resolve_boolean_value("ai_enabled", True, context).value in (True, False)
