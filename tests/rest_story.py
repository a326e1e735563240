"""One incident worked over HTTP from its opening to its bundle, with a secret in everything that can be typed."""

import asyncio
import base64
import datetime
import io
import json
import re
import urllib.parse
import zipfile

from keys_jupyter.routes import OPERATIONS
from tests.incident_books import RICH
from tests.packs import PARAMETERS, code, notebook
from tests.rest_canary import A_PART, worded

SOLD = "jupyter-sold"
TODAY = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
# Endings that say what a file is, that say something else, and that nobody knows.
ARTIFACTS = ("a.txt", "a.csv", "a.html", "a.log", "a.yaml", "a.env", "a.ts", "a.png", "a.bin", "a")


def key_book():
    """Return a key that shows what it is given wherever a key can, and fails with it."""
    return notebook(
        code(PARAMETERS + 'token: str = "none at all"\n', tags=["parameters"], ident="p"),
        code("print(note, token)\nprint(token.encode().hex())", ident="s"),
        code(
            "row = {'name': 'rate', 'label': note, 'value': token, 'unit': None, 'expected': None, 'ok': None}\n"
            "display({'application/vnd.keys.result+json': {'schema': 'keys.result/1', 'results': [row]},"
            " 'text/plain': note}, raw=True)",
            ident="r",
        ),
        code(
            f"import pathlib\nfor name in {ARTIFACTS!r}:\n    pathlib.Path(output_dir, name).write_text(note)",
            ident="a",
        ),
        code("raise ValueError(note)", ident="e"),
    )


class Driver:
    """Sends requests, and notes by itself which address got a secret in which field, and what was answered."""

    def __init__(self, fetch, secrets):
        self._fetch = fetch
        self.secrets = secrets
        self.asked = set()
        self.told = set()
        self.acts = {}
        self.left = set()
        self.worded = set()
        self._patterns = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path)), one)
            for one in sorted(OPERATIONS, key=lambda one: one.path.count("{"))
        ]

    def operation(self, method, path):
        return next(
            one
            for pattern, one in self._patterns
            if one.method == method and pattern.fullmatch(path)
        )

    async def ask(self, method, path, body=None, *, status=None, **query):
        """Ask one address; the answer is searched, and a body is sent a second time with one field too many."""
        operation = self.operation(method, path)
        where = f"{method.upper()} {operation.path}"
        if body is not None and operation.body:
            self._note(operation, body)
            spoilt = {**body, "surprise": self.secrets.text(f"{where} surprise")}
            code_, refused = await self.send(method, path, spoilt)
            assert code_ == 400 and b'"BAD_REQUEST"' in refused, (where, refused)
            self.saw(f"refusal of {where}", refused)
        code_, answer = await self.send(method, path, body, query)
        assert code_ == (status or operation.status), (where, body, answer)
        self.asked.add((method, operation.path))
        self.saw(where, answer)
        return json.loads(answer) if answer.startswith((b"{", b"[")) else answer

    async def send(self, method, path, body, query=None):
        return await self._fetch(method, path, body, query or {})

    def _note(self, operation, body):
        for name, value in body.items():
            field = f"{operation.body}.{name}"
            names = isinstance(value, dict) and self.secrets.places("\n".join(value))
            held = list(value.values()) if isinstance(value, dict) else value
            if names:
                self.told.add((operation.path, f"{field}{{}}"))
            if self.secrets.places(json.dumps(held)):
                self.told.add((operation.path, field))
                if operation.body == "Act":
                    self.acts.setdefault(body["type"], set()).add(name)

    def saw(self, where, data, *, cut=False):
        """Search some bytes and note what is left in them.

        Args:
            where: what is said of it.
            data: the bytes.
            cut: they are cut anywhere, so a part too short to tell whose it is says nothing.
        """
        found = self.secrets.places(data) - ({A_PART} if cut else set())
        self.left |= {(place, where) for place in found}
        if worded(data):
            self.worded.add(where)


