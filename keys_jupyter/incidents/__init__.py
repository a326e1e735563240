"""An incident as a fold over its ledger records: the records in order in, the state they add up to out.

The fold is the only state: nothing about an incident is kept anywhere else, so that closing the server in
mid-step loses nothing and another person simply appends.

* `state` adds records up, `view` shows what they come to, `timing` says what is due, `items` what is missing;
* `acts` turns what a person does into a record, or refuses it; `sentences` says a record in words;
* `finding`, `prefill`, `attachments` and `checklist` are what surrounds the work.
"""

from __future__ import annotations

from keys_jupyter.incidents.acts import act_data, refuse_stale
from keys_jupyter.incidents.state import item_of
from keys_jupyter.incidents.steps import step_of, steps_of, with_added
from keys_jupyter.incidents.view import Fold, evidence, fold

__all__ = [
    "Fold",
    "act_data",
    "evidence",
    "fold",
    "item_of",
    "refuse_stale",
    "step_of",
    "steps_of",
    "with_added",
]
