"""How a server ends: it takes no new requests, answers those that it has, and then stops."""

from __future__ import annotations

from typing import Final

from fleetc.catalogue.engines import Release

GRACE: Final = 660
"""Seconds that a pod has to end: the hook below, and a minute for the engine itself."""
_NOTICED: Final = 15
"""Until every proxy and gateway has seen that the pod is no endpoint any more: then it gets no new requests."""
_MOST: Final = 585
"""How long answers may take from then on."""

# Engines end running requests when they are told to stop, so they are told when nothing runs any more. What they say of
# themselves is the only account of that. Where it cannot be read the engine is gone already, and the hook ends.
_WAIT: Final = """\
import os, re, sys, time, urllib.request
time.sleep({noticed})
end = time.monotonic() + {most}
count = re.compile(r"^(?:{names})(?:{{.*}})? (\\S+)", re.M)
while time.monotonic() < end:
    page = urllib.request.urlopen(os.path.expandvars(sys.argv[1]), timeout=10).read().decode()
    if not sum(map(float, count.findall(page))):
        break
    time.sleep(2)
"""


def wait(release: Release, *, leader: bool) -> list[str]:
    """The command that waits until no request runs or waits; other nodes of a group ask the one that has requests."""
    names = "|".join((release.metrics["running"], release.metrics["waiting"]))
    script = _WAIT.format(noticed=_NOTICED, most=_MOST, names=names)
    host = "127.0.0.1" if leader else "${LWS_LEADER_ADDRESS}"
    return ["python3", "-c", script, f"http://{host}:{release.port}{release.metrics_path}"]
