"""Rules on admission webhooks and policies (pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

from typing import Final

from fleetc.check.rules.access import Found, Map, at, exactly_one, items, problem, strings
from fleetc.source.span import Path

_REVIEWS: Final = ("v1", "v1beta1")
_WILD: Final = ("apiGroups", "apiVersions", "operations")


def policy(obj: Map) -> Found:
    """ValidatingAdmissionPolicy: it matches something, and says something of it."""
    spec = at(obj, "spec")
    constraints = at(spec, "matchConstraints")
    path: Path = ("spec", "matchConstraints")
    if isinstance(spec.get("matchConstraints"), dict) and not constraints.get("resourceRules"):
        yield problem((*path, "resourceRules"), "is required")
    for index, rule in items(constraints, "resourceRules"):
        yield from _wildcards(rule, (*path, "resourceRules", index))
    if spec and not spec.get("validations") and not spec.get("auditAnnotations"):
        yield problem(("spec", "validations"), "needs an item, here or in `auditAnnotations`")
    yield from _twice(spec, "auditAnnotations", "key", ("spec",))


def webhooks(obj: Map) -> Found:
    """ValidatingWebhookConfiguration and MutatingWebhookConfiguration."""
    for index, hook in items(obj, "webhooks"):
        here: Path = ("webhooks", index)
        if isinstance(hook.get("clientConfig"), dict):
            yield from exactly_one(hook["clientConfig"], ("url", "service"), (*here, "clientConfig"), "a client")
        url = at(hook, "clientConfig").get("url")
        if isinstance(url, str) and not _is_https(url):
            yield problem((*here, "clientConfig", "url"), f"`{url}` is not an https URL without query and fragment")
        versions = strings(hook, "admissionReviewVersions")
        if versions and not any(version in _REVIEWS for version in versions):
            yield problem((*here, "admissionReviewVersions"), f"needs one of {', '.join(_REVIEWS)}")
        if len(set(versions)) < len(versions):
            yield problem((*here, "admissionReviewVersions"), "has an item twice")
        for number, rule in items(hook, "rules"):
            yield from _wildcards(rule, (*here, "rules", number))


def _is_https(url: str) -> bool:
    scheme, slashes, rest = url.partition("://")
    host = rest.partition("/")[0]
    return bool(slashes) and scheme == "https" and bool(host) and not {"@", "?", "#"} & set(rest)


def _wildcards(rule: Map, path: Path) -> Found:
    """A `*` stands for all others, and by itself."""
    for field in _WILD:
        found = strings(rule, field)
        if "*" in found and len(found) > 1:
            yield problem((*path, field), "`*` takes no other item beside it")
    found = strings(rule, "resources")
    if "*/*" in found and len(found) > 1:
        yield problem((*path, "resources"), "`*/*` takes no other item beside it")


def _twice(value: Map, field: str, key: str, path: Path) -> Found:
    seen: dict[str, int] = {}
    for index, item in items(value, field):
        name = item.get(key)
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            yield problem((*path, field, index, key), f"`{name}` is that of item {seen[name]} too")
