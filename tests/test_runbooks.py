"""Runbooks by name, the workspace's own copies of them, and what those say otherwise."""

import json

import pytest

from keys_jupyter.errors import InputError, NotAvailable, StateError
from keys_jupyter.model.incident import OpenRequest
from keys_jupyter.routes.runbooks import linted
from tests.packs import RUNBOOK, key_files, make_library, runbook_files

OWN = "# Own Runbook\n\n## Diagnosis Flow\n\n### Step 1: Look at the printer\n\nLook.\n"


def rows(service):
    return {row.slug: row for row in service.runbooks.all().runbooks}


@pytest.mark.parametrize(
    "name",
    ["small-failure", "runbook:small-failure", "small-failure-runbook", "Small Failure Runbook"],
)
def test_a_runbook_is_found_by_every_name_it_is_called(service, name):
    assert service.runbooks.runbook(name).slug == "small-failure"


def test_the_workspaces_own_folder_is_listed(service, workspace):
    (workspace / "runbooks/own").mkdir(parents=True)
    (workspace / "runbooks/own/README.md").write_text(OWN)
    (workspace / "runbooks/single.md").write_text(OWN)
    (workspace / "runbooks/small-failure").mkdir()
    (workspace / "runbooks/small-failure/README.md").write_text(OWN)
    (workspace / "runbooks/no-runbook").mkdir()
    (workspace / "runbooks/.hidden").mkdir()
    found = rows(service)
    assert set(found) == {"small-failure", "own", "single", "runbooks/small-failure"}
    assert (found["own"].source, found["own"].path) == ("workspace", "runbooks/own")
    # A copy of the same name never stands in for the one it was made from.
    assert service.runbooks.runbook("small-failure").title == "Small Failure Runbook"
    assert service.runbooks.runbook("runbooks/small-failure").title == "Own Runbook"
    assert service.runbooks.runbook("single").slug == "single"
    opened = service.incidents.open(OpenRequest(runbook="own"))
    assert (opened.runbook, opened.focus) == ("own", "diagnosis-1")


def test_a_folder_that_leads_elsewhere_is_not_followed(service, workspace, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "README.md").write_text(OWN)
    (workspace / "runbooks").symlink_to(outside.parent)
    assert set(rows(service)) == {"small-failure"}
    with pytest.raises(InputError):
        service.runbooks.runbook("runbooks/outside")


def test_finding_says_why_and_knows_the_workspace(service, workspace):
    (workspace / "runbooks/printer").mkdir(parents=True)
    (workspace / "runbooks/printer/README.md").write_text(
        "# Printer Runbook\n\n## When to Use This Runbook\n\n- The log shows `paper tray empty`.\n\n"
        "## Diagnosis Flow\n\n### Step 1: Look\n\nLook.\n"
    )
    found = service.runbooks.find("ERROR Paper tray empty on printer 4").matches
    assert [(one.slug, one.source) for one in found] == [("printer", "workspace")]
    assert "it names “paper tray empty”" in found[0].reasons
    assert service.runbooks.find("nothing of this").matches == []


# copies -------------------------------------------------------------------------------------------


def test_a_copy_lies_in_the_workspace_and_says_what_it_was_made_from(service, workspace):
    made = service.customising.customise("small-failure")
    assert (made.slug, made.path) == ("small-failure-custom", "runbooks/small-failure-custom")
    folder = workspace / made.path
    assert (folder / "README.md").read_text() == RUNBOOK
    assert json.loads((folder / "pack.json").read_text())["slug"] == "small-failure-custom"
    origin = json.loads((folder / "origin.json").read_text())
    assert origin == {"slug": "small-failure", "version": "1.0.0", "sha256": made.origin_sha256}
    row = rows(service)["small-failure-custom"]
    assert (row.source, row.origin) == ("workspace", "small-failure")
    assert service.customising.differences("small-failure-custom").same


