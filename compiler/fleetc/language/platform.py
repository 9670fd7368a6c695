"""Kind Platform: a named bundle of components in versions that work together."""

from collections.abc import Mapping
from typing import Annotated

from fleetc.language.types import NAME, Key, Minor, Node, Raw, VersionText

Versions = Annotated[Mapping[str, VersionText], Key(NAME)]
"""Components of the catalogue, each at a version."""

Values = Annotated[Mapping[str, Raw], Key(NAME)]
"""Values of the charts that install components; of two layers' they are merged, as helm merges several files."""


class Platform(Node):
    """Components by version with the values of their charts, and the Kubernetes minors that the bundle is for."""

    kubernetes: tuple[Minor, ...]
    components: Versions
    values: Values
