"""The table of codes: one line each. Each has a page in docs/diagnostics, which is executed as a test.

FLT1xx specs (from FLT101 their YAML, from FLT120 their content), FLT2xx references, FLT3xx planning, FLT4xx policy,
FLT5xx emitted objects,
FLT6xx output tree, FLT9xx environment.
"""

from __future__ import annotations

from fleetc.diagnostics.model import Code, Severity

CODES: dict[str, Code] = {}


def _code(code: str, name: str, title: str, severity: Severity = Severity.ERROR) -> Code:
    got = CODES[code] = Code(code, name, title, severity)
    return got


INVALID_YAML = _code("FLT101", "invalid_yaml", "the file is not YAML 1.2")
DUPLICATE_KEY = _code("FLT102", "duplicate_key", "a mapping has one key twice")
AMBIGUOUS_SCALAR = _code("FLT103", "ambiguous_scalar", "YAML readers disagree on this value")
TAB_INDENTATION = _code("FLT104", "tab_indentation", "a tab is used as indentation")
ALIAS_BOMB = _code("FLT105", "alias_bomb", "aliases expand to far more than was written")
TOO_DEEP = _code("FLT106", "too_deep", "values are nested too deeply")
TOO_LARGE = _code("FLT107", "too_large", "the file is too large")
NOT_UTF8 = _code("FLT108", "not_utf8", "the file is not UTF-8")
OUTSIDE_ROOT = _code("FLT109", "outside_root", "a file lies outside the root")
UNSUPPORTED_YAML = _code("FLT110", "unsupported_yaml", "a YAML feature that specs do not use")
NOT_A_SPEC = _code("FLT111", "not_a_spec", "the document is not a fleetc spec")
UNKNOWN_KIND = _code("FLT120", "unknown_kind", "the kind of the document does not exist")
UNKNOWN_FIELD = _code("FLT121", "unknown_field", "a field does not exist")
WRONG_TYPE = _code("FLT122", "wrong_type", "a value is of the wrong type")
INVALID_VALUE = _code("FLT123", "invalid_value", "a value is not allowed here")
MISSING_FIELD = _code("FLT124", "missing_field", "a required field has no value")
NULL_VALUE = _code("FLT125", "null_value", "null is written where a value is expected")
DUPLICATE_ITEM = _code("FLT126", "duplicate_item", "a list has one item twice")
DUPLICATE_SPEC = _code("FLT127", "duplicate_spec", "two specs have the same kind and name")
NO_FLEET = _code("FLT128", "no_fleet", "there is not exactly one Fleet")
PLACEMENT_OVERRIDDEN = _code("FLT129", "placement_overridden", "an override or cluster default touches placement")
OVERRIDE_CONFLICT = _code("FLT130", "override_conflict", "two overrides set one field at one site")
SECRET_VALUE = _code("FLT131", "secret_value", "a secret's value stands in a spec")
UNPINNED_REVISION = _code("FLT132", "unpinned_revision", "a model's source does not say which revision of it")
UNKNOWN_REFERENCE = _code("FLT201", "unknown_reference", "a name refers to nothing")
MISSING_INGRESS = _code("FLT202", "missing_ingress", "traffic between teams is declared on one side only")
UNKNOWN_IN_CATALOGUE = _code("FLT203", "unknown_in_catalogue", "the catalogue does not have what a name means")
HOST_NOT_ENFORCED = _code("FLT301", "host_not_enforced", "the CNI cannot limit egress to a host name")
NOT_PLACED = _code("FLT302", "not_placed", "a placement selects no cluster")
DOES_NOT_FIT = _code("FLT303", "does_not_fit", "a model does not fit on the devices that it asks for")
NO_CAPACITY = _code("FLT304", "no_capacity", "the promised replicas of a model have no room")
OVER_QUOTA = _code("FLT305", "over_quota", "the promised replicas of a model are above the quota of its team")
STALE_LOCK = _code("FLT306", "stale_lock", "a lock file is not what the plan says, and may not be changed")
BROKEN_LOCK = _code("FLT307", "broken_lock", "a lock file cannot be read")
NOT_SERVABLE = _code("FLT308", "not_servable", "a model cannot be served where it is planned")
NOTHING_EMITTED = _code("FLT501", "nothing_emitted", "a spec emits nothing")
INVALID_OBJECT = _code("FLT502", "invalid_object", "an emitted object does not meet its schema")
DUPLICATE_OBJECT = _code("FLT503", "duplicate_object", "two specs emit one object")
DANGLING_REFERENCE = _code("FLT504", "dangling_reference", "an emitted object refers to one that is not there")
UNEXPECTED_TRAFFIC = _code("FLT505", "unexpected_traffic", "network policies allow other traffic than specs declare")
OUTSIDE_TEAM = _code("FLT506", "outside_team", "a team's Manifest reaches outside its namespaces")
DANGLING_SELECTOR = _code("FLT507", "dangling_selector", "a selector finds nothing that is emitted")
DUPLICATE_PATH = _code("FLT508", "duplicate_path", "two specs write one file")
QUOTA_EXCEEDED = _code("FLT509", "quota_exceeded", "what is emitted in a namespace exceeds its quota")
HAND_EDITED = _code("FLT601", "hand_edited", "a generated file was edited by hand")
RUN_IN_PROGRESS = _code("FLT602", "run_in_progress", "another run is writing the tree")
FOREIGN_FILE = _code("FLT603", "foreign_file", "something that fleetc did not make stands where it must write")
CANNOT_WRITE = _code("FLT604", "cannot_write", "the system refuses to write a file")
DISK_FULL = _code("FLT605", "disk_full", "there is no space for the files")
OTHER_FILESYSTEM = _code("FLT606", "other_filesystem", "the state folder and the output are on two file systems")
OUTPUT_OUTSIDE_ROOT = _code("FLT607", "output_outside_root", "a path to write lies outside of its folder")
PATH_CONFLICT = _code("FLT608", "path_conflict", "two files to write claim one path")
BROKEN_JOURNAL = _code("FLT609", "broken_journal", "the journal of a killed run cannot be read")
NO_REPOSITORY = _code("FLT610", "no_repository", "there is no git repository to compare with")
UNKNOWN_REVISION = _code("FLT611", "unknown_revision", "git knows no commit of a name")
DATA_LOSS = _code("FLT612", "data_loss", "an object would go that data goes with")
CLUSTER_GOES = _code("FLT613", "cluster_goes", "a whole cluster would go")
MASS_DELETION = _code("FLT614", "mass_deletion", "a large part of all objects would go")
WIDER_RBAC = _code("FLT615", "wider_rbac", "somebody could do more than before")
WIDER_NETWORK = _code("FLT616", "wider_network", "network policies would let more pass than before")
WEAKER_SECURITY = _code("FLT617", "weaker_security", "pods could do more than before, or less is refused")
UNUSED_ALLOW = _code("FLT618", "unused_allow", "an --allow names nothing that needs it", Severity.WARNING)
NO_ROOT = _code("FLT901", "no_root", "no folder upward holds a fleet")
CANNOT_READ = _code("FLT902", "cannot_read", "a file cannot be read")
BAD_USAGE = _code("FLT903", "bad_usage", "the command line is wrong")
NOTHING_TO_EXPLAIN = _code("FLT904", "nothing_to_explain", "there is nothing at the place that explain was asked about")
INTERNAL_ERROR = _code("FLT999", "internal_error", "a bug in fleetc")
