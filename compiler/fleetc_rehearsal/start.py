"""Starting a control plane, and ending it whatever happens."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from fleetc_rehearsal import commands, finder, operators, ready, scratch
from fleetc_rehearsal.client import Client, until
from fleetc_rehearsal.cluster import Cluster
from fleetc_rehearsal.credentials import Credentials, prepare, write_kubeconfig
from fleetc_rehearsal.errors import ServerFailed
from fleetc_rehearsal.interrupts import deferred, unwinding
from fleetc_rehearsal.operators import Operator
from fleetc_rehearsal.servers import Servers

_DRA_BY_DEFAULT: Final = (1, 34)
_APISERVER: Final = "kube-apiserver"
_SCHEDULER: Final = "kube-scheduler"
_CONTROLLERS: Final = "kube-controller-manager"


@dataclass(frozen=True)
class Options:
    """What is started of one Kubernetes minor, such as 1.36."""

    minor: str
    scheduler: bool = False
    controllers: bool = False
    kwok: bool = False
    dra: bool = False
    flags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    operators: Sequence[Operator] = ()

    def arguments(self, server: str) -> list[str]:
        """What a server's command line ends with."""
        major, minor = (int(part) for part in self.minor.split("."))
        out: list[str] = []
        if self.dra and (major, minor) < _DRA_BY_DEFAULT and server.startswith("kube-"):
            out.append(commands.DRA_GATE)
            out += [commands.DRA_API] if server == _APISERVER else []
        return [*out, *self.flags.get(server, ())]


@contextmanager
def control_plane(
    minor: str,
    *,
    crds: Iterable[Mapping[str, Any]] = (),
    scheduler: bool = False,
    controllers: bool = False,
    kwok: bool = False,
    dra: bool = False,
    flags: Mapping[str, Sequence[str]] | None = None,
    operators: Sequence[Operator] = (),
) -> Generator[Cluster]:
    """A control plane of one Kubernetes minor on loopback, ready and with its CRDs; gone afterwards.

    `dra` turns claims of devices on where they are not on by default (1.33). `flags` are more arguments for a server,
    by its name. `operators` are started last; what they make needs `controllers`. Afterwards there is no process and no
    file of it, also after an exception, ^C, SIGTERM or SIGHUP (the last two only in the main thread). After SIGKILL its
    servers die with it, and the next start removes its folder. Any number may run at once.

    Raises MissingTools before anything is started, ServerFailed with the log of a server that does not come up, and
    Refused for a CRD that the server does not take.
    """
    options = Options(minor, scheduler, controllers, kwok, dra, flags or {}, operators)
    _find(options)
    scratch.sweep()
    with unwinding():
        servers: Servers | None = None
        try:
            with deferred():
                servers = Servers()
            cluster = _start(options, servers)
            cluster.apply(crds)
            yield cluster
        except ServerFailed:
            raise
        except Exception as error:
            _blame(error, servers)
            raise
        finally:
            if servers is not None:
                servers.end()


def _find(options: Options) -> None:
    """Raise MissingTools before anything is started."""
    for tool in ["etcd", f"kubernetes-{options.minor}", *(["kwok"] if options.kwok else [])]:
        finder.binary(tool)
    if options.kwok:
        finder.stages()
    for operator in options.operators:
        finder.data(operator.name)


def _start(options: Options, servers: Servers) -> Cluster:
    """Start what is asked for, each when what it needs is ready."""
    kept = prepare(servers.folder)
    name = f"rehearsal-{secrets.token_hex(8)}"
    store, _ = servers.start(
        "etcd",
        lambda ports: commands.etcd(name, servers.folder, ports) + options.arguments("etcd"),
        lambda ports: ready.etcd_is_ready(ports[0], name),
        ports=2,
    )
    (port,) = servers.start(
        _APISERVER,
        lambda ports: commands.apiserver(options.minor, store, ports[0], kept) + options.arguments(_APISERVER),
        lambda ports: ready.is_ready(ports[0], kept.certificate, "/readyz", kept.token),
    )
    write_kubeconfig(kept, port)
    cluster = Cluster(options.minor, Client(port, kept.token, kept.certificate), kept.kubeconfig, servers)
    until(lambda: cluster.client.look("v1", "Namespace", "default"), "namespace default")
    if options.scheduler:
        _start_component(_SCHEDULER, commands.scheduler, options, servers, kept)
    if options.controllers:
        _start_component(_CONTROLLERS, commands.controllers, options, servers, kept)
        # Without it no pod of this namespace is admitted.
        until(lambda: cluster.client.look("v1", "ServiceAccount", "default", "default"), "service account default")
    if options.kwok:
        servers.start(
            "kwok",
            lambda ports: commands.kwok(ports[0], kept) + options.arguments("kwok"),
            lambda ports: ready.answers(ports[0], "/healthz"),
        )
    for operator in options.operators:
        operators.start(operator, cluster)
    return cluster


def _start_component(
    name: str, command: commands.Component, options: Options, servers: Servers, kept: Credentials
) -> None:
    """Start the scheduler or the controller manager."""
    certificate = servers.folder / name / f"{name}.crt"  # the server's own, made by itself
    servers.start(
        name,
        lambda ports: command(options.minor, servers.folder, ports[0], kept) + options.arguments(name),
        lambda ports: ready.is_ready(ports[0], certificate, "/healthz"),
    )


def _blame(error: Exception, servers: Servers | None) -> None:
    """Where a server has ended meanwhile, that is the likely reason: say so."""
    if servers is None:
        return
    try:
        servers.watch()
    except ServerFailed as failed:
        error.add_note(str(failed))
