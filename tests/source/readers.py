"""The readers of YAML that ours is held against: PyYAML for YAML 1.1, ruamel.yaml for 1.2."""

from __future__ import annotations

from typing import Any, Final

import yaml
from ruamel.yaml import YAML


def yaml_1_1(text: str) -> Any:
    return yaml.load(text, Loader=yaml.SafeLoader)


_RUAMEL: Final = YAML(typ="safe", pure=True)


def yaml_1_2(text: str) -> Any:
    return _RUAMEL.load(text)


def same(one: Any, other: Any) -> bool:
    """Equal with the same types, the same order of keys and the same sign of zero."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return repr(one) == repr(other)
