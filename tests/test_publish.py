"""A built library goes to a marketplace on loopback: what arrives, what is refused, and what a cut leaves behind."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

from keys_jupyter.authoring.publish import Admin, publish, read_built, signed_in
from keys_jupyter.credentials import Secret
from keys_jupyter.errors import InputError, IntegrityError, NetworkError, NotAvailable
from keys_jupyter.marketplace_fake import MARK, FakeMarketplace, Fault, Part, Place, Shape
from keys_jupyter.sources.marketplace import MarketplaceSettings
from keys_jupyter.transport import Settings, Transport
from tests.packs import key_files, make_library, runbook_files

KEY, BOOK = "jupyter-small", "small-failure"
PASSWORD = f"correct horse {MARK}"
EMAIL = "admin@example.com"
ENTER = "POST /marketplace/admin/publish"
STORE = "POST /storage/v1/object/*"


@pytest.fixture
def market(tmp_path):
    sold = make_library(tmp_path / "sold", key_files("jupyter-other"))
    with FakeMarketplace(sold, digests=True) as running:
        running.user(EMAIL, PASSWORD, admin=True)
        yield running
    assert running.failures == []


@pytest.fixture
def built(tmp_path):
    return make_library(tmp_path / "built")


def settings(market):
    door = Settings(allowed_marketplaces=(market.url,), retry_seconds=0.0)
    return MarketplaceSettings(
        market.url, market.project_url, Secret(market.anon_key), transport=door
    )


def send(market, folder, *, dry_run=False, session=None):
    here = settings(market)
    door = Transport(here.transport)
    if session is not None:
        return publish(read_built(folder), Admin(here, door, Secret(session)), dry_run=dry_run)
    with signed_in(here, door, EMAIL, Secret(PASSWORD)) as token:
        return publish(read_built(folder), Admin(here, door, token), dry_run=dry_run)


def states(done):
    return {one.slug: one.state for one in done.results}


def objects(market):
    return dict(market._state.shelf.objects)


def sent_to(market, start):
    return [one for one in market.requests if f"{one.method} {one.path}".startswith(start)]


# what arrives ----------------------------------------------------------------------------------------


def test_a_library_arrives_whole_and_is_the_same_the_second_time(market, built):
    done = send(market, built)
    assert (states(done), done.fault) == ({KEY: "created", BOOK: "created"}, None)
    for row in json.loads((built / "library.json").read_text())["packs"]:
        data = objects(market)[row["assets"]["zip"]].data
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        listed = market._state.shelf.packs[row["slug"]]
        assert (listed.version, listed.sha256) == (row["version"], row["sha256"])
    stored = len(sent_to(market, "POST /storage/"))
    again = send(market, built)
    assert (states(again), again.fault) == ({KEY: "unchanged", BOOK: "unchanged"}, None)
    assert len(sent_to(market, "POST /storage/")) == stored


def test_a_newer_version_updates_and_only_what_a_marketplace_takes_is_told(market, built, tmp_path):
    send(market, built)
    newer = make_library(tmp_path / "newer", key_files(version="1.1.0"), runbook_files())
    assert states(send(market, newer)) == {KEY: "updated", BOOK: "unchanged"}
    assert market._state.shelf.packs[KEY].version == "1.1.0"
    told = json.loads(sent_to(market, ENTER)[-1].body)["libraryJson"]["packs"][0]
    assert set(told) == {
        "slug", "title", "description", "category", "version", "license_spdx", "assets", "sha256",
    }  # fmt: skip


def test_everything_beside_a_pack_is_stored_before_it(market, built):
    index = json.loads((built / "library.json").read_text())
    row = next(one for one in index["packs"] if one["slug"] == KEY)
    for name, path, data in (
        ("preview_html", "preview.html", b"<p>Look</p>"),
        ("changelog_md", "changelog.md", b"# 1.0.0"),
    ):
        row["assets"][name] = f"packs/{KEY}/1.0.0/{path}"
        (built / row["assets"][name]).write_bytes(data)
    (built / "library.json").write_text(json.dumps(index))
    send(market, built)
    way = [one.path for one in market.requests if KEY in one.path and "/storage/" in one.path]
    names = [path.rpartition("/")[2] for path in way]
    assert sorted(names[:2]) == ["changelog.md", "preview.html"]
    assert names[2:] == ["pack.zip"]
    assert objects(market)[row["assets"]["preview_html"]].data == b"<p>Look</p>"


def test_a_dry_run_says_what_would_be_and_changes_nothing(market, built):
    before = objects(market)
    assert states(send(market, built, dry_run=True)) == {KEY: "created", BOOK: "created"}
    assert objects(market) == before
    assert KEY not in market._state.shelf.packs
    bodies = [json.loads(one.body) for one in sent_to(market, ENTER)]
    assert [body["dryRun"] for body in bodies] == [True]


def test_the_newest_of_several_versions_is_published(market, tmp_path):
    both = make_library(tmp_path / "both", key_files(version="1.10.0"), key_files(version="1.9.0"))
    assert [(one.slug, one.version) for one in send(market, both).results] == [(KEY, "1.10.0")]


# what is never replaced ------------------------------------------------------------------------------


def test_other_bytes_under_a_published_version_are_refused_and_the_rest_is_sent(
    market, built, tmp_path
):
    send(market, built)
    changed = make_library(
        tmp_path / "changed",
        key_files(description="Other bytes"),
        runbook_files(version="1.0.1"),
    )
    before = objects(market)[f"packs/{KEY}/1.0.0/pack.zip"].data
    done = send(market, changed)
    assert states(done) == {KEY: "refused", BOOK: "updated"}
    assert isinstance(done.fault, IntegrityError)
    assert done.fault.code == "CHANGED_UNDER_VERSION"
    assert objects(market)[f"packs/{KEY}/1.0.0/pack.zip"].data == before


def test_a_step_back_is_refused(market, built, tmp_path):
    send(market, make_library(tmp_path / "newer", key_files(version="1.10.0")))
    done = send(market, make_library(tmp_path / "older", key_files(version="1.9.0")))
    assert (states(done), done.fault.code) == ({KEY: "refused"}, "NEWER_PUBLISHED")
    assert market._state.shelf.packs[KEY].version == "1.10.0"


def test_where_no_digest_is_shown_files_that_are_there_are_left_alone(market, built, tmp_path):
    send(market, built)
    market.faults.add(Fault.NULL_DIGEST)
    changed = make_library(tmp_path / "changed", key_files(description="Other bytes"))
    before = objects(market)
    done = send(market, changed)
    assert states(done) == {KEY: "updated"}
    assert "no digest is shown there" in done.results[0].message
    assert objects(market) == before


# who may ---------------------------------------------------------------------------------------------


def test_only_an_administrators_session_is_let_in_and_nothing_is_sent_before(market, built):
    reader = market.user("reader@example.com", PASSWORD)
    for token, code in (
        (market.session(reader).access_token, "NOT_AN_ADMIN"),
        ("made.up.token", "SESSION_REFUSED"),
    ):
        with pytest.raises(NotAvailable) as caught:
            send(market, built, session=token)
        assert caught.value.code == code
        assert caught.value.exit_code == 3
    assert sent_to(market, "POST /storage/") == []


def test_a_lone_refusal_is_asked_about_once_more(market, built):
    market.faults.add(Fault.ERROR, on=ENTER, status=401, shape=Shape.NESTED, times=1)
    assert send(market, built).fault is None


def test_a_wrong_password_is_named_and_a_session_is_ended(market, built):
    here = settings(market)
    with (
        pytest.raises(NotAvailable) as caught,
        signed_in(here, Transport(here.transport), EMAIL, Secret("wrong")),
    ):
        pass
    assert caught.value.code == "PASSWORD_REFUSED"
    send(market, built)
    assert [one.path for one in market.requests][-1] == "/auth/v1/logout"
    assert market._state.accounts.sessions == {}


def test_each_secret_goes_only_where_it_belongs(market, built):
    send(market, built)
    for one in market.requests:
        if PASSWORD in one.text():
            assert (one.origin, one.path) == ("project", "/auth/v1/token")
        if one.origin == "api" and not one.path.startswith("/marketplace/admin"):
            assert one.header("Authorization") is None, one.path
        assert one.header("apikey") is None or one.origin == "project"


# what goes wrong -------------------------------------------------------------------------------------


def test_details_name_the_pack_and_the_field(market, built):
    packs = read_built(built)
    packs[1].row["license_spdx"] = ""
    here = settings(market)
    door = Transport(here.transport)
    with (
        signed_in(here, door, EMAIL, Secret(PASSWORD)) as token,
        pytest.raises(InputError) as caught,
    ):
        publish(packs, Admin(here, door, token))
    assert caught.value.code == "PUBLISH_REFUSED"
    assert f"- {packs[1].slug}: license_spdx: Required" in caught.value.message
    assert sent_to(market, "POST /storage/") == []


@pytest.mark.parametrize(
    ("fault", "options", "on", "state"),
    [
        (Fault.CUT, {"at": 3, "reset": True}, STORE, "not sent"),
        (
            Fault.ERROR,
            {"status": 400, "shape": Shape.STORAGE, "message": "full"},
            STORE,
            "not sent",
        ),
        (Fault.RAW, {}, STORE, "not sent"),
        (Fault.ERROR, {"status": 403, "shape": Shape.HANDLER, "message": "no"}, ENTER, "created"),
        (Fault.ERROR, {"status": 500, "shape": Shape.NESTED, "message": "oh"}, ENTER, "created"),
        (Fault.ERROR, {"status": 408, "shape": Shape.TIMEOUT, "message": "oh"}, ENTER, "created"),
        (Fault.CUT, {"at": 3}, ENTER, "created"),
        (Fault.RAW, {}, ENTER, "created"),
    ],
)
def test_cut_in_the_middle_it_says_what_is_there_and_again_is_safe(
    market, tmp_path, fault, options, on, state
):
    three = make_library(
        tmp_path / "three", key_files("jupyter-a"), key_files("jupyter-b"), key_files("jupyter-c")
    )
    # The rehearsal is the first call to enter; the first pack passes, the second does not.
    rule = market.faults.add(fault, on=on, skip=2 if on == ENTER else 1, **options)
    done = send(market, three)
    assert states(done) == {"jupyter-a": "created", "jupyter-b": state, "jupyter-c": "not sent"}
    assert done.fault.exit_code == (3 if options.get("status") == 403 else 4)
    shelf = market._state.shelf.packs
    assert "jupyter-a" in shelf
    assert "jupyter-c" not in shelf
    assert ("jupyter-b" in shelf) is (state == "created")
    rule.remove()
    again = send(market, three)
    assert again.fault is None
    assert states(again)["jupyter-a"] == "unchanged"
    assert states(again)["jupyter-c"] == "created"
    assert {slug for slug in shelf if slug != "jupyter-other"} == set(states(done))


@pytest.mark.parametrize(
    ("status", "state"), [(403, "not sent"), (429, "not sent"), (500, "unknown"), (408, "unknown")]
)
def test_what_cannot_be_looked_up_after_an_error_is_said_to_be_unknown(
    market, built, status, state
):
    market.faults.add(Fault.ERROR, on=ENTER, skip=1, status=status, shape=Shape.HANDLER)
    market.faults.add(Fault.OUTAGE, of=Part.KEY_ROW, on=Place.DETAIL)
    assert states(send(market, built)) == {KEY: state, BOOK: "not sent"}


def test_an_outage_before_anything_was_sent_is_the_networks(market, built):
    send(market, built)
    here = settings(market)
    door = Transport(here.transport)
    with signed_in(here, door, EMAIL, Secret(PASSWORD)) as token:
        market.faults.add(Fault.OUTAGE, of=Part.KEY_ROW, on=Place.DETAIL)
        with pytest.raises(NetworkError) as caught:
            publish(read_built(built), Admin(here, door, token))
        assert caught.value.code == "MARKETPLACE_TROUBLE"


# what is no library ----------------------------------------------------------------------------------


def broken(folder, change):
    index = json.loads((folder / "library.json").read_text())
    change(index["packs"][0])
    (folder / "library.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row.pop("sha256"), "no sha256"),
        (lambda row: row.update(title="x" * 201), "title has more than 200"),
        (lambda row: row.update(runtime_minutes=0), "runtime_minutes"),
        (lambda row: row.update(slug="../x"), "slug"),
        (lambda row: row["assets"].update(zip="../built.zip"), "does not lie in"),
        (lambda row: row["assets"].update(cover="packs/jupyter-small/1.0.0/c.png"), "not there"),
        (lambda row: row["assets"].update(film="packs/jupyter-small/1.0.0/f"), "no marketplace"),
        (lambda row: row.update(assets={}), "names no zip"),
    ],
)
def test_a_library_that_does_not_validate_is_refused_whole(built, change, said):
    broken(built, change)
    with pytest.raises(InputError) as caught:
        read_built(built)
    assert caught.value.code == "LIBRARY_INVALID"
    assert said in caught.value.message


def test_a_pack_that_is_not_the_one_described_is_refused(built):
    with (built / f"packs/{KEY}/1.0.0/pack.zip").open("ab") as zip_file:
        zip_file.write(b"x")
    with pytest.raises(IntegrityError):
        read_built(built)


def test_a_folder_without_a_library_is_none(tmp_path):
    with pytest.raises(InputError) as caught:
        read_built(tmp_path)
    assert "library.json" in caught.value.message


# the command -----------------------------------------------------------------------------------------


def command(market, tmp_path, *words, text="", code=0, **extra):
    environment = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
        "KEYS_MARKETPLACE_URL": market.url,
        "KEYS_MARKETPLACE_AUTH_URL": market.project_url,
        "KEYS_MARKETPLACE_AUTH_ANON_KEY": market.anon_key,
        **extra,
    }
    call = "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", call, "library", "publish", *map(str, words)],
        input=text, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return done


def test_the_command_tells_of_each_pack_and_keeps_nothing(market, built, tmp_path):
    words = (built, "--allow-private", "--email", EMAIL, "--token-stdin")
    rehearsed = command(market, tmp_path, *words, "--dry-run", text=PASSWORD + "\n")
    assert "would be created" in rehearsed.stdout
    assert KEY not in market._state.shelf.packs
    done = json.loads(command(market, tmp_path, *words, "--json", text=PASSWORD).stdout)
    assert done["dry_run"] is False
    assert [(one["slug"], one["state"]) for one in done["results"]] == [
        (KEY, "created"), (BOOK, "created"),
    ]  # fmt: skip
    assert not (tmp_path / "jupyter").exists()


def test_the_command_takes_a_session_of_the_surroundings_and_never_an_api_key(
    market, built, tmp_path
):
    admin = market.user("second@example.com", PASSWORD, admin=True)
    words = (built, "--allow-private", "--json")
    token = market.session(admin).access_token
    done = command(market, tmp_path, *words, KEYS_PUBLISH_TOKEN=token)
    assert json.loads(done.stdout)["results"][0]["state"] == "created"
    heard = len(market.requests)
    key = market.key(admin).token
    refused = command(market, tmp_path, *words, "--token-stdin", text=key, code=2)
    assert json.loads(refused.stdout)["error"]["code"] == "NOT_A_SESSION"
    assert len(market.requests) == heard


def test_the_commands_exit_code_is_of_the_first_faults_family(market, built, tmp_path):
    words = (built, "--allow-private", "--json", "--email", EMAIL, "--token-stdin")
    refused = command(market, tmp_path, *words, text="wrong", code=3)
    assert json.loads(refused.stdout)["error"]["code"] == "PASSWORD_REFUSED"
    market.faults.add(Fault.CUT, on=STORE, at=3, times=1)
    cut = json.loads(command(market, tmp_path, *words, text=PASSWORD, code=4).stdout)
    assert [one["state"] for one in cut["results"]] == ["not sent", "not sent"]
    assert cut["error"]["code"].startswith("UNREACHABLE")
    command(market, tmp_path, *words, text=PASSWORD)
    other = make_library(tmp_path / "other", key_files(description="Other bytes"))
    changed = command(market, tmp_path, other, *words[1:], text=PASSWORD, code=5)
    assert json.loads(changed.stdout)["error"]["code"] == "CHANGED_UNDER_VERSION"
    private = command(
        market, tmp_path, built, "--json", "--email", EMAIL, "--token-stdin", text="x", code=2
    )
    assert json.loads(private.stdout)["error"]["code"] == "ADDRESS_REFUSED"
    off = command(market, tmp_path, *words, text=PASSWORD, code=2, KEYS_MARKETPLACE_AUTH_URL="")
    assert json.loads(off.stdout)["error"]["code"] == "PUBLISHING_OFF"