def test_a_copy_is_never_written_over_and_takes_nobodys_name(service, workspace):
    service.customising.customise("small-failure", "mine")
    mine = workspace / "runbooks/mine/README.md"
    mine.write_text("# Mine\n")
    for slug, name, code in (
        ("small-failure", "mine", "ALREADY_THERE"),
        ("small-failure", "small-failure", "NAME_TAKEN"),
        ("small-failure", "../../evil", "BAD_NAME"),
        ("mine", None, "CUSTOM_ALREADY"),
        ("jupyter-small", None, "NOT_A_RUNBOOK"),
        ("nothing", None, "UNKNOWN_KEY"),
    ):
        with pytest.raises((InputError, NotAvailable, StateError)) as caught:
            service.customising.customise(slug, name)
        assert caught.value.code == code, (slug, name)
    assert mine.read_text() == "# Mine\n"
    assert sorted(path.name for path in (workspace / "runbooks").iterdir()) == ["mine"]


def test_what_a_copy_says_otherwise_is_told_by_section(service, workspace):
    service.customising.customise("small-failure")
    file = workspace / "runbooks/small-failure-custom/README.md"
    text = RUNBOOK.replace("tail -n 50 app.log", "tail -n 500 app.log")
    text = text.replace(
        "## Action Steps\n\n### Action 1: Raise the timeout\n\n**REVERSIBLE**\n", ""
    )
    file.write_text(text + "\n## Post-Incident Follow-Ups\n\nTalk.\n")
    found = service.customising.differences("small-failure-custom")
    assert not found.same
    assert [(one.section, one.change) for one in found.sections] == [
        ("diagnosis", "changed"),
        ("action", "removed"),
        ("evidence", "changed"),
        ("follow-ups", "added"),
    ]
    changed = found.sections[0].diff
    assert "-tail -n 50 app.log" in changed
    assert "+tail -n 500 app.log" in changed


def test_the_original_is_kept_and_a_newer_one_is_said(service, workspace, library):
    service.customising.customise("small-failure")
    new = runbook_files(version="2.0.0", text=RUNBOOK.replace("Look.", "Look twice."))
    make_library(library, key_files(), new)
    found = service.customising.differences("small-failure-custom")
    assert (found.same, found.outdated, found.origin_version) == (True, True, "1.0.0")


def test_an_edited_copy_is_announced_to_an_open_incident_and_not_taken(service, workspace):
    opened = service.incidents.open(OpenRequest(runbook="small-failure"))
    service.customising.customise("small-failure")
    assert service.incidents.incident(opened.id).newer == []
    file = workspace / "runbooks/small-failure-custom/README.md"
    file.write_text(RUNBOOK.replace("Look first", "Look twice"))
    now = service.incidents.incident(opened.id)
    assert [(one.source, one.runbook) for one in now.newer] == [
        ("workspace", "runbooks/small-failure-custom")
    ]
    assert now.steps[0].title == "Look first"


@pytest.mark.parametrize("name", ["small-failure", "nothing", "jupyter-small"])
def test_only_copies_have_differences(service, name):
    with pytest.raises(NotAvailable):
        service.customising.differences(name)


def test_a_runbook_of_ones_own_has_no_original(service, workspace):
    (workspace / "runbooks/own").mkdir(parents=True)
    (workspace / "runbooks/own/README.md").write_text(OWN)
    with pytest.raises(NotAvailable) as caught:
        service.customising.differences("own")
    assert caught.value.code == "NO_ORIGIN"


def test_checking_names_the_line(service, workspace):
    service.customising.customise("small-failure")
    file = workspace / "runbooks/small-failure-custom/README.md"
    before = linted(service.runbooks, "small-failure-custom")
    file.write_text(RUNBOOK.replace("**Action**: Look.", "**Action**: Look, if appropriate."))
    after = linted(service.runbooks, "small-failure-custom")
    new = {(one.code, one.line) for one in after.problems} - {
        (one.code, one.line) for one in before.problems
    }
    line = file.read_text().splitlines().index("**Action**: Look, if appropriate.") + 1
    assert ("VAGUE", line) in new
    assert after.problems[0].path == "runbooks/small-failure-custom/README.md"
    assert linted(service.runbooks, "small-failure").slug == "small-failure"
