"""The secrets of one control plane: made at its start, kept in its folder, gone with it."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from typing import NamedTuple


class Credentials(NamedTuple):
    """Files in the folder of a control plane, and the token of its admin."""

    token: str
    tokens: Path
    key: Path
    """Signs the tokens of service accounts."""
    certificate: Path
    """The API server's own, which it writes when it starts."""
    kubeconfig: Path


def prepare(folder: Path) -> Credentials:
    """Write the key and the admin's token. The folder is closed to other users."""
    token = secrets.token_hex(16)
    tokens, key = folder / "tokens.csv", folder / "service-account.key"
    tokens.write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
    key.write_text(_signing_key(), encoding="utf-8")
    return Credentials(token, tokens, key, folder / "kube-apiserver" / "apiserver.crt", folder / "kubeconfig")


def write_kubeconfig(credentials: Credentials, port: int) -> None:
    """Write the admin's kubeconfig (JSON, which is YAML too); it holds all it needs and may be copied."""
    authority = base64.b64encode(credentials.certificate.read_bytes()).decode()
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": authority}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "rehearsal",
        "clusters": [{"name": "rehearsal", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": credentials.token}}],
        "contexts": [{"name": "rehearsal", "context": {"cluster": "rehearsal", "user": "admin"}}],
    }
    credentials.kubeconfig.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _signing_key() -> str:
    """A P-256 key as PEM: SEC 1 (RFC 5915) without the public half, which Go derives."""
    scalar = bytes([secrets.randbelow(0x7F) + 1]) + secrets.token_bytes(31)  # below the order of the group
    der = bytes.fromhex("30310201010420") + scalar + bytes.fromhex("a00a06082a8648ce3d030107")
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.encodebytes(der).decode()}-----END EC PRIVATE KEY-----\n"
