"""For whoever watches over a process: is it ready, and its figures, for this machine and the holder of the metrics token."""

from collections.abc import Iterator

import pytest
from callers import token_of
from fastapi import FastAPI
from fastapi.testclient import TestClient
from production import producing, watch
from prometheus_client.parser import text_string_to_metric_families
from world import advance, begin, set_clock

from commands.programs import SchedulersFigures, fronted
from engine.clock import to_us
from web.api.health import health_of
from web.api.parts import Parts
from workflows.workspace import Workspace


def site(parts: Parts, address: str = "127.0.0.1") -> TestClient:
    app = FastAPI()
    app.include_router(health_of(parts))
    return TestClient(app, client=(address, 5000))


@pytest.fixture
def parts(workspace: Workspace) -> Iterator[Parts]:
    yield Parts(workspace, SchedulersFigures(workspace), metrics_token="watcher")


def figures(client: TestClient, **headers: str) -> dict[str, float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for each in family.samples:
            found[each.name + "".join(f" {value}" for value in each.labels.values())] = each.value
    return found


def test_the_figures_tell_what_is_due_owed_and_entered(parts: Parts) -> None:
    workspace = parts.workspace
    before = figures(site(parts))
    assert (before["duban_due_deadlines"], before["duban_due_lateness_seconds"]) == (0, 0)

    set_clock(workspace, "2010-11-03T09:30")
    late = figures(site(parts))
    assert late["duban_due_deadlines"] > 0 and late["duban_due_lateness_seconds"] == 1800
    advance(workspace, "2010-11-03T09:40")
    after = figures(site(parts))
    assert after["duban_due_deadlines"] == 0 and after["duban_notices sent"] > 0
    assert (
        after["duban_log_entries"] + after["duban_log_waiting"]
        > before["duban_log_entries"] + before["duban_log_waiting"]
    )
    assert abs(after["duban_clock_offset_seconds"]) < 60


def test_the_figures_are_for_this_machine_and_for_the_holder_of_the_token(parts: Parts) -> None:
    assert figures(site(parts, "10.0.0.9"), Authorization="Bearer watcher")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}):
        assert site(parts, "10.0.0.9").get("/metrics", headers=headers).status_code == 401
    assert site(parts).get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 401
    assert (
        site(Parts(parts.workspace), "10.0.0.9").get("/metrics", headers={"Authorization": "Bearer "}).status_code
        == 401
    )


def test_a_process_is_ready_while_the_database_answers_and_nothing_is_late(db_url: str) -> None:
    with producing(db_url) as office:
        client = site(Parts(office, SchedulersFigures(office)))
        assert (client.get("/readyz").status_code, client.get("/readyz").json()["status"]) == (200, "ready")

        watch(office).later(days=60)
        assert (client.get("/readyz").status_code, client.get("/readyz").json()["status"]) == (503, "late")
        behind = client.get("/readyz").json()
        assert behind["due"] > 0 and behind["due_s"] > 86_400 and behind["late_s"] is None


def test_a_process_whose_heart_is_late_is_not_ready_and_says_by_how_much(db_url: str) -> None:
    with producing(db_url) as office:
        limping = site(Parts(office, SchedulersFigures(office, lambda: 1_000.0)))
        said = limping.get("/readyz")
        assert (said.status_code, said.json()["status"], said.json()["late_s"]) == (503, "late", 1000.0)
        assert figures(limping)["duban_heart_late_seconds"] == 1000
        brisk = site(Parts(office, SchedulersFigures(office, lambda: 0.25)))
        assert brisk.get("/readyz").json()["late_s"] == 0.25 and brisk.get("/readyz").status_code == 200
        assert abs(brisk.get("/readyz").json()["clock_offset_s"]) < 60
    assert to_us(office.clock.now())


def test_a_database_that_is_gone_is_not_ready(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("gone")
    workspace = begin(f"sqlite:///{folder / 'duban.db'}")
    client = site(Parts(workspace))
    (folder / "duban.db").unlink()

    assert client.get("/readyz").status_code == 503
    assert client.get("/metrics").status_code == 503
    workspace.close()


def test_the_front_sends_programs_to_the_interface_and_others_to_the_pages(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DUBAN_METRICS_TOKEN_FILE", raising=False)
    workspace, pages = begin(sqlite_url), FastAPI()

    @pages.get("/{path:path}")
    def page(path: str) -> str:
        return f"page {path}"

    client = TestClient(fronted(workspace, pages), client=("127.0.0.1", 1))
    assert client.get("/ack/x").json() == "page ack/x" and client.get("/api/v2/me").json() == "page api/v2/me"
    for path in ("/api/v1", "/api/v1/", "/api/v1/me", "/api/v1/nowhere"):
        assert client.get(path).status_code == 401
    assert client.get("/readyz").json()["status"] == "ready"
    workspace_token = token_of(workspace, "alpha.head")
    headers = {"Authorization": f"Bearer {workspace_token}"}
    assert client.get("/api/v1/matters/errand/alpha", headers=headers).status_code == 200
    assert client.request("INVENTED", "/api/v1/me", headers=headers).status_code == 405
    counted = client.get("/metrics").text
    for line in (
        'duban_api_requests_total{code="401",method="GET",route="none"} 4.0',
        'duban_api_requests_total{code="200",method="GET",route="/matters/{ref:path}"} 1.0',
        'duban_api_requests_total{code="405",method="other",route="/me"} 1.0',
    ):
        assert line in counted
    workspace.close()
