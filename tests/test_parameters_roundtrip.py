"""A thousand awkward values and names: each comes out of a real Python as it went in, or is refused; none is executed.

The injected cell runs under an audit hook, which the interpreter itself calls for every import, file, process and
compilation: whatever a value did, it would be seen there.
"""

import datetime
import json
import math
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest

from keys_jupyter import parameters
from keys_jupyter.errors import InputError
from keys_jupyter.parameters import InvalidParameters
from keys_jupyter.runner.secret_text import SecretText
from tests.packs import code, notebook

ATTACKS = [
    "'; import os; os.system('touch /tmp/owned'); '",
    '"""; __import__("os")._exit(1); """',
    "\\'; raise SystemExit #",
    "{__import__('os').system('true')}",
    "%s %(x)s {0} {}",
    "# -*- coding: rot13 -*-",
    "\x0c\x1a\x00\x7f",
    "line\nimport os\nos._exit(1)",
    "a\u2028import os\u2029os._exit(1)\x85b\x0bc\x1cd",
    "\u202etxet\u202c \u2066 \ufeff",
    "\\N{BULLET} \\x41 \\u0041 \\",
    "$(touch /tmp/owned) `id` ${HOME}",
    "!touch /tmp/owned",
    "%run evil.py",
    "'" * 40 + '"' * 40 + "\\" * 40,
    "\U0001f511 e\u0301 \ufffd \U0010ffff",
    "parameters\n# + tags=['injected-parameters']",
    "</script><img src=x onerror=alert(1)>",
    "",
    " ",
]
NUMBERS = [
    0, -1, 2**63, -(2**63) - 1, 10**4200, -(10**4299), 2**20000, 1 << 14000, 0.1, -0.0, 1e308, 5e-324, 1e22,
    math.inf, -math.inf, math.nan, True, False, None,
]  # fmt: skip
HARNESS = """
import pickle, sys
source, expected = pickle.load(sys.stdin.buffer)
seen, watching = [], [False]
ALLOWED = {"exec", "import", "marshal.loads", "object.__getattr__", "sys._getframe", "code.__new__"}
def hook(event, args):
    if not watching[0]: return
    if event == "import" and str(args[0]).split(".")[0] in ("pathlib", "datetime", "_datetime"): return
    if event == "exec": return
    seen.append((event, repr(args)[:200]))
import pathlib, datetime, math
program = compile(source, "cell", "exec")
space = {}
sys.addaudithook(hook)
watching[0] = True
exec(program, space)
watching[0] = False
def same(a, b):
    if type(a) is not type(b): return False
    if isinstance(a, float): return (a != a and b != b) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, (list, tuple)): return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict): return len(a) == len(b) and all(map(same, a.items(), b.items()))
    return a == b
wrong = [name for name, value in expected.items() if name not in space or not same(space[name], value)]
more = set(space) - set(expected) - {"__builtins__", "Path", "_datetime"}
sys.stdout.write(ascii((wrong, sorted(more), seen)))
"""


def words(generator):
    parts = [
        generator.choice(ATTACKS),
        *generator.choices("'\"\\\n\r\t{}%#;=,()[]\u2028\x00é漢", k=6),
    ]
    generator.shuffle(parts)
    return "".join(parts)


def anything(generator, depth=0):
    kind = generator.randrange(9 if depth < 3 else 5)
    if kind == 0:
        return generator.choice(NUMBERS)
    if kind == 1:
        return generator.randint(-(10**40), 10**40)
    if kind == 2:
        return generator.uniform(-1, 1) * 10.0 ** generator.randint(-300, 300)
    if kind in (3, 4):
        return words(generator)
    if kind == 5:
        return datetime.datetime.fromtimestamp(generator.randrange(2**31), datetime.timezone.utc)
    if kind == 6:
        return Path(words(generator).replace("\0", "") or "x")
    size = generator.randrange(5)
    if kind == 7:
        return [anything(generator, depth + 1) for _ in range(size)]
    return {words(generator): anything(generator, depth + 1) for _ in range(size)}


def declared(count):
    source = "\n".join(f"p{n} = None" for n in range(count)).replace("= None", ": Any = None")
    return parameters.declared(notebook(code(source, tags=["parameters"])))


