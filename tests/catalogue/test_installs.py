"""How components are installed: one exact version of a chart or of a folder for each version of a component."""

from __future__ import annotations

import re

import pytest

from fleetc.catalogue.components import component_names, components
from fleetc.catalogue.installs import Chart, Folder, brought_by, install_names, install_of

NOT_KNOWN = {
    "aibrix",
    "cluster-api",
    "falco-operator",
    "grafana-operator",
    "kaito",
    "kserve",
    "kubeflow",
    "kubeflow-notebooks-v1",
    "llm-d-router",
    "sigstore-policy-controller",
    "spire-controller-manager",
    "volcano",
}
"""Components whose install nobody has looked up, or that no one chart or folder installs."""


def test_each_component_has_an_install_or_is_listed() -> None:
    brought = {name for name in component_names() if brought_by(name)}
    assert set(install_names()) <= set(component_names())
    assert set(component_names()) - set(install_names()) - brought == NOT_KNOWN
    assert not NOT_KNOWN & brought


def test_each_known_version_is_pinned() -> None:
    for component in components():
        for version in component.versions:
            install = install_of(component.name, version.version)
            assert (install is not None) == (component.name in install_names()), component.name
            assert install == install_of(component.name, version.version.removeprefix("v")) or install is None
            if install is not None and isinstance(install.source, Chart):
                assert re.fullmatch(r"v?\d+\.\d+\.\d+", install.source.version)
                assert re.fullmatch(r"(https://)?[a-z0-9.-]+(/[a-z0-9-]+)*", install.source.repository)
            if install is not None and isinstance(install.source, Folder):
                assert re.fullmatch(r"v\d+\.\d+\.\d+", install.source.revision)
                assert install.source.repository.startswith("https://github.com/")


@pytest.mark.parametrize(
    ("name", "version", "chart"),
    [
        ("kueue", "0.18.3", Chart("registry.k8s.io/kueue/charts", "kueue", "0.18.3")),
        ("cert-manager", "v1.21.1", Chart("quay.io/jetstack/charts", "cert-manager", "v1.21.1")),
        ("kyverno", "1.19.0", Chart("https://kyverno.github.io/kyverno", "kyverno", "3.9.0")),
    ],
)
def test_charts(name: str, version: str, chart: Chart) -> None:
    install = install_of(name, version)
    assert install is not None
    assert install.source == chart


def test_of_what_is_not_known_nothing_is_said() -> None:
    assert install_of("kueue", "0.1.0") is None  # older than the table
    assert install_of("kyverno", "1.19.7") is None  # not in the index of charts
    assert install_of("karpenter", "1.14.1") is None
    assert brought_by("karpenter") == ("karpenter-provider-aws",)


def test_values_are_a_tree() -> None:
    install = install_of("cert-manager", "1.21.1")
    assert install is not None
    assert install.values == {"crds": {"enabled": True}}
    kueue = install_of("kueue", "0.19.2")
    assert kueue is not None
    assert kueue.values == {}


def test_how_a_chart_is_pulled() -> None:
    oci = Chart("registry.k8s.io/kueue/charts", "kueue", "0.19.2")
    assert oci.oci
    assert oci.pull == "oci://registry.k8s.io/kueue/charts/kueue --version 0.19.2"
    https = Chart("https://kedacore.github.io/charts", "keda", "2.20.2")
    assert https.pull == "keda --repo https://kedacore.github.io/charts --version 2.20.2"
    assert https.file == "keda-2.20.2.tgz"
