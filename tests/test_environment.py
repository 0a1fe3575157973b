"""`pyproject.toml`, `environment.yml`, the lock and what is installed agree."""

import re
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from analysis.paths import PROJECT

LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>[^\\]+))?", re.M)


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def locked():
    """Name -> version in the lock for this interpreter and machine."""
    found = LINE.finditer((PROJECT / "requirements.lock").read_text(encoding="utf-8"))
    return {
        canonicalize_name(m["name"]): m["version"]
        for m in found
        if not m["marker"] or Marker(m["marker"].strip()).evaluate()
    }


def wanted(project) -> dict[str, Requirement]:
    texts = [
        *project["dependencies"],
        *project["optional-dependencies"]["test"],
        *project["optional-dependencies"]["lab"],
    ]
    return {canonicalize_name(r.name): r for r in map(Requirement, texts)}


def test_every_wanted_package_is_locked_at_a_version_that_will_do(project, locked):
    for name, requirement in wanted(project).items():
        assert name in locked, f"{name} is not in requirements.lock"
        assert requirement.specifier.contains(locked[name]), f"{name} {locked[name]} against {requirement}"


def test_what_is_installed_is_what_is_locked(locked):
    installed = {canonicalize_name(d.name): d.version for d in metadata.distributions() if d.name}
    assert {n: installed.get(n) for n in locked} == locked


def test_the_lock_has_hashes_and_no_addresses(locked):
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert blocks and all("--hash=sha256:" in block for block in blocks)


def test_conda_environment_names_the_same_packages(project):
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    by_pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    named = {
        canonicalize_name(Requirement(t).name): Requirement(t) for t in [*plain, *by_pip] if not t.startswith("-e")
    }
    assert str(named.pop("python").specifier) == project["requires-python"]
    named.pop("pip")
    assert {n: str(r.specifier) for n, r in named.items()} == {n: str(r.specifier) for n, r in wanted(project).items()}
    assert "-e ." in by_pip
