"""Whether a label selector matches labels."""

from __future__ import annotations

from fleetc.check.rules.access import Map, at, items, strings


def matches(selector: Map, labels: Map) -> str | None:
    """None when a selector matches, else the first requirement that does not, in words."""
    if not selector:
        return None
    for name, value in at(selector, "matchLabels").items():
        if labels.get(name) != value:
            return f"{name} is {labels[name]}, not {value}" if name in labels else f"{name} is missing"
    for _, item in items(selector, "matchExpressions"):
        name, operator = str(item.get("key")), item.get("operator")
        values, found = strings(item, "values"), labels.get(str(item.get("key")))
        fits = {
            "In": found in values,
            "NotIn": found not in values,
            "Exists": name in labels,
            "DoesNotExist": name not in labels,
        }
        if not fits.get(str(operator), True):
            return f"{name} {operator} {', '.join(values)}".rstrip()
    return None
