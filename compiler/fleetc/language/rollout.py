"""Kind Rollout: clusters in waves, each at the revision of the repository that it has been promoted to."""

from typing import ClassVar

from fleetc.language.placement import Selector
from fleetc.language.types import CommitText, Name, Node, NumberText, Part, RelativePath


class Gate(Part):
    """What the evidence of the wave before has to say before this wave may be promoted: a number that is at most `max`
    and at least `min`, or a yes or no that is `equals`."""

    KEY: ClassVar[str] = "name"

    name: Name
    max: NumberText | None
    min: NumberText | None
    equals: bool | None


class Wave(Part):
    """Clusters that move together: those that `match` selects and no wave above has. `revision` is the commit that they
    are at, and `paths` are the folders of generated files that it has for them; without a revision nothing is delivered
    to them. `fleetc promote` writes both."""

    KEY: ClassVar[str] = "name"

    name: Name
    match: Selector
    gates: tuple[Gate, ...]
    revision: CommitText | None
    paths: tuple[RelativePath, ...]


class Rollout(Node):
    """Waves in the order in which a revision goes through them."""

    waves: tuple[Wave, ...]
