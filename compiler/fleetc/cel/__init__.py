"""CEL as the API server compiles and evaluates it: its types, its functions by Kubernetes minor, its errors.

    program = compile("object.spec.replicas <= 5", {"object": DYN}, "1.35")     # raises CompileError
    match program.evaluate({"object": deployment}):
        case Value(value): ...
        case Failure(text): ...         # an error at run time, which is not `false`
        case Unsupported(reason): ...   # this library cannot tell

A new object's expressions are compiled with `object` as `DYN`, as the server does before it takes them; what it only
warns about is found with the types of `fleetc.check.typed`.
"""

from fleetc.cel.program import (
    CompileError,
    Failure,
    Outcome,
    Problem,
    Program,
    Unsupported,
    UnsupportedError,
    Value,
    compile,  # noqa: A004 - the name of what it does
)
from fleetc.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    listing,
    mapping,
)

__all__ = [
    "BOOL",
    "BYTES",
    "DOUBLE",
    "DURATION",
    "DYN",
    "INT",
    "NULL",
    "STRING",
    "TIMESTAMP",
    "UINT",
    "CompileError",
    "Failure",
    "Outcome",
    "Problem",
    "Program",
    "Type",
    "Unsupported",
    "UnsupportedError",
    "Value",
    "compile",
    "listing",
    "mapping",
]
