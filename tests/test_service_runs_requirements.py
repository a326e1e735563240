"""What keys need installed: compared with real environments, installed by a real pip from a folder of wheels."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path

import pytest

from keys_jupyter.errors import InputError, NotAvailable, StateError, SurroundingsError
from keys_jupyter.runner.python import Pythons
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import key_files, make_library

WANTED = """\
# what the notebooks import
keys-test-small>=1.1,<2   # a comment
pip
keys-test-gone ; python_version < "3"
"""


def wheel(folder, name, version, requires=()):
    """Write a wheel as its specification says, with the standard library only."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(
        f"{line}\n" for line in requires
    )
    files = {
        f"{name.replace('-', '_')}.py": f"version = {version!r}\n",
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{stem}.dist-info/RECORD"
    lines = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for path, text in files.items()
    ]
    files[record] = "\n".join([*lines, f"{record},,"]) + "\n"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def kernelspec(root, name, argv, language="python", **more):
    folder = root / "kernels" / name
    folder.mkdir(parents=True)
    spec = {"argv": argv, "display_name": name, "language": language, **more}
    (folder / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture(scope="module")
def other_python(tmp_path_factory):
    home = tmp_path_factory.mktemp("other")
    venv.create(home / "env", with_pip=True, symlinks=True)
    wheels = home / "wheels"
    wheels.mkdir()
    wheel(wheels, "keys-test-small", "1.0")
    wheel(
        wheels,
        "keys-test-small",
        "1.2",
        ["Provides-Extra: more", "Requires-Dist: keys-test-inner; extra == 'more'"],
    )
    wheel(wheels, "keys-test-inner", "0.3")
    return home


@pytest.fixture
def kernels(other_python, tmp_path, monkeypatch):
    python = str(other_python / "env/bin/python")
    root = tmp_path / "jupyter"
    kernelspec(root, "other", [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    kernelspec(root, "fox", ["/usr/bin/R", "--slave"], language="R")
    kernelspec(root, "gone", [str(tmp_path / "gone/bin/python"), "-m", "x"])
    kernelspec(root, "wrapped", ["conda", "run", "python", "-m", "ipykernel_launcher"])
    monkeypatch.setenv("JUPYTER_PATH", str(root))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(other_python / "wheels"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    pip = [python, "-m", "pip"]
    subprocess.run([*pip, "uninstall", "-qqy", "keys-test-small", "keys-test-inner"], check=True)
    return pip


@pytest.fixture
def open_with(tmp_path, workspace):
    opened = []

    def open_(requirements):
        files = key_files()
        if requirements is not None:
            files["requirements.txt"] = requirements
        folder = make_library(tmp_path / f"library{len(opened)}", files)
        opened.append(Service(workspace, tmp_path / "data", [FolderLibrary(folder, "embedded")]))
        return opened[-1].requirements

    yield open_
    for service in opened:
        service.close()


def ended(room, kernel="other"):
    deadline = time.monotonic() + 60
    while room.last(kernel).state == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return room.last(kernel)


def rows(reply):
    return [(p.name, p.wanted, p.found, p.satisfied) for p in reply.packages]


def test_missing_packages_are_shown_installed_and_then_there(open_with, kernels, tmp_path):
    room = open_with(WANTED)
    looked = room.of("jupyter-small", kernel="other")
    pip_version = subprocess.run(
        [*kernels, "--version"], capture_output=True, text=True
    ).stdout.split()[1]
    assert rows(looked) == [
        ("keys-test-small", "keys-test-small<2,>=1.1", None, False),
        ("pip", "pip", pip_version, True),
    ]
    assert (looked.known, looked.missing, looked.refused, looked.installing) == (True, 1, [], None)
    with pytest.raises(NotAvailable):
        room.log("jupyter-small", kernel="other")
    begun = room.install("jupyter-small", kernel="other")
    assert (begun.kernel, begun.requirements) == ("other", ["keys-test-small<2,>=1.1"])
    assert begun.asked.actor.subject
    done = ended(room)
    assert (done.id, done.state, done.exit_code) == (begun.id, "DONE", 0), done.log
    assert "Successfully installed keys-test-small-1.2" in done.log
    whole = room.log("jupyter-small", kernel="other", offset=0)
    assert (whole.offset, whole.text) == (
        0, (tmp_path / f"data/installations/{done.id}/log.txt").read_text(),
    )  # fmt: skip
    rest = room.log("jupyter-small", kernel="other", offset=whole.end - 5)
    assert rest.text == whole.text[-5:]
    after = room.of("jupyter-small", kernel="other")
    assert rows(after)[0][2:] == ("1.2", True)
    assert after.installing == done
    with pytest.raises(InputError) as caught:
        room.install("jupyter-small", kernel="other")
    assert caught.value.code == "NOTHING_MISSING"
    another = open_with(WANTED)
    assert another.of("jupyter-small", kernel="other").installing == done


def test_an_old_version_and_a_missing_extra_do_not_satisfy(open_with, kernels):
    subprocess.run([*kernels, "install", "-qq", "keys-test-small==1.0"], check=True)
    old = open_with("keys-test-small>=1.1").of("jupyter-small", kernel="other")
    assert rows(old)[0][2:] == ("1.0", False)
    subprocess.run([*kernels, "install", "-qq", "keys-test-small==1.2"], check=True)
    room = open_with("keys-test-small[more]==1.*")
    assert rows(room.of("jupyter-small", kernel="other"))[0][2:] == ("1.2", False)
    room.install("jupyter-small", kernel="other")
    assert ended(room).state == "DONE"
    assert rows(room.of("jupyter-small", kernel="other"))[0][2:] == ("1.2", True)


def test_an_installation_that_fails_is_told_with_its_log(open_with, kernels):
    room = open_with("keys-test-nowhere>=3")
    room.install("jupyter-small", kernel="other")
    failed = ended(room)
    assert (failed.state, failed.exit_code) == ("FAILED", 1)
    assert "No matching distribution found for keys-test-nowhere" in failed.log
    assert failed.ended_at > failed.asked.at


@pytest.mark.parametrize(
    "line",
    [
        "-r other.txt",
        "--index-url https://evil.example/simple",
        "--extra-index-url=https://evil.example",
        "https://evil.example/pack.whl",
        "pack @ https://evil.example/pack.whl",
        "git+https://evil.example/pack.git",
        "./local",
        "/srv/pack.whl",
        "-e .",
        "pandas --hash=sha256:00",
        "pandas; __import__('os').system('true')",
        "$(touch x)",
        "a" * 600,
    ],
)
def test_lines_that_choose_where_code_comes_from_are_refused(open_with, kernels, line, tmp_path):
    room = open_with(f"pip\n{line}\nkeys-test-small")
    looked = room.of("jupyter-small", kernel="other")
    assert looked.refused == [line[:500]]
    assert [package.name for package in looked.packages] == ["pip", "keys-test-small"]
    with pytest.raises(InputError) as caught:
        room.install("jupyter-small", kernel="other")
    assert caught.value.code == "REQUIREMENT_REFUSED"
    assert not (tmp_path / "data/installations").exists()


def test_one_installation_at_a_time_into_one_kernel(open_with, kernels, other_python, monkeypatch):
    gate = other_python / "gate"
    gate.unlink(missing_ok=True)
    os.mkfifo(gate)
    # A pip that waits: the constraint file it reads first is a pipe nobody has written to yet.
    monkeypatch.setenv("PIP_CONSTRAINT", str(gate))
    room = open_with("keys-test-small")
    room.install("jupyter-small", kernel="other")
    for again in (room, open_with("keys-test-small")):
        with pytest.raises(StateError) as caught:
            again.install("jupyter-small", kernel="other")
        assert caught.value.code == "INSTALLING_ALREADY"
        assert again.of("jupyter-small", kernel="other").installing.state == "RUNNING"
    gate.write_text("")
    assert ended(room).state == "DONE"


def test_an_installation_outlives_who_asked_and_a_killed_one_is_told_as_failed(
    open_with, kernels, other_python, monkeypatch
):
    gate = other_python / "gate"
    gate.unlink(missing_ok=True)
    os.mkfifo(gate)
    monkeypatch.setenv("PIP_CONSTRAINT", str(gate))
    room = open_with("keys-test-small")
    begun = room.install("jupyter-small", kernel="other")
    found = [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if begun.id.encode() in (entry / "cmdline").read_bytes()
    ]
    assert len(found) == 1
    assert os.getpgid(found[0]) == found[0] != os.getpgid(0)
    os.killpg(found[0], 9)
    failed = ended(room)
    assert (failed.id, failed.state, failed.exit_code) == (begun.id, "FAILED", None)


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        ("fox", "Only the packages of a Python kernel"),
        ("wrapped", "Only the packages of a Python kernel"),
        ("gone", "does not answer; it may have been removed"),
        ("nowhere", "There is no kernel named 'nowhere' here."),
    ],
)
def test_an_environment_that_cannot_be_looked_at_is_unknown_and_not_missing(
    open_with, kernels, kernel, said
):
    room = open_with(WANTED)
    looked = room.of("jupyter-small", kernel=kernel)
    assert (looked.known, looked.missing, looked.python) == (False, 0, None)
    assert said in looked.note
    with pytest.raises(SurroundingsError):
        room.install("jupyter-small", kernel=kernel)


def test_a_key_without_requirements_needs_nothing(open_with, kernels):
    looked = open_with(None).of("jupyter-small", kernel="other")
    assert (looked.packages, looked.missing, looked.known) == ([], 0, True)


def test_kernels_that_run_elsewhere_are_not_asked_here(kernels):
    known = Pythons("team.gateway.Manager").of("other")
    assert (known.python, known.note) == (None, "This server starts its kernels elsewhere.")


def test_what_was_asked_holds_until_a_folder_changes(kernels, other_python):
    pythons = Pythons()
    first = pythons.of("other")
    assert pythons.of("other") is first
    subprocess.run([*kernels, "install", "-qq", "keys-test-inner"], check=True)
    second = pythons.of("other")
    assert second is not first
    assert ("keys-test-inner", "0.3") in [(p.name, p.version) for p in second.packages]


def test_the_command_line_asks_before_it_installs(open_with, kernels, tmp_path, workspace):
    open_with("keys-test-small")
    start = (
        "import sys; from pathlib import Path; import keys_jupyter.cli.surroundings as s;"
        "from keys_jupyter.service import Service;"
        "from keys_jupyter.sources.library import FolderLibrary;"
        f"s.open_service = lambda o, root, change: Service(root, Path({str(tmp_path / 'data')!r}),"
        f" [FolderLibrary(Path({str(tmp_path / 'library0')!r}), 'embedded')], on_change=change);"
        "from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
    )

    def call(*words):
        command = [sys.executable, "-c", start, "install", "jupyter-small", "--requirements"]
        return subprocess.run(
            [*command, "--kernel", "other", *words],
            cwd=workspace,
            input="",
            capture_output=True,
            text=True,
            check=False,
        )

    asked = call()
    assert asked.returncode == 2
    assert "keys-test-small  missing  needed" in asked.stderr
    assert "no terminal to ask on" in asked.stderr
    done = call("--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "DONE"
    assert "Successfully installed keys-test-small-1.2" in done.stderr
    assert "Nothing to install." in call().stdout
