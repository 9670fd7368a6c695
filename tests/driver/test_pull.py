"""CRDs from a server on loopback, from folders, and what of that is refused; nothing half-done is left."""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from tests.check.test_given import SPEC, crd, whole
from tests.driver.fleets import Run, inside
from tests.driver.tree.trees import content

from fleetc.catalogue import crd_pins
from fleetc.catalogue.components import components
from fleetc.catalogue.crd_pins import PinnedFile, Release
from fleetc.cli.main import main
from fleetc.driver import fetch
from fleetc.driver.crds import read_crds
from fleetc.driver.fetch import Got, Wanted, from_site

ONE = crd().data
TWO = crd(whole({**SPEC, "required": []})).data.replace(b"Thing", b"Other")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PATH = f"acme/things/{COMMIT}"


def pinned(path: str, data: bytes, kind: str) -> PinnedFile:
    return PinnedFile(path, (f"tests.example {kind}",), len(data), hashlib.sha256(data).hexdigest())


RELEASE = Release(
    "jobset", "v0.12.0", "2026-01-31", f"https://site.example/{PATH}/",
    (pinned("crds/one.yaml", ONE, "Thing"), pinned("crds/two.yaml", TWO, "Other")),
)  # fmt: skip
ANSWERS = {f"/{PATH}/crds/one.yaml": ONE, f"/{PATH}/crds/two.yaml": TWO}
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's table: bytes, or what to do."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path)
        found = self.server.answers.get(self.path)
        if callable(found):
            found(self)
        elif found is None:
            self.send_error(404)
        else:
            self.whole(found)

    def whole(self, data: bytes, said: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data) if said is None else said))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, bytes | Answer] = dict(ANSWERS)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetch, "_PAUSES", (0.0, 0.0))
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet with one cluster whose only component is the one that is pinned."""
    monkeypatch.setattr(crd_pins, "releases", lambda: (RELEASE,))
    (tmp_path / "fleet/specs").mkdir(parents=True)
    for kind, spec in {
        "Fleet": {"organisation": "tests", "environments": ["dev"]},
        "Cluster": {"kubernetes": "1.35", "provider": "kind", "environment": "dev", "components": {"jobset": "0.12.0"}},
    }.items():
        doc = {"apiVersion": "fleetc/v1alpha1", "kind": kind, "metadata": {"name": "one"}, "spec": spec}
        (tmp_path / f"fleet/specs/{kind}.yaml").write_text(yaml.safe_dump(doc))
    return tmp_path / "fleet"


def pull(root: Path, *words: str) -> Run:
    # `inside` puts --root behind the first word, where `schema` has an action.
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["schema", "pull", "--root", str(root), *words])
    return Run(status, out.getvalue(), err.getvalue())


def crds(root: Path) -> dict[str, bytes]:
    return {name: data for name, data in content(root).items() if name.startswith("crds")}


def test_what_is_needed_is_fetched_once(root: Path, server: Server) -> None:
    ran = pull(root, "--from", server.url)
    assert (ran.status, ran.err) == (0, "")
    assert "2 files of 1 releases in crds" in ran.out
    found = crds(root)
    assert set(found) == {"crds/INDEX.tsv", "crds/jobset-v0.12.0/one.yaml", "crds/jobset-v0.12.0/two.yaml"}
    assert found["crds/jobset-v0.12.0/one.yaml"] == ONE
    given = read_crds([str(root / "crds")])
    assert given is not None
    assert [c.kind for c in given.of("tests.example", "Other")] == ["Other"]
    assert inside(root, "check").out.count("crds  crds\n") == 1
    server.asked.clear()
    assert "0; 2 were there" in pull(root, "--from", server.url).out
    assert server.asked == []
    (root / "crds/jobset-v0.12.0/two.yaml").unlink()
    assert "1; 1 were there" in pull(root, "--from", server.url).out
    assert server.asked == [f"/{PATH}/crds/two.yaml"]
    assert crds(root) == found


def redirect(to: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def status(code: int) -> Answer:
    return lambda handler: handler.send_error(code)


def cut(handler: Handler) -> None:
    handler.whole(ONE[:10], said=len(ONE))
    handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "code", "why", "times"),
    [
        (status(404), "FLT905", "the server says 404", 1),
        (status(503), "FLT905", "the server says 503", 3),
        (status(429), "FLT905", "the server says 429", 3),
        (cut, "FLT905", "the answer ends after", 3),
        (ONE[:-1], "FLT905", "the answer ends after", 3),
        (ONE[:-1] + b"x", "FLT906", "another file than the pinned one", 1),
        (ONE + b"x", "FLT906", "another file than the pinned one", 1),
        (redirect("http://127.0.0.1:1/x"), "FLT907", "which is not https", 1),
        (redirect("file:///etc/passwd"), "FLT905", "not allowed", 1),
        (redirect("ftp://a.example/x"), "FLT907", "which is not https", 1),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_left(
    answer: bytes | Answer, code: str, why: str, times: int, root: Path, server: Server
) -> None:
    server.answers[f"/{PATH}/crds/one.yaml"] = answer
    ran = pull(root, "--from", server.url)
    assert ran.status == 2
    assert code in ran.err
    assert why in ran.err
    assert "jobset-v0.12.0/one.yaml" in ran.err
    assert server.asked.count(f"/{PATH}/crds/one.yaml") == times
    assert crds(root) == {}


def test_all_failures_are_told_in_one_run(root: Path, server: Server) -> None:
    server.answers = {f"/{PATH}/crds/one.yaml": ONE + b"x"}
    ran = pull(root, "--from", server.url, "--output", "json")
    assert sorted(d["code"] for d in ran.data()["diagnostics"]) == ["FLT905", "FLT906"]


def test_a_failure_that_passes_is_tried_again(root: Path, server: Server) -> None:
    def once(handler: Handler) -> None:
        server.answers[handler.path] = ONE
        handler.send_error(503)

    server.answers[f"/{PATH}/crds/one.yaml"] = once
    assert pull(root, "--from", server.url).status == 0


def test_redirects_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "safe_redirect", lambda _: True)
    server.answers = {"/a": redirect("/b"), "/b": redirect("/a"), "/c": redirect("/d"), "/d": ONE}
    for n in range(20):
        server.answers[f"/n{n}"] = redirect(f"/n{n + 1}")
    circle, chain, one = from_site([wanted(server, "/a"), wanted(server, "/n0"), wanted(server, "/c")])
    assert (circle.data, chain.data, one.data) == (None, None, ONE)
    assert "sends in a circle" in circle.why
    assert "sends in a circle" in chain.why


def wanted(server: Server, path: str, data: bytes = ONE) -> Wanted:
    return Wanted(server.url + path, (), len(data), hashlib.sha256(data).hexdigest())


def test_a_server_that_says_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT", 0.05)
    free = threading.Event()

    def silent(_: Handler) -> None:
        free.wait(5)

    server.answers = {"/slow": silent}
    (got,) = from_site([wanted(server, "/slow")])
    free.set()
    assert got.data is None
    assert "timed out" in got.why or "TimeoutError" in got.why


def test_a_server_that_drips(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PATIENCE", -1.0)
    (got,) = from_site([wanted(server, f"/{PATH}/crds/one.yaml")])
    assert "it takes more than" in got.why


def test_where_nobody_answers_not_every_file_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetch, "AT_ONCE", 1)
    waits: list[float] = []
    gone = [Wanted(f"http://127.0.0.1:1/{n}", (), 1, "0" * 64) for n in range(50)]
    got = from_site(gone, waits.append)
    assert [g.data for g in got] == [None] * 50
    assert len(waits) == fetch.TRIES - 1
    told = list(fetch.told(got[1:], lambda w: w.url))
    assert len(told) == 2
    assert "48 more files" in told[1].message
    assert all("nobody answers" in d.message for d in told)


@pytest.mark.parametrize("place", ["jobset-v0.12.0/{}", f"{PATH}/crds/{{}}", "crds/{}"])
def test_from_a_folder(place: str, root: Path, tmp_path: Path) -> None:
    for name, data in (("one.yaml", ONE), ("two.yaml", TWO)):
        path = tmp_path / "mirror" / place.format(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert pull(root, "--from", str(tmp_path / "mirror")).status == 0
    (tmp_path / "mirror" / place.format("two.yaml")).write_bytes(b"other")
    assert pull(root, "--from", str(tmp_path / "mirror"), "--to", str(tmp_path / "new")).err.count("FLT906") == 1
    assert not (tmp_path / "new").exists()


def test_from_a_folder_with_an_index(root: Path, tmp_path: Path, server: Server) -> None:
    assert pull(root, "--from", server.url, "--to", str(tmp_path / "mirror")).status == 0
    (tmp_path / "mirror/jobset-v0.12.0/one.yaml").rename(tmp_path / "mirror/renamed.yaml")
    index = tmp_path / "mirror/INDEX.tsv"
    index.write_text(index.read_text().replace("\tjobset-v0.12.0/one.yaml", "\trenamed.yaml"))
    assert pull(root, "--from", str(tmp_path / "mirror")).status == 0


@pytest.mark.parametrize(
    ("source", "code"), [("ftp://a.example", "FLT907"), ("file:///tmp", "FLT907"), ("gone", "FLT902")]
)
def test_sources_that_are_none(source: str, code: str, root: Path) -> None:
    ran = pull(root, "--from", source)
    assert (ran.status, code in ran.err) == (2, True)


def test_what_a_user_put_there_stays(root: Path, server: Server) -> None:
    """A CRD of one's own in the folder and its index stays; an edited copy of a pinned one is not lost."""
    assert pull(root, "--from", server.url).status == 0
    own = root / "crds/own/thing.yaml"
    own.parent.mkdir()
    own.write_bytes(ONE + b"# mine\n")
    index = root / "crds/INDEX.tsv"
    row = "mine\tv1\t\t\t\town/thing.yaml\ttests.example\tMine\tNamespaced\tv1\tv1\t\t1\t"
    index.write_text(f"{index.read_text()}{row}{hashlib.sha256(own.read_bytes()).hexdigest()}\n")
    before = crds(root)
    assert pull(root, "--from", server.url).status == 0
    assert {name: sorted(data.splitlines()) for name, data in crds(root).items()} == {
        name: sorted(data.splitlines()) for name, data in before.items()
    }
    edited = root / "crds/jobset-v0.12.0/one.yaml"
    edited.write_bytes(b"edited")
    ran = pull(root, "--from", server.url)
    assert (ran.status, "FLT908" in ran.err) == (2, True)
    assert edited.read_bytes() == b"edited"


