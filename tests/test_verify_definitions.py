"""What is in force is what was published: a definition or a campaign changed in the database is found by its hash."""

import json
from pathlib import Path
from typing import Any

from production import producing
from test_amendment import march, put_off  # noqa: F401
from test_log_subjects import codes
from test_publication import newer, publish
from world import sql

from engine.verifying import Scope, verify
from workflows.workspace import Workspace

ERRAND, CAMPAIGN = ("definition_differs", "definition/errand"), ("definition_differs", "campaign/")
DOC = "update definition_version set doc = :doc where version = 1"


def bent_of(workspace: Workspace) -> str:
    """The errand as it is stored, with another word in it."""
    ((text,),) = sql(workspace.database, "select doc from definition_version where version = 1")
    doc: dict[str, Any] = json.loads(text)
    doc["label"]["en"] += " (bent)"
    return json.dumps(doc)


def test_a_definition_bent_in_the_database_is_found(workspace: Workspace, tmp_path: Path) -> None:
    publish(workspace, newer(tmp_path))
    bent = bent_of(workspace)

    assert codes(workspace) == set()
    assert codes(workspace, DOC, doc=bent) == {ERRAND}
    text = "update definition_version set source = replace(source, 'zh: ', 'zh: 假') where version = 1"
    assert ERRAND in codes(workspace, text)
    assert ERRAND in codes(workspace, "update definition_version set digest = 'ab' where version = 2")


def test_one_that_fits_its_own_hash_is_found_by_the_record_alone(db_url: str) -> None:
    with producing(db_url) as office:
        swap = "update definition_version set digest = 'ab'"
        found = codes(office, swap)
    assert ERRAND in found


def test_a_campaign_bent_in_the_database_is_found(workspace: Workspace) -> None:
    code = workspace.campaign.code
    where = CAMPAIGN[0], f"campaign/{code}"

    for column in ("doc", "source"):
        text = f"update campaign set {column} = replace({column}, '2010', '2012')"
        assert where in codes(workspace, text)
    assert where in codes(workspace, "update campaign set digest = 'ab'")


def test_an_amended_campaign_is_clean_and_its_earlier_file_is_held_to_its_hash(
    march: Workspace,  # noqa: F811
    tmp_path: Path,
) -> None:
    put_off(march, tmp_path)

    def flaws(*statements: str) -> set[str]:
        return {code for code, stream in codes(march, *statements) if stream.startswith("campaign/")}

    assert codes(march) == set()
    assert flaws("update campaign_version set doc = replace(doc, '2011-03-31', '2011-04-30') where number = 1")
    assert flaws("update campaign set doc = replace(doc, '2011-06-30', '2011-07-30')")


def test_what_cannot_be_read_any_more_is_reserved_and_nothing_is_called_verified(workspace: Workspace) -> None:
    sql(workspace.database, "update definition_version set source = 'schema: definition/0' where version = 1")

    with workspace.database.snapshot() as tx:
        said = verify(tx, workspace.campaign, Scope())

    assert "definition_unread" in {each["code"] for each in said["reservations"]}
    assert not said["verified"]
