"""A filter on facts finds what pages and commands show, however a yes is written, and says it of a fact that there is not."""

from pathlib import Path

import pytest
from commandline import Office, small_office
from world import begin

from engine.errors import Invalid
from web.api.parts import Parts
from web.api.sifting import Sifted


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office in which one matter says that it is urgent, and one that it is not."""
    made = small_office(tmp_path_factory.mktemp("asked"))
    for body, value in (("alpha", "true"), ("beta", "false")):
        ended = made(
            "--as", f"{body}.head", "correct", f"errand/{body}", "--fact", f"urgent={value}", "--reason", "漏填"
        )
        assert ended.code == 0, ended.err
    return made


def found(office: Office, *words: str) -> list[str]:
    return [each["ref"] for each in office.json("list", *words)["items"]]


@pytest.mark.parametrize("yes", ["true", "yes", "是", "TRUE"])
def test_a_yes_is_found_however_it_is_written(office: Office, yes: str) -> None:
    assert found(office, "--having", f"urgent={yes}") == ["errand/alpha"]


def test_a_no_is_found_too(office: Office) -> None:
    assert found(office, "--having", "urgent=false") == found(office, "--having", "urgent=否") == ["errand/beta"]


def test_a_fact_that_there_is_not_is_named_and_the_nearest_with_it(office: Office) -> None:
    ended = office("--lang", "zh", "list", "--having", "urgnt=true")

    assert ended.code == 7 and "没有事实“urgnt”" in ended.err and "是否为“urgent”？" in ended.err


def test_a_program_may_ask_in_the_same_words(tmp_path: Path) -> None:
    workspace = begin(f"sqlite:///{tmp_path / 'x.db'}")
    wanted = Sifted(having=["urgent=true"], lacks=["urgent=false"]).wanted(Parts(workspace))

    assert (wanted.facts, wanted.lacks) == ((("urgent", "yes"),), (("urgent", "no"),))
    with pytest.raises(Invalid, match="there is no fact 'nothing'"):
        Sifted(having=["nothing=1"]).wanted(Parts(workspace))
    workspace.close()