def test_what_nothing_needs_any_more_goes(root: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    old = RELEASE._replace(version="v0.11.0")
    monkeypatch.setattr(crd_pins, "releases", lambda: (old,))
    spec = root / "specs/Cluster.yaml"
    assert pull(root, "--from", server.url, "--all").status == 0
    monkeypatch.setattr(crd_pins, "releases", lambda: (old, RELEASE))
    (root / "crds/jobset-v0.11.0/mine.txt").write_text("mine")
    ran = pull(root, "--from", server.url)
    assert "2 that nothing needs any more" in ran.out
    assert set(crds(root)) == {
        "crds/INDEX.tsv", "crds/jobset-v0.12.0/one.yaml", "crds/jobset-v0.12.0/two.yaml",
        "crds/jobset-v0.11.0/mine.txt",
    }  # fmt: skip
    assert spec.exists()


def test_an_index_that_leads_elsewhere_deletes_nothing(root: Path, server: Server) -> None:
    (root / "outside.yaml").write_bytes(ONE)
    assert pull(root, "--from", server.url).status == 0
    index = root / "crds/INDEX.tsv"
    line = index.read_text().splitlines()[1].replace("jobset-v0.12.0/one.yaml", "../outside.yaml")
    index.write_text(f"{index.read_text()}{line}\n")
    assert pull(root, "--from", server.url).status == 0
    assert (root / "outside.yaml").read_bytes() == ONE


def test_a_folder_that_cannot_be_written(root: Path, server: Server) -> None:
    (root / "crds").write_text("a file")
    ran = pull(root, "--from", server.url)
    assert (ran.status, "FLT999" in ran.err) == (2, False)
    assert (root / "crds").read_text() == "a file"


@pytest.mark.parametrize("source", ["http://[x", "https://", "http://a.example:port"])
def test_addresses_that_are_none(source: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_PAUSES", (0.0, 0.0))
    ran = pull(root, "--from", source)
    assert (ran.status, "FLT999" in ran.err) == (2, False), ran.err


def test_what_a_killed_pull_left_goes(root: Path, server: Server) -> None:
    left = root / "crds/jobset-v0.10.0/one.yaml.fleetc-new"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    assert pull(root, "--from", server.url).status == 0
    assert not left.exists()


def test_broken_specs_fetch_nothing(root: Path, server: Server) -> None:
    (root / "specs/Cluster.yaml").write_text("apiVersion: fleetc/v1alpha1\nkind: Cluster\n")
    ran = pull(root, "--from", server.url)
    assert (ran.status, server.asked) == (1, [])


def test_every_release_of_the_catalogue_is_pinned() -> None:
    assert all(crd_pins.release(c.name, v.version) for c in components() for v in c.versions)
    places = [r.place(f) for r in crd_pins.releases() for f in r.files]
    assert len(places) == len(set(places))
    assert sum(len(f.kinds) for r in crd_pins.releases() for f in r.files) == 283
    for release in crd_pins.releases():
        assert release.url.startswith("https://raw.githubusercontent.com/")
        assert len(release.commit) == 40
        assert release.url.endswith(f"/{release.commit}/")


def test_told_of_nothing() -> None:
    assert list(fetch.told([Got(Wanted("u", (), 0, ""), b"")], lambda w: w.url)) == []
    assert from_site([]) == []
