"""What `--allow` names: one dangerous change each, or those of one kind in one namespace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.tuples import NamedTuple

VERBS: Final = ("delete", "data", "rbac", "network", "security")
_FORMS: Final = (
    "write VERB:KIND/NAME, VERB:KIND/NAMESPACE/NAME or VERB:KIND/NAMESPACE/*, with @CLUSTER behind it for one cluster; "
    f"VERB is {', '.join(VERBS[:-1])} or {VERBS[-1]}"
)


class Word(NamedTuple):
    """One dangerous thing: the verb, the kind in lower case, a namespace or "", a name, and a cluster ("": any)."""

    verb: str
    kind: str
    namespace: str
    name: str
    cluster: str = ""

    def __str__(self) -> str:
        names = [self.kind, *([self.namespace] if self.namespace else []), *([self.name] if self.name else [])]
        return f"{self.verb}:{'/'.join(names)}{f'@{self.cluster}' if self.cluster else ''}"


def allowed(given: Iterable[str]) -> list[Word]:
    """The words of `--allow`. Raises Failure (FLT903) for all that are not safe or no words at all."""
    words: list[Word] = []
    wrong: list[Diagnostic] = []
    for text in given:
        word = _word(text)
        if isinstance(word, str):
            wrong.append(Diagnostic(codes.BAD_USAGE, f"--allow {text}: {word}", hint=_FORMS))
        else:
            words.append(word)
    if wrong:
        raise Failure(*wrong)
    return words


def covers(allow: Word, word: Word) -> bool:
    """Whether what is allowed is this."""
    return (
        (allow.verb, allow.kind, allow.namespace) == (word.verb, word.kind, word.namespace)
        and allow.name in ("*", word.name)
        and allow.cluster in ("", word.cluster)
    )


def _word(text: str) -> Word | str:
    """A word, or what is wrong with it. A wildcard stands for names of one kind in one namespace: anything wider would
    allow what nobody has looked at."""
    body, at, cluster = text.partition("@")
    verb, colon, rest = body.partition(":")
    parts = rest.split("/")
    if not colon or verb not in VERBS:
        return f"`{verb}` is no verb" if colon else "it has no verb"
    if not all(parts) or len(parts) > 3 or (at and not cluster) or (len(parts) == 1 and rest != "objects"):
        return "it names no object"
    kind, namespace, name = (parts[0], "", "".join(parts[1:])) if len(parts) < 3 else (parts[0], parts[1], parts[2])
    if "*" in kind + namespace + cluster or ("*" in name and (name != "*" or not namespace)):
        return "a wildcard stands for all names of one kind in one namespace, and nothing wider"
    return Word(verb, kind.lower(), namespace, name, cluster)
