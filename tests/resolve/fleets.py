"""Whole fleets from texts on disk, with the built-in table: what the stages up to the plan say of them."""

from __future__ import annotations

from pathlib import Path

from tests.language.texts import spec, token

from fleetc.diagnostics import Diagnostic
from fleetc.driver.front import Front, front
from fleetc.driver.load import Sources
from fleetc.plan import Plan, plan
from fleetc.resolve import resolve

FLEET = spec("Fleet", "{organisation: acme, environments: [dev, prod]}", "{name: acme}")
A = spec("Cluster", "{kubernetes: '1.35', provider: kind, environment: dev}", "{name: a}")
B = spec("Cluster", "{kubernetes: '1.36', provider: onprem, environment: prod}", "{name: b, labels: {x: v}}")


def team(fields: str = "", name: str = "t") -> str:
    """A team with a namespace of its name."""
    return spec("Team", f"{{namespaces: [{name}]{', ' if fields else ''}{fields}}}", f"{{name: {name}}}")


def manifest(fields: str, name: str = "m", owner: str = "") -> str:
    """A Manifest with a ConfigMap in namespace t."""
    item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: t}}"
    owned = f", team: {owner}" if owner else ""
    return spec("Manifest", f"{{objects: [{item}]{', ' if fields else ''}{fields}}}", f"{{name: {name}{owned}}}")


class Fleet:
    """Specs in files specs/0.yaml and so on."""

    def __init__(self, root: Path, *texts: str) -> None:
        self.texts = {f"specs/{n}.yaml": text for n, text in enumerate(texts)}
        for file, text in self.texts.items():
            (root / file).parent.mkdir(exist_ok=True)
            (root / file).write_text(text, encoding="utf-8")
        self.sources = Sources(root)

    def front(self) -> Front:
        """The documents, and what is wrong with them."""
        return front(self.sources, list(self.texts), {})

    def plan(self) -> tuple[Plan, list[Diagnostic]]:
        """The plan of documents in which nothing is wrong, and what cannot be."""
        read = self.front()
        assert read.diagnostics == []
        world, found = resolve(read.docs, read.table, self.sources.locate)
        assert found == []
        return plan(world, self.sources.locate)

    def found(self) -> list[str]:
        """What is wrong, by the first stage that finds something: code, and what it points to."""
        read = self.front()
        found = read.diagnostics
        if not found:
            world, found = resolve(read.docs, read.table, self.sources.locate)
            found = found or plan(world, self.sources.locate)[1]
        return [f"{d.code.name} {self.at(d)}" for d in found]

    def at(self, diagnostic: Diagnostic) -> str:
        """What a diagnostic points to."""
        span = diagnostic.span
        return token(self.texts[span.file], span) if span is not None and span.file in self.texts else str(span)
