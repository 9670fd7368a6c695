"""Who asks a server: tokens, client certificates, and credential plugins, as a kubeconfig names them.

A plugin gets and answers an ExecCredential of client.authentication.k8s.io (KEP-541): its input is in the variable
KUBERNETES_EXEC_INFO, its answer on the standard output. It may ask on the terminal only where it says so.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.live.kubeconfig import Context, Entry
from fleetc.tuples import NamedTuple

_API: Final = "client.authentication.k8s.io/"
_VERSIONS: Final = (f"{_API}v1", f"{_API}v1beta1")
_SECONDS: Final = 60.0


class Credentials(NamedTuple):
    """What is sent as Authorization ("": nothing), and a client certificate with its key as PEM (b"": none)."""

    authorization: str
    certificate: bytes = b""
    key: bytes = b""


def credentials(context: Context) -> Credentials:
    """Those of a context; its plugin is run. Raises Failure: FLT920, FLT921."""
    user = context.user
    value = user.value
    certificate, key = pem(user, "client-certificate"), pem(user, "client-key")
    if value.get("tokenFile"):
        return Credentials(f"Bearer {_file(user, str(value['tokenFile'])).decode().strip()}", certificate, key)
    if value.get("token"):
        return Credentials(f"Bearer {value['token']}", certificate, key)
    if value.get("username"):
        word = f"{value['username']}:{value.get('password', '')}".encode()
        return Credentials(f"Basic {base64.b64encode(word).decode()}", certificate, key)
    if isinstance(value.get("exec"), dict):
        return _plugin(context, value["exec"])
    if value.get("auth-provider"):
        message = f"context {context.name} uses an auth-provider, which Kubernetes took away in favour of plugins"
        raise _bad(message, "use a credential plugin (`exec`), as `kubectl` itself asks for")
    return Credentials("", certificate, key)


def trust(context: Context, who: Credentials) -> ssl.SSLContext:
    """How the server of a context is verified, and the client's certificate is shown. Raises Failure: FLT920."""
    value = context.cluster.value
    try:
        authority = pem(context.cluster, "certificate-authority")
        made = ssl.create_default_context(cadata=authority.decode() if authority else None)
        # Its issuer may be a self-made one without key identifier, as kube-apiserver's own is.
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if value.get("insecure-skip-tls-verify"):
            made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
        if who.certificate:
            _show(made, who)
    except (ssl.SSLError, ValueError) as error:
        raise _bad(f"context {context.name} has a certificate or key that cannot be used: {error}") from None
    return made


def pem(entry: Entry, name: str) -> bytes:
    """A certificate or key of an entry: its data, else its file; b"" where it has none. Raises Failure: FLT920."""
    data = entry.value.get(f"{name}-data")
    if data:
        try:
            return base64.b64decode(str(data), validate=True)
        except binascii.Error:
            raise _bad(f"{name}-data of the kubeconfig is no base64") from None
    return _file(entry, str(entry.value[name])) if entry.value.get(name) else b""


def _show(made: ssl.SSLContext, who: Credentials) -> None:
    """Python takes a certificate from a file only: one that nobody else can read, and that goes at once."""
    with tempfile.TemporaryDirectory(prefix="fleetc-") as folder:
        file = os.path.join(folder, "pem")
        with open(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(who.certificate + b"\n" + who.key)
        made.load_cert_chain(file)


def _plugin(context: Context, plugin: Mapping[str, Any]) -> Credentials:
    version = str(plugin.get("apiVersion"))
    command = str(plugin.get("command") or "")
    if version not in _VERSIONS:
        raise _bad(f"the credential plugin `{command}` is of {version}, not of {' or '.join(_VERSIONS)}")
    mode, terminal = plugin.get("interactiveMode", "IfAvailable"), sys.stdin is not None and sys.stdin.isatty()
    interactive = mode != "Never" and terminal
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = dict(context.cluster.value)
    asked = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    more = {str(v["name"]): str(v["value"]) for v in plugin.get("env") or ()}
    environment = {**os.environ, **more, "KUBERNETES_EXEC_INFO": json.dumps(asked)}
    path = os.path.join(context.user.folder, command) if os.sep in command else shutil.which(command)
    if path is None:
        hint = str(plugin.get("installHint") or "install it, or choose another context").strip()
        raise _refused(f"the credential plugin `{command}` of context {context.name} is not installed", hint)
    words = [path, *map(str, plugin.get("args") or ())]
    try:
        done = subprocess.run(  # noqa: S603 - it is the user's own kubeconfig that names it, as for kubectl
            words, env=environment, stdin=None if interactive else subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=None if interactive else subprocess.PIPE, check=False, timeout=None if interactive else _SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _refused(f"the credential plugin `{command}` does not run: {error}") from None
    if done.returncode != 0:
        last = ((done.stderr or b"").decode(errors="replace").strip().splitlines() or ["it says nothing"])[-1]
        raise _refused(f"the credential plugin `{command}` fails with status {done.returncode}: {last}")
    return _answer(command, done.stdout)


def _answer(command: str, printed: bytes) -> Credentials:
    """What a plugin gives. Of its answer nothing is ever printed."""
    try:
        status = json.loads(printed)["status"]
        token = status.get("token")
        pair = [str(status.get(name) or "").encode() for name in ("clientCertificateData", "clientKeyData")]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused(f"the credential plugin `{command}` answers no ExecCredential") from None
    if not token and not all(pair):
        raise _refused(f"the credential plugin `{command}` gives neither a token nor a certificate")
    return Credentials(f"Bearer {token}" if token else "", *pair)


def _file(entry: Entry, name: str) -> bytes:
    try:
        with open(os.path.join(entry.folder, name), "rb") as stream:
            return stream.read()
    except OSError as error:
        raise _bad(f"{name}, which the kubeconfig names, cannot be read: {error.strerror or error}") from None


def _bad(message: str, hint: str = "mend the kubeconfig, or name another one with --kubeconfig") -> Failure:
    return Failure(Diagnostic(codes.BAD_KUBECONFIG, message, hint=hint))


def _refused(message: str, hint: str = "log in as for kubectl, then run it again") -> Failure:
    return Failure(Diagnostic(codes.CLUSTER_UNREACHABLE, message, hint=hint))
