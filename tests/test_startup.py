"""What a server that only has the extension enabled pays for it."""

import json
import subprocess
import sys

CODE = """
import json, sys
import jupyter_server.serverapp as s
app = s.ServerApp()
app.initialize(argv=["--no-browser"], find_extensions=False, new_httpserver=False)
before = set(sys.modules)
app.extension_manager.from_jpserver_extensions({"keys_jupyter": True})
app.extension_manager.link_all_extensions()
app.extension_manager.load_all_extensions()
assert app.extension_manager.extensions["keys_jupyter"].enabled
print(json.dumps(sorted(set(sys.modules) - before)))
"""
WAITS = {"pydantic", "requests", "nbformat", "papermill", "keyring", "cryptography", "sqlite3"}


def test_nothing_heavy_is_imported_before_the_first_request():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    new = json.loads(done.stdout.splitlines()[-1])
    assert "keys_jupyter.routes" in new, "the extension was loaded"
    assert not {name.split(".")[0] for name in new} & WAITS
    ours = {name for name in new if name.startswith("keys_jupyter.")}
    rooms = {name.split(".")[1] for name in ours}
    assert rooms == {"errors", "extension", "options", "routes"}
