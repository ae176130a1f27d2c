"""Compose projects mean to bindlint what they mean to docker compose: the real program is asked each time."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from conformance import fixed, ours, theirs
from conformance.__main__ import compared
from conformance.cases import Case, cases
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bindlint.readers import interpolation, ports
from bindlint.readers.interpolation import OPAQUE, State

pytestmark = pytest.mark.slow
MEASURED = settings(max_examples=6, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
MAX_REFUSED = 4  # of one example: each needs a run of its own

_ADDRESS = st.sampled_from(
    ["127.0.0.1", "0.0.0.0", "[::1]", "[::]", "::1", "::", "10.1.2.3", "[127.0.0.1]", "127.1", "localhost", "*", "",
     "[fe80::1]", "1.2.3.4.5", "01.2.3.4", "::ffff:1.2.3.4", "[::1", "0", "fe80::1%eth0"]
)  # fmt: skip
_PORT = st.one_of(
    st.integers(0, 65_600).map(str),
    st.tuples(st.integers(1, 9_000), st.integers(-2, 4)).map(lambda pair: f"{pair[0]}-{pair[0] + pair[1]}"),
    st.sampled_from(["", "80", "080", "-1", "80-", "8 0", "eighty", "80.0"]),
)
_PROTOCOL = st.sampled_from(["", "", "", "/tcp", "/udp", "/TCP", "/sctp", "/http", "/", "/tcp/udp"])
_ENTRY = st.builds(
    lambda parts, container, protocol: ":".join([*parts, container]) + protocol,
    st.one_of(st.just([]), st.tuples(_PORT).map(list), st.tuples(_ADDRESS, _PORT).map(list)),
    _PORT,
    _PROTOCOL,
)
_TEMPLATE = st.lists(
    st.sampled_from(
        ["$", "${", "}", "S", "E", "U", ":-", "-", ":+", "+", ":?", "?", ":", "a", "1", " ", "$$", "${S}", "$E"]
    ),
    max_size=12,
).map("".join)
_SET = {"S": "set", "E": ""}


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.theme}: {case.title}")
def test_a_project_is_what_compose_makes_of_it(case: Case) -> None:
    assert compared(case) == []


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.theme}: {case.title}")
def test_a_fixed_project_loads_and_is_published_on_loopback_alone(case: Case) -> None:
    assert fixed.compared(case)[1] == []


def test_the_cases_are_many_and_each_is_there_once() -> None:
    titles = [(case.theme, case.title) for case in cases()]
    assert len(titles) == len(set(titles)) >= 250


def project(entries: list[str]) -> dict[str, str]:
    rows = [f"  a{i}: {{image: x, ports: [{json.dumps(entry)}]}}\n" for i, entry in enumerate(entries)]
    return {"compose.yaml": "services:\n" + "".join(rows)}


def both(files: dict[str, str]) -> tuple[theirs.Outcome, theirs.Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        theirs.write(Path(folder), files)
        return theirs.resolved(Path(folder)), ours.resolved(files)


@MEASURED
@given(st.lists(_ENTRY, min_size=30, max_size=60, unique=True))
def test_generated_entries_open_what_compose_opens_or_are_refused_by_both(entries: list[str]) -> None:
    parsed = {entry: ports.parse(entry) for entry in entries}
    good = [entry for entry, found in parsed.items() if isinstance(found, ports.Entry)]
    real, mine = both(project(good))
    assert (real.refused, mine.refused) == ("", "")
    for name, service in real.services.items():
        entry = good[int(name[1:])]
        assert (entry, sorted(mine.services[name].ports)) == (entry, sorted(service.ports))
    for entry in [entry for entry in parsed if entry not in good][:MAX_REFUSED]:
        real, mine = both(project([entry]))
        assert (entry, bool(real.refused), bool(mine.refused)) == (entry, True, True)


@MEASURED
@given(st.lists(_TEMPLATE, min_size=30, max_size=60, unique=True))
def test_generated_references_come_to_what_compose_makes_of_them(templates: list[str]) -> None:
    parts = {template: interpolation.expand(template, _SET) for template in templates}
    bad = {t for t, found in parts.items() if any(p.state is State.INVALID or p.text == OPAQUE for p in found)}
    good = [template for template in parts if template not in bad]
    assert run(good) == [interpolation.join(parts[template]) for template in good]
    for template in sorted(bad)[:MAX_REFUSED]:
        assert (template, run([template])) == (template, None)


def run(templates: list[str]) -> list[str] | None:
    """What compose makes of values of variables; None when it refuses them."""
    rows = "".join(f"      V{i}: {json.dumps(template)}\n" for i, template in enumerate(templates))
    files = {
        "compose.yaml": f"services:\n  a:\n    image: x\n    environment:\n      W: w\n{rows}",
        ".env": "S=set\nE=\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        theirs.write(Path(folder), files)
        real = theirs.resolved(Path(folder))
    if real.refused:
        return None
    return [real.services["a"].environment[f"V{i}"] for i in range(len(templates))]
