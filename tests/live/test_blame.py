"""A spec that is broken on purpose, in a way that only the server sees: the message names the spec line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import acme, inside
from tests.live.blame import blame, nearest
from tests.live.clusters import live

from fleetc.driver.explain import explainer
from fleetc_rehearsal import Refused

SPEC = "specs/manifests/files/deny-external-ips.yaml"


@pytest.mark.live
def test_what_the_server_refuses_is_told_with_its_spec_line(tmp_path: Path) -> None:
    root = acme(tmp_path / "acme")
    text = (root / SPEC).read_text(encoding="utf-8")
    line = 1 + next(n for n, written in enumerate(text.splitlines()) if "externalIPs.size() == 0" in written)
    (root / SPEC).write_text(text.replace("externalIPs.size() == 0", "externalIPs.size() = 0"), encoding="utf-8")
    assert inside(root, "build").status == 0  # CEL is compiled by the server alone.
    with live("hub", root) as made:
        refused = [(o, a) for o, a in zip(made.emitted, made.answers, strict=True) if isinstance(a, Refused)]
    ((one, answer),) = refused
    said = blame(explainer(root), one, answer)
    assert said.splitlines()[0].startswith("golden/hub/platform/manifests/deny-external-ips.yaml:")
    assert "ValidatingAdmissionPolicy deny-external-ips: the server refuses it: 422 Invalid" in said
    assert f"{SPEC}:{line}:" in said


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("", ()),
        ("spec", ("spec",)),
        ("spec.hard[requests.cpu]", ("spec", "hard", "requests.cpu")),
        ("spec.containers[1].image", ("spec", "containers", 1, "image")),
        ("spec.containers[1].args", ("spec", "containers", 1)),
        ("spec.containers[2].image", ("spec", "containers")),
        ("metadata.labels[0]", ("metadata",)),
        ("<nil>", ()),
    ],
)
def test_fields_as_servers_name_them(field: str, path: tuple[str | int, ...]) -> None:
    obj = {
        "metadata": {"name": "a"},
        "spec": {"hard": {"requests.cpu": "1"}, "containers": [{"image": "a"}, {"image": "b"}]},
    }
    assert nearest(obj, field) == path
