"""Which files hold together, and what they mention."""

from __future__ import annotations

import pytest

from fleetc.driver.constraints.read import Mentions, constraints

HEAD = "package fleet\n"


@pytest.mark.parametrize(
    ("text", "fleet", "emitted"),
    [
        ("fleet: teams: [_]: spec: x: 1", {"teams"}, set()),
        ('x: fleet.models.a, y: emitted["HTTPRoute"]["a/b"]', {"models"}, {"HTTPRoute"}),
        ('"fleet": "teams": _', {"teams"}, set()),
        ("for n, m in fleet.models { emitted: Service: (n): _ }", {"models"}, {"Service"}),
        ("fleet: {teams: _}", None, set()),
        ("for kind, found in emitted {x: 1}", set(), None),
        ('x: fleet["\\(y)"]', None, set()),
        ('x: "\\(fleet.teams)"', None, set()),
        ("let f = fleet\nx: f.teams", None, set()),
        ("// fleet and emitted\nx: a.fleet.models", set(), set()),
        ('x: "fleet" + #"emitted.x"#', None, set()),
        ("fleet: [string]: x: 1", None, set()),
    ],
)
def test_mentions(text: str, fleet: set[str] | None, emitted: set[str] | None) -> None:
    found = constraints({"specs/a.cue": HEAD + text}).mentions
    assert found == Mentions(_frozen(fleet), _frozen(emitted))


def _frozen(names: set[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def test_what_two_files_mention_is_joined() -> None:
    found = constraints({"specs/a.cue": "fleet: teams: _", "specs/b.cue": "x: fleet.models"}).mentions
    assert found.fleet == frozenset({"teams", "models"})
    assert constraints({"specs/a.cue": "fleet: teams: _", "specs/b.cue": "x: fleet"}).mentions.fleet is None


def test_what_is_left_out_is_said() -> None:
    found = constraints(
        {
            "specs/a.cue": '// first\n\npackage fleet\nimport (\n\t"list"\n\tl "acme.example/specs/lib@v0"\n)\nx: l.y',
            "specs/b.cue": "x: 1",
            "specs/lib/y.cue": 'package lib\nimport "acme.example/specs/lib/deep:other"\ny: 1',
            "specs/lib/deep/z.cue": "package other\n",
            "specs/stray/z.cue": "package stray\n",
            "specs/c_tool.cue": "package fleet\n",
            "specs/d.cue": "@if(prod)\npackage fleet\n",
            "specs/e.cue": "@ignore()\n\npackage fleet\n",
            "specs/cue.mod/module.cue": 'module: "acme.example/specs"\n',
        }
    )
    assert found.files == ("specs/a.cue", "specs/b.cue")
    assert set(found.left_out) == {"specs/stray/z.cue", "specs/c_tool.cue", "specs/d.cue", "specs/e.cue"}
    assert found.embedding == {}


def test_what_embeds_other_files_is_found() -> None:
    text = '@experiment(x)\n@extern(embed)\npackage fleet\nx: _ @embed(file="y.json")\n'
    assert constraints({"specs/a.cue": text}).embedding == {"specs/a.cue": 2}
