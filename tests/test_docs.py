"""The documentation says what the code does."""

import re
from pathlib import Path

import click
import pytest

from corpus.cli import wirecorpus
from tests.generate_docs import DOCS, cli_page, data_format_page

ROOT = Path(__file__).parent.parent


def test_the_command_page_is_current() -> None:
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == cli_page(), "run `make docs`"


def test_the_records_page_is_current() -> None:
    page = (DOCS / "data-format.md").read_text(encoding="utf-8")
    assert page == data_format_page(), "run `make docs`"


@pytest.mark.parametrize("verb", sorted(wirecorpus.commands))
def test_every_verb_and_option_explains_itself(verb: str) -> None:
    command = wirecorpus.commands[verb]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{verb} {option.name}"


def test_the_commands_that_the_readme_shows_exist() -> None:
    code = re.findall("^    .+", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    shown = re.findall(r"\bwirecorpus ([^|>#\n]+)", "\n".join(code))
    assert shown
    for name, *words in map(str.split, shown):
        command: click.Command = wirecorpus.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[words[0]]
        options = {option for given in command.params for option in given.opts}
        assert {word for word in words if word.startswith("--")} <= options, (name, words)


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
