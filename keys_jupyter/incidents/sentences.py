"""A record in, one plain sentence out: the panel, the command line and the printed timeline say the same.

Every word comes from the record itself, so that a sentence never depends on what is installed when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter.incidents.state import Entry

RUN_ENDS = {
    "SUCCEEDED": "succeeded",
    "CELL_ERROR": "failed",
    "TIMED_OUT": "timed out",
    "KERNEL_DIED": "ended because its kernel died",
    "CANCELLED": "was cancelled",
    "START_FAILED": "did not start",
    "CAPTURE_FAILED": "ran, but its results were not captured",
    "INTERRUPTED": "was interrupted",
}


def sentence(record: Entry) -> str:
    """Return what a record says, as one sentence; of an unknown type, its name."""
    make = _SENTENCES.get(record["type"])
    text = make(record) if make else f"Record of type {record['type']}."
    marked = record["data"].get("rehearsal") and record["type"] != "incident.opened"
    return f"[Rehearsal] {text}" if marked else text


def _where(record: Entry) -> str:
    """Return "Check 1, Open the Evidence Folder"; older records have no label and give the step's id."""
    data = record["data"]
    named = data.get("label") or record["step"] or ""
    return f"{named} ({data['title']})" if data.get("title") else str(named)


def _with(text: str, words: Any) -> str:
    """Close a sentence with the person's own words, where there are any."""
    told = " ".join(str(words or "").split())
    if not told:
        return f"{text}."
    return f"{text}: {told}{'' if told[-1] in '.!?…' else '.'}"


def _opened(record: Entry) -> str:
    data = record["data"]
    kind = "Rehearsal" if data["rehearsal"] else "Incident"
    origin = data.get("linked_from")
    via = f", linked from incident {origin['number']}" if origin else ""
    version = f" {data['version']}" if data["version"] else ""
    return _with(f"{kind} {data['number']} opened on {data['title']}{version}{via}", _first(data))


def _first(data: Mapping[str, Any]) -> str:
    return str(data.get("trigger", "")).strip().split("\n", 1)[0][:200]


def _step(words: str) -> Callable[[Entry], str]:
    return lambda record: _with(f"{_where(record)} {words}", record["data"].get("text"))


def _confirmed_done(record: Entry) -> str:
    typed = record["data"].get("confirmation")
    sure = f", confirmed by typing “{typed}”" if typed else ""
    return _with(f"{_where(record)} marked done{sure}", record["data"].get("text"))


def _focus(record: Entry) -> str:
    again = record["data"].get("reopened")
    return f"{'Opened again' if again else 'Moved to'}: {_where(record)}."


def _undone(record: Entry) -> str:
    was = record["data"].get("was") or "mark"
    return _with(f"{_where(record)}: “{was}” taken back", record["data"].get("text"))


def _branch(record: Entry) -> str:
    data, support = record["data"], record["data"].get("support")
    text = f"{_where(record)}: branch “{data['condition']}” taken"
    if data.get("reason") and (data.get("true") or support):
        text += f", because {data['reason']}"
    return _with(f"{text}. {_clean(data['outcome'])}", data.get("text"))


