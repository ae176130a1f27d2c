"""Makefiles: what their recipes start, with make's variables, at the exact text."""

from __future__ import annotations

import pytest

from bindlint.facts import Launch, Listener
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import makefile
from bindlint.source import Source

KNOWLEDGE = Knowledge(rules_root())


def listeners(text: str) -> list[tuple[str, str]]:
    facts = [f for f in makefile.read(Source("Makefile", text), KNOWLEDGE) if isinstance(f, Listener)]
    return [(text[f.site.span.start : f.site.span.end], f.address.kind.value) for f in facts]


@pytest.mark.parametrize("name", ["Makefile", "sub/makefile", "GNUmakefile", "rules.mk", "Makefile.dev"])
def test_files_of_make_are_known_by_their_name(name: str) -> None:
    assert makefile.claims(name, b"", KNOWLEDGE)
    assert not makefile.claims("make.py", b"", KNOWLEDGE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("run:\n\tuvicorn app:app --host 0.0.0.0\n", "0.0.0.0"),
        ("run: deps\n\t@uvicorn app:app --host 0.0.0.0 --reload\n", "0.0.0.0"),
        ("run:\n\t-@ uvicorn app:app \\\n\t  --host=0.0.0.0\n", "0.0.0.0"),
        ("run:\n\tcd web && uvicorn app:app --host '0.0.0.0'\n", "'0.0.0.0'"),
        ("HOST = 0.0.0.0 # all\nrun:\n\tuvicorn app:app --host $(HOST)\n", "$(HOST)"),
        ("run:\n\tuvicorn app:app --host ${HOST}\nHOST ?= 0.0.0.0\n", "${HOST}"),
        ("export HOST := 0.0.0.0\nrun:\n\tuvicorn app:app --host $$HOST\n", "$$HOST"),
    ],
)
def test_a_wildcard_in_a_recipe_is_found(text: str, found: str) -> None:
    assert [(site.strip("'"), kind) for site, kind in listeners(text)] == [(found.strip("'"), "wildcard")]


@pytest.mark.parametrize(
    "text",
    [
        "run:\n\tuvicorn app:app --host 127.0.0.1\n",
        "HOST = 127.0.0.1\nrun:\n\tuvicorn app:app --host $(HOST)\n",
        "# uvicorn app:app --host 0.0.0.0\n",
        "run:\n\t@echo 'uvicorn app:app --host 0.0.0.0'\n",
        "run:\n\t# uvicorn app:app --host 0.0.0.0\n",
        "help = uvicorn app:app --host 0.0.0.0\n",
    ],
)
def test_what_starts_nothing_open_is_silent(text: str) -> None:
    assert [kind for _, kind in listeners(text) if kind == "wildcard"] == []


def test_an_undecided_variable_is_unknown() -> None:
    assert [kind for _, kind in listeners("run:\n\tuvicorn app:app --host $(HOST)\n")] == ["unknown"]


def test_the_projects_own_program_is_started() -> None:
    facts = makefile.read(Source("Makefile", "run:\n\tpython main.py --host 0.0.0.0\n"), KNOWLEDGE)
    assert [fact.files for fact in facts if isinstance(fact, Launch)] == [("main.py",)]
