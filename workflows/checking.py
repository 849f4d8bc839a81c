"""``campaign check`` for a server: a process of its own with bounds on time and memory, fed and answered in JSON."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.campaign import Campaign
from engine.campaign_schema import CampaignDoc
from engine.canonical import canonical, digest
from engine.definition import Definition, restore_definition
from engine.errors import Invalid
from engine.proof import Proof, problem_of, prove
from engine.proof_campaign import deliverables
from engine.source import Source
from workflows.drafts import Draft, as_sent, laid_out
from workflows.library import read_definition, read_shelf
from workflows.proving import PROVER, prove_shelf, setting_of
from workflows.scenarios import play_all

LONGEST_S = 600.0
"""Seconds after which a check is given up. PLACEHOLDER"""

MEMORY = 2 * 1024**3
"""Bytes that a check may use. PLACEHOLDER"""

LARGEST_ANSWER = 8 * 1024 * 1024

ROOT = Path(__file__).resolve().parent.parent


def campaign_job(campaign: Campaign) -> dict[str, Any]:
    """The check of the campaign in force, with the definitions that its new matters follow."""
    found = [campaign.machines[ident].definition for ident in campaign.machines.newest.values()]
    return {
        "sort": "campaign", "doc": campaign.doc.model_dump_json(by_alias=True, exclude_defaults=True),
        "definitions": [[each.doc.model_dump_json(by_alias=True, exclude_defaults=True), each.digest] for each in found],
    }  # fmt: skip


def draft_job(campaign: Campaign, draft: Draft, stored: Mapping[str, str | None]) -> dict[str, Any]:
    """The check of a draft, for the campaign in force; *stored* are texts of published definitions by ``kind@version``."""
    return {
        **campaign_job(campaign),
        "sort": "draft",
        "main": draft.main,
        "files": dict(draft.files),
        "stored": dict(stored),
    }


def job_key(job: Mapping[str, Any]) -> str:
    """What a check is about, by digest: the prover and everything it is fed."""
    return digest(canonical([PROVER, dict(job)]))


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    """Run a check in its own process; the answer has ``ok``, ``problems`` and ``proofs`` as ``campaign check`` has them.

    ``failed`` says why there is no answer: it took too long, or broke.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from workflows.checking import main; main()"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter with our own words
            command, input=canonical(dict(job)).encode(), capture_output=True, timeout=LONGEST_S, cwd=ROOT, env=environment,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"ok": False, "problems": [], "proofs": [], "failed": "time"}
    if done.returncode or len(done.stdout) > LARGEST_ANSWER:
        return {"ok": False, "problems": [], "proofs": [], "failed": "broken"}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Read a job, answer it."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(canonical(check(json.load(sys.stdin))))


def check(job: Mapping[str, Any]) -> dict[str, Any]:
    """Check and prove what *job* holds."""
    doc = CampaignDoc.model_validate_json(job["doc"])
    known = [restore_definition(text, found) for text, found in job["definitions"]]
    try:
        proofs = _in_force(doc, known) if job["sort"] == "campaign" else _draft(job, doc, known)
    except Invalid as error:
        problems = error.flaws("")
        return {"ok": False, "problems": [each.as_json() for each in problems], "proofs": [], "failed": ""}
    found = [{**each.as_json(), "kind": proof.kind} for proof in proofs for each in proof.problems]
    return {"ok": not found, "problems": found, "proofs": [each.as_json() for each in proofs], "failed": ""}


def _in_force(doc: CampaignDoc, known: list[Definition]) -> list[Proof]:
    setting = setting_of(doc, {each.doc.kind: each.doc for each in known})
    proofs = [prove(each, setting) for each in known]
    own = [problem_of(Source(doc.code, "", {}, {}, {}, {}), each) for each in deliverables(doc)]
    if own and proofs:
        proofs[0].problems[:0] = own
    return proofs


def _draft(job: Mapping[str, Any], doc: CampaignDoc, known: list[Definition]) -> list[Proof]:
    draft = Draft(job["main"], job["files"])
    with laid_out(draft, lambda kind, version: job["stored"].get(f"{kind}@{version}")) as path:
        if draft.is_definition:
            definition = read_definition(path)
            others = {each.doc.kind: each.doc for each in known} | {definition.doc.kind: definition.doc}
            proofs = [prove(definition, setting_of(doc, others))]
        else:
            shelf = read_shelf(str(path))
            proofs = prove_shelf(shelf)
            if not any(each.problems for each in proofs):
                proofs[0].problems += play_all(str(path), shelf)
        for proof in proofs:
            proof.problems = [as_sent(each) for each in proof.problems]
            proof.advice = [as_sent(each) for each in proof.advice]
        return proofs