class Story:
    """One incident after the other, worked by somebody who types a secret wherever something can be typed."""

    def __init__(self, drive, secrets, market, workspace, bell):
        self.ask, self.drive, self.secrets = drive.ask, drive, secrets
        self.market, self.workspace, self.bell = market, workspace, bell

    async def whole(self):
        await self.sign_in()
        await self.choose_keys()
        await self.choose_runbooks()
        await self.open()
        await self.run_keys()
        await self.say()
        await self.add()
        await self.review()
        await self.export()
        await self.look()

    async def until(self, true):
        """Wait for what an announced change brings."""
        while True:
            self.bell.clear()
            found = await true()
            if found:
                return found
            await asyncio.wait_for(self.bell.wait(), 60)

    async def sign_in(self):
        s, market = self.secrets, self.market
        email = f"ops+{s.slug('SignInRequest.email')}@example.com"
        password = s.text("SignInRequest.password")
        user = market.user(email, password)
        market.grant_all(user)
        await self.ask("get", "marketplace/session")
        await self.ask("post", "marketplace/sign-in", {"email": email, "password": password})
        await self.ask("post", "marketplace/sign-out")
        refused = {"key": s.value("SignInRequest.key")}
        await self.ask("post", "marketplace/sign-in", refused, status=400)
        at = urllib.parse.urlsplit(market.url)
        said = s.name("SignInRequest.marketplace")
        for url, status in (
            (f"//me:{said}@{at.netloc}", 400),
            (f"//{at.netloc}/?token={said}", 200),
        ):
            body = {"marketplace": f"{at.scheme}:{url}", "key": market.key(user).token}
            await self.ask("post", "marketplace/sign-in", body, status=status)
        await self.ask("post", "marketplace/sign-in", {"key": market.key(user).token})
        await self.ask("post", "marketplace/refresh")
        await self.ask("get", "marketplace/session")

    async def choose_keys(self):
        s = self.secrets
        for path in ("status", "catalog", f"keys/{SOLD}", f"keys/{SOLD}/preview"):
            await self.ask("get", path)
        await self.ask("get", f"keys/{SOLD}/changes/1.0.0")
        await self.ask("post", f"keys/{SOLD}/checkout")
        await self.ask("post", f"keys/{SOLD}/entitlement")
        await self.ask("post", f"keys/{SOLD}/install", {})
        await self.ask("post", f"keys/{SOLD}/use", {"version": "1.0.0"})
        for path in ("installed", "outdated", "installing"):
            await self.ask("get", path)
        await self.ask("post", f"keys/{SOLD}/remove", {"version": "1.0.0"})
        await self.ask("get", "keys/jupyter-small/parameters")
        await self.ask("get", "keys/jupyter-small/requirements")
        values = {"note": s.text("CellPreviewRequest.values")}
        await self.ask("post", "keys/jupyter-small/cell", {"values": values})

    async def choose_runbooks(self):
        s = self.secrets
        text = f"BIG_FAILURE {s.text('FindRequest.text')}"
        await self.ask("post", "runbooks/find", {"text": text})
        name = s.slug("CustomiseRequest.name")
        made = await self.ask("post", "runbooks/big-failure/customise", {"name": name})
        own = self.workspace / s.name("OpenRequest.runbook")
        own.mkdir()
        (own / "README.md").write_text(f"{RICH}\n{s.text('own runbook')}\n")
        self.own, self.copy = f"{own.name}/README.md", made["path"]
        for book in ("big-failure", urllib.parse.quote(made["path"], safe="")):
            await self.ask("get", f"runbooks/{book}")
            await self.ask("get", f"runbooks/{book}/readiness")
            await self.ask("get", f"runbooks/{book}/lint")
        await self.ask("get", f"runbooks/{urllib.parse.quote(made['path'], safe='')}/differences")
        await self.ask("get", "runbooks")

    async def open(self):
        s = self.secrets
        opened = await self.ask(
            "post",
            "incidents",
            {
                "runbook": self.own,
                "claimed_name": s.text("OpenRequest.claimed_name", 120),
                "trigger": s.text("OpenRequest.trigger"),
                "symptoms": s.text("OpenRequest.symptoms"),
                "facts": {s.text("OpenRequest.facts{}", 120): s.text("OpenRequest.facts")},
            },
        )
        self.id = opened["id"]
        self.at = f"incidents/{self.id}"

    # what is run ---------------------------------------------------------------------------------

    async def run(self, key, secret=None, **more):
        s = self.secrets
        body = {"key": key, "parameters": {"note": s.text("RunRequest.parameters")}, **more}
        if secret:
            body["secrets"] = {"token": secret}
        run = (await self.ask("post", "runs", body))["id"]
        if more.get("mode") != "interactive":
            await self.attach_run(run)
        return run

    async def run_keys(self):
        s = self.secrets
        where = {"incident": self.id, "step": "diagnosis-1"}
        bound = await self.run("jupyter-small", s.value("RunRequest.secrets"), **where)
        free = await self.run("jupyter-small", s.value("RunRequest.secrets"))
        own = f"{s.name('RunRequest.key')}.ipynb"
        (self.workspace / own).write_text(json.dumps(key_book()))
        await self.run(own)
        await self.run("jupyter-small", kernel=s.name("RunRequest.kernel"))
        by_hand = await self.run(own, mode="interactive")
        run = await self.ask("get", f"runs/{by_hand}")
        path = self.workspace / run["notebook"]
        book = json.loads(path.read_text())
        for count, cell in enumerate(book["cells"], 1):
            cell["execution_count"] = count
        said = {"output_type": "stream", "name": "stdout", "text": s.text("by hand")}
        book["cells"][-1]["outputs"] = [said]
        path.write_text(json.dumps(book))
        await self.ask("post", f"runs/{by_hand}/collect")
        await self.attach_run(by_hand)
        await self.ask("post", f"runs/{bound}/cancel")
        self.runs = (bound, free, by_hand)
        body = {"path": own, "run": by_hand}
        await self.ask("post", "context", {"path": f"{s.name('ContextRequest.path')}.ipynb"})
        await self.ask("post", "context", {**body, "path": run["notebook"]})

    async def attach_run(self, run):
        """Attach a run as soon as it has ended and its outcome is kept; refused is one that belongs here already."""
        body = {"run": run, "incident": self.id, "step": "diagnosis-2"}

        async def attached():
            code_, answer = await self.drive.send("post", "context/attach", body)
            return code_ == 201 or json.loads(answer)["code"] != "RUN_OPEN"

        await self.until(attached)
        state = await self.ask("get", self.at)
        assert run in state["runs"]
        self.drive.asked.add(("post", "context/attach"))

    # what is said --------------------------------------------------------------------------------

    async def act(self, kind, *, status=None, **known):
        s = self.secrets
        given = {name: s.text(f"Act.{name}") for name in ("text", "root_cause", "resolution")}
        given["verification"] = s.text("Act.verification")
        most = {"to": 120, "name": 120, "confirmation": 200}
        given |= {name: s.text(f"Act.{name}", limit) for name, limit in most.items()}
        body = {"type": kind, **given, **known}
        return await self.ask("post", f"{self.at}/acts", body, status=status)

    async def say(self):
        one, two = {"step": "diagnosis-1"}, {"step": "safety-1"}
        await self.act("step.focus", **one)
        await self.act("step.note", **one)
        for kind in ("failed", "undone", "skipped"):
            await self.act(f"step.{kind}", **two)
        await self.act("step.done", step="safety-2")
        await self.act("branch.taken", branch=0, **one)
        await self.act("action.confirmed", step="action-2", status=409)
        await self.act("action.confirmed", step="action-2", confirmation="RESEND 2")
        state = await self.act("timer.started", minutes=5)
        timer = state["timers"][-1]["id"]
        await self.act("timer.postponed", timer=timer, minutes=5)
        await self.act("timer.stopped", timer=timer)
        state = await self.act("timer.started", minutes=5)
        await self.act("escalation.raised", timer=state["timers"][-1]["id"])
        item = state["items"][0]["id"]
        await self.act("item.ticked", item=item)
        await self.act("item.unticked", item=item)
        await self.act("analysis.added", key="jupyter-small")
        for kind in ("note", "fact", "claimed", "handover", "closed", "reopened"):
            await self.act(f"incident.{kind}")

    async def add(self):
        s = self.secrets
        text = s.text("AttachRequest.data").encode()
        data = base64.b64encode(text).decode()
        name = f"{s.name('AttachRequest.name')}.txt"
        told = {"name": name, "data": data, "text": s.text("AttachRequest.text")}
        await self.ask("post", f"{self.at}/attachments", told)
        for form in ("utf-16", "utf-32"):
            wide = base64.b64encode(s.text(f"AttachRequest.data {form}").encode(form)).decode()
            await self.ask("post", f"{self.at}/attachments", {"name": "w.txt", "data": wide})
        path = f"{s.name('AttachRequest.path')}.log"
        (self.workspace / path).write_text(s.text("own file"))
        await self.ask("post", f"{self.at}/attachments", {"path": path})
        saved = f"{s.name('CollectRequest.path')}.ipynb"
        said = {"output_type": "stream", "name": "stdout", "text": s.text("own output")}
        shown = code(f"# {s.text('own source')}") | {"outputs": [said], "execution_count": 1}
        (self.workspace / saved).write_text(json.dumps(notebook(shown)))
        body = {"path": saved, "incident": self.id, "step": "diagnosis-1"}
        await self.ask("post", "evidence/collect", body)
        body = {"runbook": self.copy, "step": "diagnosis-1", "text": s.text("LinkRequest.text")}
        self.child = (await self.ask("post", f"{self.at}/links", body))["id"]

    async def review(self):
        s = self.secrets
        found = await self.ask("get", f"{self.at}/findings")
        reason = s.text("ClearRequest.reason", 2000)
        body = {"commitment": found["findings"][0]["commitment"], "reason": reason}
        await self.ask("post", f"{self.at}/findings/cleared", body)
        self.cleared = found["findings"][0]["commitment"]
        await self.ask(
            "post", "evidence/checkpoint", {"outlet": s.text("CheckpointRequest.outlet", 200)}
        )
        await self.ask("get", "evidence/checkpoint")

    # what leaves ---------------------------------------------------------------------------------

    async def export(self):
        s = self.secrets
        made = [
            await self.ask("post", f"{self.at}/bundle", {}),
            await self.ask("post", f"incidents/{self.child}/bundle", {"at": 0}),
            await self.ask("post", "evidence/period", {"start": TODAY, "end": TODAY}),
        ]
        for one in made:
            whole = await self.ask("get", one["download"])
            verified = await self.ask(
                "post",
                "evidence/verify",
                {"path": one["path"], "against": s.text("VerifyRequest.against")},
            )
            assert [row["name"] for row in verified["checks"] if not row["ok"]] == [
                "against the held checkpoint"
            ]
            assert zipfile.is_zipfile(io.BytesIO(whole))
        foreign = io.BytesIO()
        with zipfile.ZipFile(foreign, "w") as archive:
            archive.writestr(f"{s.name('VerifyRequest.data')}.txt", s.text("VerifyRequest.data"))
        data = base64.b64encode(foreign.getvalue()).decode()
        await self.ask("post", "evidence/verify", {"data": data})
        place = self.workspace / f"{s.name('VerifyRequest.path')}.zip"
        place.write_bytes(foreign.getvalue())
        await self.ask("post", "evidence/verify", {"path": place.name})

    async def look(self):
        """Ask for everything that can be asked for afterwards."""
        for at in (self.at, f"incidents/{self.child}"):
            for rest in ("", "/runbook", "/timeline", "/evidence", "/checklist", "/analyses"):
                await self.ask("get", at + rest)
            await self.ask("get", f"{at}/findings")
            await self.ask("get", f"{at}/steps/diagnosis-1/cards")
            await self.ask("get", f"{at}/steps/diagnosis-1/prefill", key="jupyter-small")
            for item in (await self.ask("get", f"{at}/evidence"))["evidence"]:
                await self.ask("get", f"{at}/evidence/{item['id']}")
                await self.ask("get", f"{at}/evidence/{item['id']}/file")
        for run in self.runs:
            for rest in ("", "/environment", "/output"):
                await self.ask("get", f"runs/{run}{rest}")
        await self.ask("get", f"evidence/compare/{self.runs[0]}/{self.runs[1]}")
        for path in ("runs", "incidents", "evidence/exporting", "evidence/compliance"):
            await self.ask("get", path)
        for path in ("runbooks", "catalog", "status", "marketplace/session", "openapi.json"):
            await self.ask("get", path)
