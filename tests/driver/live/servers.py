"""An API server as far as `fleetc diff --live` needs one: discovery, lists by label, single objects; it only reads."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from fleetc.driver.live.read import identity_of

TOKEN: Final = "let-me-in"
_PAGE: Final = 3


class Fake:
    """What the server has, and what it was asked. `forbidden`: plurals that are 403; `unserved`: API versions that it
    does not know; `busy`: how many requests are told to come back."""

    def __init__(self, objects: Iterable[Mapping[str, Any]]) -> None:
        self.objects: list[dict[str, Any]] = [json.loads(json.dumps(obj)) for obj in objects]
        self.asked: list[tuple[str, str]] = []
        self.forbidden: set[str] = set()
        self.unserved: set[str] = set()
        self.busy = 0
        self.token = TOKEN
        self.url = ""

    def find(self, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        """An object."""
        return next(o for o in self.objects if identity_of(o)[1:] == (kind, namespace, name))

    def answer(self, target: str) -> tuple[int, Any]:
        """Status and body."""
        split = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        _, root, *rest = split.path.split("/")
        version, rest = (rest[0], rest[1:]) if root == "api" else ("/".join(rest[:2]), rest[2:])
        here = [o for o in self.objects if o["apiVersion"] == version]
        if version in self.unserved:
            return 404, {"message": "the server could not find the requested resource"}
        if not rest:
            kinds = {o["kind"]: "namespace" in o["metadata"] for o in here}
            served = [{"name": plural(k), "kind": k, "namespaced": n, "verbs": ["get"]} for k, n in kinds.items()]
            return 200, {"resources": [*served, {"name": "pods/log", "kind": "Pod", "namespaced": True}]}
        namespace = rest[1] if rest[0] == "namespaces" and len(rest) > 2 else ""
        resource, *name = rest[2:] if namespace else rest
        if resource in self.forbidden:
            return 403, {"message": f"{resource} is forbidden"}
        here = [o for o in here if plural(o["kind"]) == resource]
        if not name:
            return 200, _page(here, query)
        found = [o for o in here if identity_of(o)[2:] == (namespace, name[0])]
        return (200, found[0]) if found else (404, {"message": "not found"})


def _page(objects: list[dict[str, Any]], query: Mapping[str, str]) -> Any:
    wanted = [pair.split("=") for pair in query.get("labelSelector", "").split(",") if pair]
    found = [o for o in objects if all((o["metadata"].get("labels") or {}).get(k) == v for k, v in wanted)]
    start = int(query.get("continue", "0"))
    more = {"continue": str(start + _PAGE)} if start + _PAGE < len(found) else {}
    items = [{k: v for k, v in o.items() if k not in ("apiVersion", "kind")} for o in found[start : start + _PAGE]]
    return {"metadata": more, "items": items}


def plural(kind: str) -> str:
    """The plural of a kind, as Kubernetes makes it."""
    small = kind.lower()
    if small.endswith("y"):
        return f"{small[:-1]}ies"
    return f"{small}es" if small.endswith(("s", "x", "ch")) else f"{small}s"


@contextmanager
def serving(fake: Fake) -> Generator[Fake]:
    """Serve on loopback until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            super().handle_one_request()
            if getattr(self, "command", None):
                fake.asked.append((self.command, self.path))

        def do_GET(self) -> None:
            if self.headers["Authorization"] != f"Bearer {fake.token}":
                status, body = 401, {"message": "Unauthorized"}
            elif fake.busy:
                fake.busy -= 1
                status, body = 429, {"message": "come back"}
            else:
                status, body = fake.answer(self.path)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_kubeconfig(file: Path, servers: Mapping[str, str], user: Mapping[str, Any] | None = None) -> Path:
    """A kubeconfig with a context for each server; the first one is current."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": next(iter(servers)),
        "clusters": [{"name": name, "cluster": {"server": url}} for name, url in servers.items()],
        "users": [{"name": "ada", "user": user if user is not None else {"token": TOKEN}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "ada"}} for name in servers],
    }
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
