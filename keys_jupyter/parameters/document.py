"""The text of a parameters file (YAML or JSON) in, a mapping of values out; pure."""

from __future__ import annotations

import json
from typing import Any

from keys_jupyter.errors import InputError
from keys_jupyter.parameters.literals import DEPTH

_MAX_TEXT = 1_000_000
# The YAML reader takes about a second for as much as this.
_MAX_YAML = 100_000


def from_document(text: str) -> dict[str, Any]:
    """Return the values that a parameters file holds, untyped as yet.

    Raises:
        InputError: the text is neither YAML nor JSON, is no mapping of names, repeats a name, or uses anchors.
    """
    if len(text) > _MAX_TEXT:
        raise _bad(f"is longer than {_MAX_TEXT} characters", "Put the data into a file of its own.")
    values = _from_json(text) if text.lstrip().startswith("{") else None
    if values is None:
        values = _from_yaml(text)
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise _bad("is not a mapping of names to values", "Write one `name: value` per line.")
    return values


def _bad(reason: str, hint: str = "") -> InputError:
    return InputError("BAD_PARAMETERS_FILE", f"The parameters file {reason}.", hint)


def _from_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise _bad("nests too deeply", "Make it flatter.") from None
    except ValueError:
        # A YAML mapping may begin with a brace, too.
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise _twice(name)
        values[name] = value
    return values


def _twice(name: str) -> InputError:
    shown = name if name.isidentifier() else ascii(name)
    return _bad(f"gives `{shown}` twice", "Keep one of the two.")


def _from_yaml(text: str) -> Any:
    import yaml

    if len(text) > _MAX_YAML:
        raise _bad(f"is YAML of more than {_MAX_YAML} characters", "Write it as JSON.")
    try:
        _check_events(text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if isinstance(node, yaml.MappingNode):
            _once([(str(key.value), None) for key, _ in node.value])
        return None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _bad(f"is not YAML{line}", "Check quotes, colons and indentation.") from None
    except (yaml.YAMLError, ValueError):
        raise _bad("holds a value that cannot be read", "Put texts between quotes.") from None


def _check_events(text: str) -> None:
    """Refuse, while it is being read, what would grow or take long: aliases and deep nesting."""
    import yaml

    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _bad("uses anchors and aliases", "Write each value out.")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise _bad("nests too deeply", "Make it flatter.")