def executed(source, expected):
    done = subprocess.run(
        [sys.executable, "-I", "-c", HARNESS],
        input=pickle.dumps((source, expected)),
        capture_output=True,
        check=True,
    )
    return eval(done.stdout.decode())


@pytest.mark.parametrize("seed", range(5))
def test_values_come_out_as_they_went_in_and_do_nothing(seed):
    generator = random.Random(seed)
    takes = declared(200)
    given = {f"p{n}": anything(generator) for n in range(200)}
    given |= {f"p{n}": text for n, text in enumerate(ATTACKS)}
    given |= {f"p{n}": number for n, number in enumerate(NUMBERS, len(ATTACKS))}
    checked = parameters.check(takes, given)
    assert set(checked) == set(given)
    source = parameters.cell_source(takes, checked, comment=words(generator))
    assert executed(source, given) == ([], [], [])


def test_the_harness_would_see_a_value_that_acts():
    assert executed("p0 = 1\nimport subprocess", {"p0": 1})[2]
    assert executed("p0 = 1\nopen('/dev/null')", {"p0": 1})[2]
    assert executed("p0 = eval('1')", {"p0": 1})[2]
    assert executed("p0 = 1; q = 2", {"p0": 1.0}) == (["p0"], ["q"], [])


def test_half_a_character_and_foreign_things_are_refused():
    takes = declared(1)
    deep = []
    for _ in range(100):
        deep = [deep]
    for value in ("\ud800", ["\udfff"], {"\ud900": 1}, deep, b"bytes", object(), 1j, range(3)):
        with pytest.raises(InputError):
            parameters.cell_source(takes, parameters.check(takes, {"p0": value}))


def names(generator):
    yield from [
        "x=1;import os",
        "p0 ",
        " p0",
        "p0\n",
        "P0",
        "__class__",
        "None",
        "class",
        "",
        "p0.real",
        "p0[0]",
    ]
    yield from ["p0\u2028", "р0", "p٠", "*p0", "p0:=1", "exec('1')", "p0#", "\x00", "p" * 100_000]
    for _ in range(980):
        yield words(generator)[: generator.randrange(1, 80)] or "-"


def test_a_name_that_is_not_declared_is_refused_whatever_it_says():
    takes = declared(3)
    generator = random.Random(7)
    given = list(names(generator))
    assert len(given) == 1000
    for name in given:
        with pytest.raises(InvalidParameters) as caught:
            parameters.check(takes, {name: 1})
        (problem,) = caught.value.problems
        assert problem.code == "UNKNOWN_PARAMETER"
        assert problem.message.isprintable()
        with pytest.raises(InputError):
            parameters.cell_source(takes, {name: 1})


def test_awkward_values_reach_a_real_kernel(service, changes, workspace):
    from keys_jupyter.model.run import RunRequest

    generator = random.Random(11)
    texts = {f"p{n}": words(generator) for n in range(100)}
    book = notebook(
        code("\n".join(f"p{n}: str = ''" for n in range(100)), tags=["parameters"]),
        code(
            "import json; print(json.dumps({f'p{n}': globals()[f'p{n}'] for n in range(100)}))",
            ident="d",
        ),
    )
    (workspace / "n.ipynb").write_text(json.dumps(book))
    run = service.runs.start(RunRequest(key="n.ipynb", parameters=texts))
    changes.until(lambda: service.runs.settled(run.id))
    assert service.runs.run(run.id).state.value == "SUCCEEDED"
    assert json.loads(service.runs.output(run.id).text) == texts
    assert service.runs.run(run.id).parameters == texts


@pytest.mark.parametrize("seed", range(3))
def test_a_secret_is_found_however_a_stream_is_cut(seed):
    generator = random.Random(seed)
    for _ in range(150):
        secret = "".join(generator.choices("aab'\\<é€ /+", k=generator.randrange(4, 12)))
        known = SecretText({"token": secret})
        around = "".join(generator.choices("aab'\\<é€ /+", k=20))
        text = around + secret + around
        shown, held = "", ""
        while text:
            size = generator.randrange(1, 6)
            piece, text = text[:size], text[size:]
            ready, held = known.part(known.clean(held + piece))
            shown += ready
        shown += held
        assert secret not in shown
        assert "[secret token]" in shown
