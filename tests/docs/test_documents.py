"""Documents must name what exists, and lead somewhere."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from msasss import errors
from msasss.apps.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def commands(group: click.Group, name: str = "msasss") -> Iterator[tuple[str, click.Command]]:
    for word, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def options() -> list[tuple[str, str]]:
    found = []
    for name, command in commands(typer.main.get_command(app)):
        for parameter in command.params:
            found += [(name, option) for option in parameter.opts if option.startswith("--") and option != "--help"]
    return found


def error_classes() -> list[str]:
    return [name for name, item in vars(errors).items() if inspect.isclass(item) and issubclass(item, Exception)]


@pytest.mark.parametrize("name", [name for name, _ in commands(typer.main.get_command(app))])
def test_every_command_is_in_the_reference(name):
    assert f"`{name}" in (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "option"), options())
def test_every_option_is_in_the_reference_of_its_command(name, option):
    text = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    about = [section for section in sections if section.startswith(f"`{name}")]
    assert any(option in section for section in about), f"{name} {option}"


@pytest.mark.parametrize("name", error_classes())
def test_every_error_is_in_the_reference(name):
    assert f"`{name}`" in (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_inside_the_project_is_dead(document):
    text = document.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        assert (document.parent / target.partition("#")[0]).exists(), target


def test_the_readme_begins_with_the_two_commands_that_ci_runs():
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks[0].strip() == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/msasss demo"
    assert blocks[1].strip().endswith(".venv/bin/python -m pytest")
    assert "--constraint constraints.txt" in blocks[1]


def test_no_document_has_a_placeholder_left():
    for document in DOCUMENTS:
        assert "@@" not in document.read_text(encoding="utf-8"), document.name
