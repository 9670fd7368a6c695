"""CEL tokens to expressions; macros are expanded on the way, as in the server."""

from __future__ import annotations

from typing import Final

from fleetc.cel.lexer import SyntaxProblem, Token, tokens
from fleetc.cel.macros import Macros
from fleetc.cel.tree import Call, Entry, Expression, ListOf, Literal, MapOf, Name, Select
from fleetc.cel.values import Uint

_RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_LEVELS: Final = (("||",), ("&&",), ("<", "<=", ">=", ">", "==", "!=", "in"), ("+", "-"), ("*", "/", "%"))
_LONGEST: Final = 100
"""Of whole numbers: far more digits than any number has that is in its bounds."""
_DEEPEST: Final = 250
"""How deep the server lets expressions be nested."""


def parse(text: str, macros: Macros) -> Expression:
    """An expression. Raises SyntaxProblem."""
    parser = _Parser(list(tokens(text)), macros)
    found = parser.expression()
    if parser.next.kind != "end":
        raise parser.unexpected("<EOF>")
    return found


class _Parser:
    def __init__(self, found: list[Token], macros: Macros) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._macros = macros

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def unexpected(self, wanted: str) -> SyntaxProblem:
        token = self.next
        said = "<EOF>" if token.kind == "end" else str(token.value)
        return SyntaxProblem(token.offset, f"Syntax error: mismatched input '{said}' expecting {wanted}")

    def _take(self, *kinds: str) -> Token | None:
        token = self.next
        if token.kind in kinds:
            self._at += 1
            return token
        return None

    def _need(self, kind: str) -> Token:
        token = self._take(kind)
        if token is None:
            raise self.unexpected("IDENTIFIER" if kind == "name" else f"'{kind}'")
        return token

    def expression(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SyntaxProblem(self.next.offset, f"expression recursion limit exceeded: {_DEEPEST}")
        found = self._binary(0)
        if mark := self._take("?"):
            then = self._binary(0)
            self._need(":")
            found = Call(mark.offset, None, "_?_:_", (found, then, self.expression()))
        self._depth -= 1
        return found

    def _binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        found = self._binary(level + 1)
        while operator := self._take(*_LEVELS[level]):
            name = "@in" if operator.kind == "in" else f"_{operator.kind}_"
            found = Call(operator.offset, None, name, (found, self._binary(level + 1)))
        return found

    def _unary(self) -> Expression:
        token = self.next
        if token.kind not in ("!", "-") or (token.kind == "-" and self._number_follows()):
            return self._member()
        count = 0
        while self.next.kind == token.kind and not (count and token.kind == "-" and self._number_follows()):
            self._at += 1
            count += 1
        below = self._member()
        return Call(token.offset, None, f"{token.kind}_", (below,)) if count % 2 else below

    def _number_follows(self) -> bool:
        return self._tokens[self._at + 1].kind in ("int", "double")

    def _member(self) -> Expression:
        found = self._primary()
        while True:
            if dot := self._take("."):
                found = self._dotted(dot, found)
            elif bracket := self._take("["):
                lenient = self._take("?") is not None
                index = self.expression()
                self._need("]")
                found = Call(bracket.offset, None, "_[?_]" if lenient else "_[_]", (found, index))
            else:
                return found

    def _dotted(self, dot: Token, target: Expression) -> Expression:
        if self._take("?"):
            return Select(dot.offset, target, self._field(), lenient=True)
        if self.next.kind == "name" and self._tokens[self._at + 1].kind == "(":
            name = str(self._need("name").value)
            return self._call(target, name)
        return Select(dot.offset, target, self._field())

    def _field(self) -> str:
        return str(self._need("name").value)

    def _call(self, target: Expression | None, name: str) -> Expression:
        opening = self._need("(")
        arguments: list[Expression] = []
        while self.next.kind != ")":
            arguments.append(self.expression())
            if not self._take(","):
                break
            if self.next.kind == ")":
                raise self.unexpected("an argument")
        self._need(")")
        expanded = self._macros.expand(opening.offset, target, name, tuple(arguments))
        return expanded or Call(opening.offset, target, name, tuple(arguments))

    def _primary(self) -> Expression:
        token = self.next
        if token.kind == "name" or (token.kind == "." and self._tokens[self._at + 1].kind == "name"):
            return self._named()
        self._at += 1
        match token.kind:
            case "(":
                found = self.expression()
                self._need(")")
                return found
            case "[":
                return self._list(token)
            case "{":
                return self._map(token, "")
            case "true" | "false" | "null":
                return Literal(token.offset, {"true": True, "false": False, "null": None}[token.kind])
            case "string" | "bytes":
                return Literal(token.offset, token.value)
            case "-" | "int" | "uint" | "double":
                return self._number(token)
            case _:
                self._at -= 1
                raise self.unexpected("an expression")

    def _number(self, token: Token) -> Expression:
        sign = "-" if token.kind == "-" else ""
        number = token
        if sign:
            number = self.next
            self._at += 1
        text = sign + str(number.value)
        if number.kind == "double":
            value = float(text)
            return Literal(token.offset, value)
        if len(text) > _LONGEST:
            raise SyntaxProblem(token.offset, f"invalid {number.kind} literal")
        whole = int(text.rstrip("uU"), 16 if "0x" in text else 10)
        if number.kind == "uint":
            if whole >= 2**64:
                raise SyntaxProblem(token.offset, "invalid uint literal")
            return Literal(token.offset, Uint(whole))
        if not -(2**63) <= whole < 2**63:
            raise SyntaxProblem(token.offset, "invalid int literal")
        return Literal(token.offset, whole)

    def _named(self) -> Expression:
        start = self.next
        absolute = "." if self._take(".") else ""
        token = self._need("name")
        name = str(token.value)
        message = self._message(name)
        if message:
            return self._map(self._need("{"), absolute + message)
        if name in _RESERVED:
            raise SyntaxProblem(start.offset, f"reserved identifier: {name}")
        if self.next.kind == "(":
            return self._call(None, absolute + name)
        return Name(start.offset, absolute + name)

    def _message(self, first: str) -> str:
        """The name of a message that an object is made of, where one follows; then the `{` is next."""
        names, at = [first], self._at
        while self._tokens[at].kind == "." and self._tokens[at + 1].kind == "name":
            names.append(str(self._tokens[at + 1].value))
            at += 2
        if self._tokens[at].kind != "{":
            return ""
        self._at = at
        return ".".join(names)

    def _list(self, opening: Token) -> Expression:
        items: list[Expression] = []
        optional: set[int] = set()
        while self.next.kind != "]":
            if self._take("?"):
                optional.add(len(items))
            items.append(self.expression())
            if not self._take(","):
                break
        self._need("]")
        return ListOf(opening.offset, tuple(items), frozenset(optional))

    def _map(self, opening: Token, message: str) -> Expression:
        entries: list[Entry] = []
        while self.next.kind != "}":
            lenient = self._take("?") is not None
            key: Expression
            if message:
                field = self._need("name")
                key = Literal(field.offset, field.value)
            else:
                key = self.expression()
            colon = self._need(":")
            entries.append(Entry(colon.offset, key, self.expression(), lenient))
            if not self._take(","):
                break
        self._need("}")
        return MapOf(opening.offset, tuple(entries), message)
