"""The table of codes: one line each. Each has a page in docs/diagnostics, which is executed as a test.

FLT1xx specs (from FLT101 their YAML, from FLT120 their content), FLT2xx references, FLT3xx planning, FLT4xx policy, FLT5xx emitted objects,
FLT6xx output tree, FLT9xx environment.
"""

from __future__ import annotations

from fleetc.diagnostics.model import Code, Severity

CODES: dict[str, Code] = {}


def _code(code: str, name: str, title: str, severity: Severity = Severity.ERROR) -> Code:
    got = CODES[code] = Code(code, name, title, severity)
    return got


INVALID_YAML = _code("FLT101", "invalid_yaml", "the file is not YAML 1.2")
DUPLICATE_KEY = _code("FLT102", "duplicate_key", "a mapping has one key twice")
AMBIGUOUS_SCALAR = _code("FLT103", "ambiguous_scalar", "YAML readers disagree on this value")
TAB_INDENTATION = _code("FLT104", "tab_indentation", "a tab is used as indentation")
ALIAS_BOMB = _code("FLT105", "alias_bomb", "aliases expand to far more than was written")
TOO_DEEP = _code("FLT106", "too_deep", "values are nested too deeply")
TOO_LARGE = _code("FLT107", "too_large", "the file is too large")
NOT_UTF8 = _code("FLT108", "not_utf8", "the file is not UTF-8")
OUTSIDE_ROOT = _code("FLT109", "outside_root", "a file lies outside the root")
UNSUPPORTED_YAML = _code("FLT110", "unsupported_yaml", "a YAML feature that specs do not use")
NOT_A_SPEC = _code("FLT111", "not_a_spec", "the document is not a fleetc spec")
