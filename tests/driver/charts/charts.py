"""A fleet with one chart, and charts as files."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

BASE: Final = Path(__file__).parents[2] / "cases/base"
CLUSTER: Final = """\
apiVersion: fleetc/v1alpha1
kind: Cluster
metadata: {name: edge}
spec:
  kubernetes: "1.35"
  provider: kind
  environment: dev
  components: {kueue: 0.19.2}
"""
ABOUT: Final = "apiVersion: v2\nname: kueue\nversion: 0.19.2\n"
CONFIG_MAP: Final = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: {{ .Release.Namespace }}
data:
  replicas: {{ .Values.replicas | quote }}
"""


def fleet(folder: Path, values: str = "") -> Path:
    """A fleet of one cluster with Kueue, whose chart has these values."""
    root = folder / "acme"
    (root / "specs/clusters").mkdir(parents=True)
    shutil.copy(BASE / "specs/fleet.yaml", root / "specs")
    (root / "specs/clusters/edge.yaml").write_text(f"{CLUSTER}{values}", encoding="utf-8")
    return root


def chart(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder of charts with Kueue's, unpacked."""
    for name, text in {"Chart.yaml": ABOUT, "values.yaml": "replicas: 1\n", **files}.items():
        path = folder / "kueue" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def archive(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder of charts with Kueue's archive."""
    folder.mkdir()
    with tarfile.open(folder / "kueue-0.19.2.tgz", "w:gz") as made:
        for name, text in {"Chart.yaml": ABOUT, **files}.items():
            about = tarfile.TarInfo(f"kueue/{name}")
            about.size = len(text.encode())
            made.addfile(about, io.BytesIO(text.encode()))
    return folder
