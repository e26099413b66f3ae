"""`playbook guards personal`: it measures the engine that the service's own config names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Greenhouse


def test_it_measures_the_services_engine_and_reports(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("guards", "personal", "--rows", "1", "--seed", "4")
    assert (ran.code, ran.err) == (0, ""), ran.err
    assert ran.out.startswith("light · seed 4 · 1 letters a kind and language")
    assert "national-number" in ran.out


def test_an_unknown_country_is_a_mistake_in_the_file(greenhouse: "Greenhouse") -> None:
    file = greenhouse.root / "config" / "guardrails.yaml"
    file.write_text(file.read_text("utf-8") + "personal_data: {phone_regions: [UK]}\n", "utf-8")
    ran = greenhouse.playbook("guards", "personal", "--rows", "1")
    assert ran.code == 2
    assert "UK is no country of ISO 3166 with telephone numbers" in ran.err
