"""The report as JUnit XML, for the test views of GitLab, Azure and others."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from playbook.evals.reports import wording
from playbook.verdicts import Code

GATE = "gate"
_PROPERTIES = ("release", "model", "prompt_sha256", "dataset_sha256", "mode", "only")


def text(report: Mapping[str, Any], *, show_held_out: bool = False) -> str:
    """One suite a slice and one test a case; the gate's decision is the first test.

    A wrong case is a failure. A case that got no answer to judge is an error, and so is a gate
    that could not decide: neither says that the service is worse.
    """
    slices: dict[str, list[Mapping[str, Any]]] = {}
    for case in report["cases"]:
        slices.setdefault(case["slice"], []).append(case)
    suites = [_gate(report)]
    for number, (name, cases) in enumerate(slices.items(), start=1):
        tests = [_case(case, show_held_out) for case in cases]
        seconds = sum(case["seconds"] for case in cases)
        suites.append(_suite(name, number, tests, seconds, report))
    root = Element("testsuites", name=f"evals of {wording.visible(report['release'])}")
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    root.extend(suites)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _gate(report: Mapping[str, Any]) -> Element:
    verdict = report["verdict"]
    test = Element("testcase", name="decision", classname=GATE, time="0.000")
    said = wording.verdict_line(report)
    if verdict["code"] != Code.MET:
        kind = "failure" if verdict["code"] == Code.NOT_MET else "error"
        SubElement(test, kind, message=said, type=verdict["status"]).text = said
    return _suite(GATE, 0, [test], 0.0, report)


def _suite(
    name: str, number: int, tests: Sequence[Element], seconds: float, report: Mapping[str, Any]
) -> Element:
    suite = Element("testsuite", name=name, id=str(number), package="evals", hostname="localhost")
    suite.set("timestamp", report["made_at"][:19])
    suite.set("tests", str(len(tests)))
    for count, kind in (("failures", "failure"), ("errors", "error")):
        suite.set(count, str(sum(test.find(kind) is not None for test in tests)))
    suite.set("time", f"{seconds:.3f}")
    properties = SubElement(suite, "properties")
    for key in _PROPERTIES:
        value = report.get(key)
        _property(properties, key, "" if value is None else str(value))
    _property(properties, "git_sha", report["git"]["sha"] or "")
    row = next((row for row in report["measured"]["rows"] if row["name"] == name), None)
    if row is None and name == GATE:
        row = report["measured"]["all"]
    if row is not None and row["target"] is not None:
        _property(properties, "target", f"{row['target']:g}")
    suite.extend(tests)
    SubElement(suite, "system-out")
    SubElement(suite, "system-err")
    return suite


def _property(properties: Element, name: str, value: str) -> None:
    SubElement(properties, "property", name=name, value=wording.visible(value))


def _case(case: Mapping[str, Any], show_held_out: bool) -> Element:
    test = Element("testcase", name=wording.visible(case["id"]), classname=case["slice"])
    test.set("time", f"{case['seconds']:.3f}")
    if case["unjudged"] is not None:
        why = wording.visible(f"no answer to judge: {case['unjudged']}")
        detail = wording.visible(str(case["detail"] or case["unjudged"]))
        SubElement(test, "error", message=why, type="infrastructure").text = detail
    elif not case["right"]:
        critical = "critical: " if case["critical"] else ""
        failure = SubElement(test, "failure", type=wording.kind(case))
        if wording.hidden(case, show_held_out):
            failure.set("type", "wrong")
            failure.set("message", f"{critical}{wording.HIDDEN}")
        else:
            expected, got = wording.values(case["expected"]), wording.got(case)
            failure.set("message", f"{critical}expected {expected}; got {got}")
            sent = wording.excerpt(case["input"], 400)
            failure.text = f"sent     {sent}\nexpected {expected}\ngot      {got}"
    return test