def _clean(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _requested(record: Entry) -> str:
    data = record["data"]
    place = f" for {record['step']}" if record["step"] else ""
    return f"Run {data['run'][:8]} of {data['key']} {data['version']} started{place}."


def _ended(record: Entry) -> str:
    data = record["data"]
    text = f"Run {data['run'][:8]} {RUN_ENDS.get(data['state'], data['state'].lower())}"
    told = [
        f"{row.get('label') or row['name']} {'-' if row['value'] is None else row['value']}"
        f"{' ' + row['unit'] if row.get('unit') else ''}"
        for row in data["results"][:4]
    ]
    more = f" and {len(data['results']) - 4} more results" if len(data["results"]) > 4 else ""
    return _with(text, ", ".join(told) + more if told else data.get("reason"))


def _attached_run(record: Entry) -> str:
    data = record["data"]
    return (
        f"Run {data['run'][:8]} of {data['key']}, begun outside this incident, "
        f"attached to {_where(record)}."
    )


def _kept(record: Entry) -> str:
    data = record["data"]
    origin = f"of run {data['run'][:8]}" if data["run"] else "attached"
    return f"Kept as evidence: {data['name']} ({origin}, {data['size']} bytes)."


def _linked(record: Entry) -> str:
    data = record["data"]
    way = "Went on in" if data["direction"] == "to" else "Linked from"
    return _with(f"{way} incident {data['number']}, {data['title']}", data.get("text"))


def _claimed(record: Entry) -> str:
    return f"{record['data']['to']} owns this incident now."


def _handover(record: Entry) -> str:
    data = record["data"]
    return _with(f"Handed over from {data['from']} to {data['to']}", data["text"])


def _timer_started(record: Entry) -> str:
    data = record["data"]
    return _with(f"Timer of {_span(data['minutes'])} started", data.get("text"))


def _postponed(record: Entry) -> str:
    data = record["data"]
    return _with(f"“{data['timer_title']}” postponed by {_span(data['minutes'])}", data["text"])


def _span(minutes: float) -> str:
    for size, name in ((1440, "day"), (60, "hour")):
        if minutes >= size and minutes % size == 0:
            count = int(minutes // size)
            return f"{count} {name}{'s' * (count > 1)}"
    return f"{minutes:g} minute{'s' * (minutes != 1)}"


def _timer(words: str) -> Callable[[Entry], str]:
    return lambda record: _with(
        f"{words} “{record['data']['timer_title']}”", record["data"].get("text")
    )


def _item(words: str) -> Callable[[Entry], str]:
    return lambda record: _with(f"{words}: {record['data']['item_text']}", record["data"]["text"])


def _closed(record: Entry) -> str:
    data, count = record["data"], len(record["data"]["missing"])
    gaps = f" with {count} of its artifacts missing" if count else ""
    return (
        f"Incident closed{gaps}. Root cause: {_clean(data['root_cause'])}. "
        f"Resolution: {_clean(data['resolution'])}. Verification: {_clean(data['verification'])}."
    )


_SENTENCES: dict[str, Callable[[Entry], str]] = {
    "incident.opened": _opened,
    "step.done": _confirmed_done,
    "step.failed": _step("marked failed"),
    "step.skipped": _step("skipped"),
    "step.note": _step("noted"),
    "step.focus": _focus,
    "step.undone": _undone,
    "branch.taken": _branch,
    "action.confirmed": lambda record: (
        f"{_where(record)} unlocked by typing “{record['data']['confirmation']}”."
    ),
    "run.requested": _requested,
    "run.ended": _ended,
    "run.attached": _attached_run,
    "evidence.kept": _kept,
    "evidence.cleared": lambda record: (
        f"Said to be no secret: what {record['data']['rule']} found, "
        f"{record['data']['commitment'][:8]}. {_clean(record['data']['reason'])}."
    ),
    "incident.note": lambda record: _with("Noted", record["data"]["text"]),
    "incident.fact": lambda record: (
        f"{record['data']['name']} is {_clean(record['data']['text'])}."
    ),
    "incident.linked": _linked,
    "incident.claimed": _claimed,
    "incident.handover": _handover,
    "incident.closed": _closed,
    "incident.reopened": lambda record: _with("Incident opened again", record["data"]["text"]),
    "timer.started": _timer_started,
    "timer.postponed": _postponed,
    "timer.stopped": _timer("Timer stopped:"),
    "escalation.raised": _timer("Escalated:"),
    "item.ticked": _item("Ticked"),
    "item.unticked": _item("Tick taken back"),
    "analysis.added": lambda record: _with(
        f"Analysis added: {record['data']['title']} ({record['data']['key']})",
        record["data"]["text"],
    ),
}
