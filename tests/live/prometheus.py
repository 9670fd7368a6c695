"""A Prometheus on loopback that has series which a test made, and answers for a moment in them."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from fleetc_rehearsal.finder import binary

START = 1_799_992_800
"""Where blocks of two hours begin."""
STEP = 15
MINUTES = 40
NOW = START + MINUTES * 60


class Series(NamedTuple):
    """A series: `value` of a gauge, or how much a counter grows in a second."""

    name: str
    labels: Mapping[str, str]
    value: float
    grows: bool

    def lines(self) -> Iterator[str]:
        """Its samples in OpenMetrics."""
        labels = ",".join(f"{key}={json.dumps(value)}" for key, value in self.labels.items())
        for second in range(0, MINUTES * 60 + 1, STEP):
            value = self.value * second if self.grows else self.value
            yield f"{self.name}{{{labels}}} {value!r} {START + second}"


def gauge(name: str, labels: Mapping[str, str], value: float) -> Series:
    return Series(name, labels, float(value), False)


def counter(name: str, labels: Mapping[str, str], rate: float) -> Series:
    return Series(name, labels, float(rate), True)


class Sample(NamedTuple):
    """A value of a query's answer."""

    labels: Mapping[str, str]
    value: float


class Server:
    """One that answers."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready", timeout=2) as answer:
                return int(answer.status) == 200
        except OSError:
            return False

    def query(self, expr: str) -> list[Sample]:
        """What an expression is at the end of the series."""
        words = urllib.parse.urlencode({"query": expr, "time": NOW}).encode()
        try:
            with urllib.request.urlopen(f"{self._url}/api/v1/query", words, timeout=30) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expr}: {error.read().decode()}") from None
        assert found["data"]["resultType"] == "vector", expr
        return [Sample(one["metric"], float(one["value"][1])) for one in found["data"]["result"]]


@contextmanager
def serving(series: Iterable[Series], folder: Path) -> Generator[Server]:
    """A Prometheus with these series."""
    text, data = folder / "series.txt", folder / "data"
    lines = [line for one in series for line in one.lines()]
    text.write_text("\n".join([*lines, "# EOF", ""]), encoding="utf-8")
    words = [str(binary("promtool")), "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (folder / "prometheus.yaml").write_text("{}\n", encoding="utf-8")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(binary("prometheus")), f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=100y", "--log.level=error",
    ]  # fmt: skip
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            server, until = Server(port), time.monotonic() + 60
            while not server.is_ready():
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.1)
            yield server
        finally:
            process.terminate()
