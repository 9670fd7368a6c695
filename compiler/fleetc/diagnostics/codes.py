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
NOT_KEPT = _code("FLT133", "not_kept", "a layout of a file would lose something of it")
NOT_FORMATTED = _code("FLT134", "not_formatted", "a file is not in the layout of `fleetc fmt`")
GENERATED_FILE = _code("FLT135", "generated_file", "a generated file is not for `fleetc fmt`")
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
NODES_NOT_MADE = _code("FLT309", "nodes_not_made", "nothing makes the nodes of a pool")
DEVICES_NOT_GIVEN_OUT = _code("FLT310", "devices_not_given_out", "a pool's devices cannot be given out as it says")
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
STALE_OUTPUT = _code("FLT620", "stale_output", "a generated file is not what the specs give now")
UNMET_EXPECTATION = _code("FLT621", "unmet_expectation", "the fleet is not as a test expects it")
EMPTY_TEST = _code("FLT622", "empty_test", "a test tests nothing")
STALE_GOLDEN = _code("FLT623", "stale_golden", "the golden files of a test are not what the specs give now")
INIT_IN_THE_WAY = _code("FLT624", "init_in_the_way", "files stand where a new platform repository needs its own")
INIT_BAD_NAME = _code("FLT625", "init_bad_name", "a new platform repository cannot have this name")
NO_ROOT = _code("FLT901", "no_root", "no folder upward holds a fleet")
CANNOT_READ = _code("FLT902", "cannot_read", "a file cannot be read")
BAD_USAGE = _code("FLT903", "bad_usage", "the command line is wrong")
NOTHING_TO_EXPLAIN = _code("FLT904", "nothing_to_explain", "there is nothing at the place that explain was asked about")
SECRET_NOT_IMPORTED = _code("FLT910", "secret_not_imported", "an object with a secret's value is not imported")
NOT_RENDERED = _code("FLT911", "not_rendered", "what has to be rendered first is not imported")
IMPORT_DIFFERS = _code("FLT912", "import_differs", "specs would not give back an imported object")
NOT_A_MANIFEST = _code("FLT913", "not_a_manifest", "what is no manifest is not imported")
IMPORTED_TWICE = _code("FLT914", "imported_twice", "an object is there twice, and imported once")
INTERNAL_ERROR = _code("FLT999", "internal_error", "a bug in fleetc")
