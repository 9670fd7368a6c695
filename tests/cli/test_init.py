"""`fleetc init`: what it writes builds, checks and tests at once, its recipes work, and it touches nothing else."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for
from tests.driver.fleets import Run, environment, inside, program
from tests.driver.tree.trees import content, git, put

import fleetc
from fleetc.diagnostics import Failure
from fleetc.driver import scaffold as module
from fleetc.driver.scaffold import PROVIDERS, PULUMI, RECIPES

REPOSITORY = Path(__file__).parents[2]
CI = ("github", "gitlab")
INSTALLS = "python -m pip install -r requirements.txt"


def init(cwd: Path, *words: str) -> Run:
    """The program in a process of its own, for its working directory counts."""
    cwd.mkdir(parents=True, exist_ok=True)
    return program("init", *words, cwd=cwd)


def test_with_a_stack_that_ci_previews_and_updates(tmp_path: Path) -> None:
    assert init(tmp_path, "new", "--ci", "both", "--delivery", "pulumi").status == 0
    root = tmp_path / "new"
    assert inside(root, "build").status == 0
    assert inside(root, "check", "--strict").status == 0
    assert yaml.safe_load((root / "stacks/generated/dev.yaml").read_text())["manifests"] == "../../golden/dev"
    # The program is the one that this repository has itself.
    program = {path for path in content(root) if path.startswith("stacks/") and "generated" not in path}
    assert {"stacks/__main__.py", "stacks/Pulumi.yaml", "stacks/fleet/program.py"} <= program
    assert all((root / path).read_bytes() == (REPOSITORY / path).read_bytes() for path in program)
    workflow = yaml.safe_load((root / PULUMI["github"]).read_text())
    steps = {step.get("name"): step for step in workflow["jobs"]["deliver"]["steps"]}
    assert steps["What would change"]["run"].startswith("pulumi preview --stack")
    assert steps["What would change"]["if"] == "github.event_name == 'pull_request'"
    assert steps["Deliver"]["run"].startswith("pulumi up --stack")
    assert steps["Deliver"]["if"] == "github.event_name == 'push'"
    assert yaml.safe_load((root / ".gitlab-ci.yml").read_text())["include"] == {"local": PULUMI["gitlab"]}
    script = "\n".join(yaml.safe_load((root / PULUMI["gitlab"]).read_text())["pulumi"]["script"])
    assert "pulumi preview --stack" in script
    assert "pulumi up --stack" in script


def test_stacks_are_listed_as_the_recipe_does_it(tmp_path: Path) -> None:
    """What the recipe's shell makes of the folder, as it is."""
    assert init(tmp_path, "new", "--delivery", "pulumi").status == 0
    folder = tmp_path / "new/stacks/generated"
    folder.mkdir()
    for name in ("dev", "prod"):
        (folder / f"{name}.yaml").write_text("")
    workflow = yaml.safe_load((tmp_path / "new" / PULUMI["github"]).read_text())
    listed = workflow["jobs"]["stacks"]["steps"][-1]["run"].partition("$(")[2].partition(" | jq")[0]
    ran = subprocess.run(["bash", "-c", listed], cwd=folder, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["dev", "prod"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_builds_checks_and_tests_at_once(provider: str, tmp_path: Path) -> None:
    assert init(tmp_path, "new", "--provider", provider, "--ci", "both").status == 0
    root = tmp_path / "new"
    built = inside(root, "build")
    assert (built.status, built.err) == (0, "")
    strict = inside(root, "check", "--strict")
    assert (strict.status, strict.err) == (0, "")
    assert "up to date" in strict.out
    tested = inside(root, "test", "--output", "json").data()
    assert (tested["passed"], len(tested["tests"])) == (True, 2)
    assert inside(root, "build", "--locked").status == 0
    assert inside(root, "plan").status == 0
    models = [data for path, data in content(root).items() if path.startswith("golden/dev/teams/ml/models/")]
    assert any(b"kind: Deployment" in data for data in models)
    assert f"provider: {provider}" in (root / "specs/clusters/dev.yaml").read_text()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_is_laid_out_as_fmt_does_it(provider: str, tmp_path: Path) -> None:
    assert init(tmp_path, "new", "--provider", provider).status == 0
    got = inside(tmp_path / "new", "fmt", "--check")
    assert (got.status, got.err) == (0, "")


def test_every_choice_is_a_provider() -> None:
    from fleetc.cli.grammar import parser

    for name in PROVIDERS:
        assert parser().parse_args(["init", "--provider", name]).provider == name
    from fleetc.language.cluster import Cluster
    from fleetc.language.schema import Scalar, struct_of

    schema = struct_of(Cluster).fields["provider"].schema
    assert isinstance(schema, Scalar)
    assert {*schema.choices} == {*PROVIDERS}


@pytest.mark.parametrize("name", ["acme", "a", "x" * 63, "9lives", "no", "true", "null", "123", "1e3", "0x1f", "0o7"])
def test_names(name: str, tmp_path: Path) -> None:
    assert init(tmp_path, "new", "--name", name).status == 0
    assert inside(tmp_path / "new", "build").status == 0
    objects = [*yaml.safe_load_all((tmp_path / "new/golden/dev/platform/cluster.yaml").read_text(encoding="utf-8"))]
    assert {made["metadata"]["labels"]["app.kubernetes.io/part-of"] for made in objects} == {name}


def test_the_name_of_the_folder(tmp_path: Path) -> None:
    ran = init(tmp_path / "Platform of Acmé", "--output", "json")
    data = ran.data()
    assert (ran.status, data["name"], data["next"][0]) == (0, "platform-of-acme", "fleetc build")
    assert {*data["written"]} == {*content(tmp_path / "Platform of Acmé")}
    assert init(tmp_path / "%%%").status == 2
    assert [*(tmp_path / "%%%").iterdir()] == []


@pytest.mark.parametrize("name", ["", "Acme", "a b", "-a", "a" * 64, "@name@", "a\nb", "../x", "a: {b: c}", "$(id)"])
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    ran = init(tmp_path, "new", f"--name={name}")
    assert ran.status == 2
    assert "FLT625" in ran.err
    assert [*tmp_path.iterdir()] == []


def test_no_value_is_left_out(tmp_path: Path) -> None:
    for provider in PROVIDERS:
        assert init(tmp_path, provider, "--provider", provider, "--ci", "both", "--name", "acme").status == 0
    for path, data in content(tmp_path).items():
        assert not re.search("@[a-z-]+@", data.decode()), path
    assert (tmp_path / "kind/requirements.txt").read_text().splitlines()[-1] == f"fleetc=={fleetc.__version__}"


@pytest.mark.parametrize(
    ("ci", "wanted"), [("none", []), ("github", ["github"]), ("gitlab", ["gitlab"]), ("both", ["github", "gitlab"])]
)
def test_recipes_that_are_asked_for(ci: str, wanted: list[str], tmp_path: Path) -> None:
    assert init(tmp_path, "--ci", ci).status == 0
    assert [name for name, path in RECIPES.items() if (tmp_path / path).exists()] == wanted


class TestInTheWay:
    @pytest.mark.parametrize("path", ["README.md", "specs/fleet.yaml", "tests/fleet.yaml", ".gitignore"])
    def test_a_file(self, path: str, tmp_path: Path) -> None:
        put(tmp_path, path, b"mine")
        put(tmp_path, "other.txt", b"mine, too")
        before = content(tmp_path)
        ran = init(tmp_path)
        assert ran.status == 2
        assert f"error[FLT624 init_in_the_way]: {path}: it is there already" in ran.err
        assert content(tmp_path) == before

    def test_all_are_told(self, tmp_path: Path) -> None:
        for path in ("README.md", ".gitignore", "specs/more/a.yaml", "specs/b.yml"):
            put(tmp_path, path, b"mine")
        ran = init(tmp_path, "--output", "json")
        assert [d["file"] for d in ran.data()["diagnostics"]] == [
            ".gitignore",
            "README.md",
            "specs/b.yml",
            "specs/more/a.yaml",
        ]

    @pytest.mark.parametrize("what", ["file", "link", "dangling", "pipe"])
    def test_something_where_a_folder_is_needed(self, what: str, tmp_path: Path) -> None:
        root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
        elsewhere.mkdir()
        root.mkdir()
        match what:
            case "file":
                (root / "specs").write_bytes(b"mine")
            case "pipe":
                os.mkfifo(root / "specs")
            case _:
                (root / "specs").symlink_to(elsewhere if what == "link" else "gone")
        ran = init(root)
        assert ran.status == 2
        assert "specs: a folder is needed there" in ran.err
        assert os.listdir(root) == ["specs"]
        assert os.listdir(elsewhere) == []

    def test_the_folder_is_a_file(self, tmp_path: Path) -> None:
        put(tmp_path, "new", b"mine")
        ran = init(tmp_path, "new")
        assert (ran.status, (tmp_path / "new").read_bytes()) == (2, b"mine")
        below = init(tmp_path, "new/below")
        assert (below.status, "new: it is no folder" in below.err) == (2, True)

    def test_others_are_kept(self, tmp_path: Path) -> None:
        put(tmp_path, "docs/a.md", b"mine")
        put(tmp_path, "specs/notes.txt", b"mine")
        git(tmp_path, "init", "-q")
        assert init(tmp_path).status == 0
        assert (tmp_path / "docs/a.md").read_bytes() == b"mine"
        assert (tmp_path / "specs/notes.txt").read_bytes() == b"mine"

    def test_twice(self, tmp_path: Path) -> None:
        assert init(tmp_path).status == 0
        before = content(tmp_path)
        assert init(tmp_path).status == 2
        assert content(tmp_path) == before


class TestAllOrNothing:
    def test_a_file_that_comes_meanwhile(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real = os.link

        def link(source: str, target: str) -> None:
            if target.endswith("specs/teams/ml.yaml"):
                Path(target).write_bytes(b"mine")
            real(source, target)

        monkeypatch.setattr(os, "link", link)
        with pytest.raises(Failure) as failed:
            module.scaffold(str(tmp_path), "acme", "kind", CI)
        assert [(d.code.code, d.message) for d in failed.value.diagnostics] == [
            ("FLT624", "specs/teams/ml.yaml: a file came")
        ]
        assert content(tmp_path) == {"specs/teams/ml.yaml": b"mine"}
        assert sorted(p.name for p in tmp_path.rglob("*")) == ["ml.yaml", "specs", "teams"]

    @pytest.mark.parametrize("there", [True, False])
    def test_an_interrupt(self, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        name = "link" if there else "rename"
        calls: list[Any] = []
        real = getattr(os, name)

        def interrupted(*words: Any) -> None:
            calls.append(words)
            if len(calls) == (5 if there else 1):
                raise KeyboardInterrupt
            real(*words)

        monkeypatch.setattr(os, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            module.scaffold(str(tmp_path if there else tmp_path / "new"), "acme", "kind", CI)
        assert [*tmp_path.iterdir()] == []

    def test_a_refusal_of_the_system(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: Any) -> None:
            raise OSError(28, "no space")

        monkeypatch.setattr(os, "link", refused)
        with pytest.raises(Failure) as failed:
            module.scaffold(str(tmp_path), "acme", "kind", CI)
        assert [d.code.code for d in failed.value.diagnostics] == ["FLT605"]
        assert [*tmp_path.iterdir()] == []

    def test_modes(self, tmp_path: Path) -> None:
        assert init(tmp_path, "new/deep").status == 0
        mask = module._umask()  # pyright: ignore[reportPrivateUsage]
        for path in (tmp_path / "new", *(tmp_path / "new").rglob("*")):
            wanted = (0o777 if path.is_dir() else 0o666) & ~mask
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def schema_of(ci: str) -> Any:
    """The published schema of a recipe, as check-jsonschema has it."""
    name = {"github": "github-workflows", "gitlab": "gitlab-ci"}[ci]
    vendored = resources.files("check_jsonschema.builtin_schemas.vendor")
    return json.loads(vendored.joinpath(f"{name}.json").read_text(encoding="utf-8"))


def recipe(root: Path, ci: str) -> Any:
    # `on` is a boolean to YAML 1.1, which this reader has: to GitHub it is a name.
    loaded = yaml.safe_load((root / RECIPES[ci]).read_text(encoding="utf-8"))
    return {("on" if key is True else key): value for key, value in loaded.items()}


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q")
    assert init(root, "--ci", "both", "--name", "acme").status == 0
    assert inside(root, "build").status == 0
    git(root, "add", ".")
    git(root, "commit", "-qm", "A platform")
    return root


@pytest.mark.parametrize("ci", CI)
def test_recipes_meet_their_schemas(ci: str, committed: Path) -> None:
    schema = schema_of(ci)
    validator = validator_for(schema)(schema)
    data = recipe(committed, ci)
    assert [error.message for error in validator.iter_errors(data)] == []
    broken = {**data, "jobs": {"fleet": {"steps": "none"}}} if ci == "github" else {**data, "fleet": {"script": 1}}
    assert [*validator.iter_errors(broken)], "the schema refuses nothing"


def shell(root: Path, ci: str) -> list[str]:
    """The shell scripts of a recipe, in order: of GitHub a step each, of GitLab one."""
    data = recipe(root, ci)
    if ci == "gitlab":
        job = data["fleet"]
        assert job["before_script"] == [INSTALLS]
        return ["\n".join(job["script"])]
    scripts = [step["run"] for step in data["jobs"]["fleet"]["steps"] if "run" in step]
    assert scripts[0] == INSTALLS
    return scripts[1:]


def executed(root: Path, ci: str, tmp_path: Path, base: str = "HEAD~1") -> list[int]:
    """The exit statuses of a recipe's scripts in a clone, up to the first that fails, with the shell that the CI uses,
    for a change from a commit `base`."""
    at, tools = tmp_path / "clone", tmp_path / "bin"
    subprocess.run(["git", "clone", "-q", str(root), str(at)], check=True)
    tools.mkdir(exist_ok=True)
    program = tools / "fleetc"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m fleetc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    env = environment(
        PATH=f"{tools}{os.pathsep}{os.environ['PATH']}",
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
        BASE=base,
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
    )
    out: list[int] = []
    for script in shell(at, ci):
        words = ["bash", "-eo", "pipefail", "-c", script]
        out.append(subprocess.run(words, cwd=at, env=env, capture_output=True, check=False).returncode)
        if out[-1]:
            break
    return out


def clone(committed: Path, tmp_path: Path) -> Path:
    root = tmp_path / "edited"
    subprocess.run(["git", "clone", "-q", str(committed), str(root)], check=True)
    return root


@pytest.mark.parametrize("ci", CI)
class TestRecipes:
    def test_they_pass(self, ci: str, committed: Path, tmp_path: Path) -> None:
        root = clone(committed, tmp_path)
        spec = root / "specs/teams/ml.yaml"
        spec.write_text(spec.read_text(encoding="utf-8") + "  serviceAccounts: [api]\n", encoding="utf-8")
        assert inside(root, "build").status == 0
        git(root, "commit", "-qam", "A service account")
        assert {*executed(root, ci, tmp_path)} == {0}
        if ci == "gitlab":
            assert "<testsuites" in (tmp_path / "clone/fleetc-tests.xml").read_text(encoding="utf-8")
        else:
            assert "ServiceAccount" in (tmp_path / "summary.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("file", "old", "new", "steps"),
        [
            ("golden/dev/teams/ml/team.yaml", "restricted", "privileged", 2),  # edited by hand
            ("specs/teams/ml.yaml", "spec:\n", "spec:\n  serviceAccounts: [api]\n", 2),  # not built
            ("specs/models/all-minilm-l6-v2.model.lock", "replicas: 1", "replicas: 0", 2),
            ("tests/fleet.yaml", "enforce: restricted", "enforce: baseline", 5),
        ],
    )
    def test_they_fail(
        self, ci: str, file: str, old: str, new: str, steps: int, committed: Path, tmp_path: Path
    ) -> None:
        root = clone(committed, tmp_path)
        text = (root / file).read_text(encoding="utf-8")
        assert old in text
        (root / file).write_text(text.replace(old, new), encoding="utf-8")
        git(root, "commit", "-qam", "An edit")
        statuses = executed(root, ci, tmp_path)
        assert statuses[-1] != 0
        assert len(statuses) == (steps if ci == "github" else 1)

    def test_a_file_that_was_not_committed(self, ci: str, committed: Path, tmp_path: Path) -> None:
        root = clone(committed, tmp_path)
        git(root, "rm", "-q", "golden/dev/teams/ml/team.yaml")
        git(root, "commit", "-qm", "Forgotten")
        statuses = executed(root, ci, tmp_path)
        assert statuses[-1] != 0
        assert len(statuses) == (2 if ci == "github" else 1)

    def test_a_namespace_that_goes(self, ci: str, committed: Path, tmp_path: Path) -> None:
        root = clone(committed, tmp_path)
        spec = root / "specs/teams/ml.yaml"
        text = spec.read_text(encoding="utf-8")
        for namespaces in ("[ml, ml-old]", "[ml]"):
            spec.write_text(text.replace("namespaces: [ml]", f"namespaces: {namespaces}"), encoding="utf-8")
            assert inside(root, "build").status == 0
            git(root, "commit", "-qam", namespaces)
        statuses = executed(root, ci, tmp_path)
        assert statuses[-1] != 0
        assert len(statuses) == (4 if ci == "github" else 1)
