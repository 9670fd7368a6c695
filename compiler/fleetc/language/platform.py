"""Kind Platform: a named bundle of components in versions that work together."""

from collections.abc import Mapping
from typing import Annotated

from fleetc.language.types import NAME, Key, Minor, Node, VersionText

Versions = Annotated[Mapping[str, VersionText], Key(NAME)]
"""Components of the catalogue, each at a version."""


class Platform(Node):
    """Components by version, and the Kubernetes minors that the bundle is for."""

    kubernetes: tuple[Minor, ...]
    components: Versions
