"""Hand-written objects that an API server accepts: the ground that the mutations stand on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent

OBJECTS: tuple[dict[str, Any], ...] = tuple(yaml.safe_load_all((HERE / "objects.yaml").read_text()))
"""One object of each kind."""

THOROUGH: tuple[dict[str, Any], ...] = tuple(yaml.safe_load_all((HERE / "thorough.yaml").read_text()))
"""Objects of many fields, several of some kinds."""
