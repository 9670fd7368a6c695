"""Whether a server is ready, and whether it is ours and not another's on a port that it took first."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable
from pathlib import Path

from fleetc_rehearsal.client import trusting


def etcd_is_ready(port: int, name: str) -> bool:
    """Whether the store of that name answers."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("POST", "/v3/cluster/member/list", b"{}", {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return any(member.get("name") == name for member in answer.get("members", ()))


def redis_answers(port: int) -> bool:
    """Whether what speaks the protocol of Redis answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"*1\r\n$4\r\nPING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def answers(port: int, path: str) -> bool:
    """Whether a server answers 200 without encryption, as for the probes of a kubelet."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False


def hooks_are_served(port: int, authority: Path, host: str, paths: Iterable[str]) -> bool:
    """Whether admission webhooks are served at these paths, by who has a certificate for `host` of this authority."""
    return all(_is_served(port, authority, host, path) for path in paths)


def _is_served(port: int, authority: Path, host: str, path: str) -> bool:
    try:
        plain = socket.create_connection(("127.0.0.1", port), timeout=5)
        with plain, trusting(authority).wrap_socket(plain, server_hostname=host) as encrypted:
            connection = http.client.HTTPConnection(host)
            connection.sock = encrypted
            connection.request("POST", path, b"{}", {"Content-Type": "application/json"})
            return connection.getresponse().status != 404
    except (OSError, http.client.HTTPException):
        return False


def is_ready(port: int, certificate: Path, path: str, token: str = "") -> bool:
    """Whether a server that has made itself that certificate answers 200."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        context = trusting(certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):  # no certificate yet, refused, or still starting
        return False
