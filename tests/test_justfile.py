"""Justfiles: what their recipes start, with just's variables and parameters, at the exact text."""

from __future__ import annotations

import pytest
from projects import told

from bindlint.facts import Listener
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import justfile
from bindlint.source import Source

KNOWLEDGE = Knowledge(rules_root())


def listeners(text: str) -> list[tuple[str, str]]:
    facts = [f for f in justfile.read(Source("justfile", text), KNOWLEDGE) if isinstance(f, Listener)]
    return [(text[f.site.span.start : f.site.span.end], f.address.kind.value) for f in facts]


@pytest.mark.parametrize("name", ["justfile", "Justfile", ".justfile", "web/justfile", "ci.just"])
def test_files_of_just_are_known_by_their_name(name: str) -> None:
    assert justfile.claims(name, b"", KNOWLEDGE)
    assert not justfile.claims("justfile.md", b"", KNOWLEDGE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("run:\n  uvicorn app:app --host 0.0.0.0\n", "0.0.0.0"),
        ("# serve it\n@run *args: deps\n    @uvicorn app:app --host 0.0.0.0 {{ args }}\n", "0.0.0.0"),
        ("run:\n\t-uvicorn app:app \\\n\t  --host=0.0.0.0\n", "0.0.0.0"),
        ('host := "0.0.0.0"\nrun:\n  uvicorn app:app --host {{host}}\n', "{{host}}"),
        ("run host='0.0.0.0' port='80':\n  uvicorn app:app --host {{ host }} --port {{port}}\n", "{{ host }}"),
        ('host := env_var_or_default("HOST", "0.0.0.0")\nrun:\n  uvicorn app:app --host {{host}}\n', "{{host}}"),
        ("run:\n  #!/usr/bin/env bash\n  HOST=0.0.0.0\n  uvicorn app:app --host $HOST\n", "$HOST"),
    ],
)
def test_a_wildcard_in_a_recipe_is_found(text: str, found: str) -> None:
    assert listeners(text) == [(found, "wildcard")]


@pytest.mark.parametrize(
    "text",
    [
        "run:\n  uvicorn app:app --host 127.0.0.1\n",
        "# run:\n#  uvicorn app:app --host 0.0.0.0\n",
        "run:\n  #!/usr/bin/env python\n  print('uvicorn app:app --host 0.0.0.0')\n",
        "run:\n  echo uvicorn app:app --host 0.0.0.0\n",
        'host := "0.0.0.0"\nrun host="127.0.0.1":\n  uvicorn app:app --host {{host}}\n',
    ],
)
def test_what_binds_loopback_or_nothing_is_silent(text: str) -> None:
    assert all(kind == "loopback" for _, kind in listeners(text))


def test_a_recipe_makes_and_runs_an_image() -> None:
    files = {
        "Dockerfile": 'FROM python\nCMD ["uvicorn", "app:app", "--host", "0.0.0.0"]\n',
        "justfile": "tag := 'shop'\nbuild:\n  docker build -t {{tag}} .\nrun: build\n  docker run -p 80:8000 {{tag}}\n",
    }

    assert told(files) == [("justfile", "wildcard", "80:8000")]
