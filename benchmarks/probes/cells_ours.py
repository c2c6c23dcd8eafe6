"""What the extension adds to a cell that does nothing, in a real kernel: round trips as a front end sees them.

Plain, then with the extension loaded, then each cell a run of its own; and the session's own account of its hooks.
"""

import json
import statistics
import sys
import time

from jupyter_client.manager import start_new_kernel

CELLS = int(sys.argv[1])
HOOKS = (
    "from jupyter_mlops.magics import session_of as _of; import json as _json; "
    "_o = _of(get_ipython()).overhead; print(_json.dumps([list(_o.hooks), _o.collecting]))"
)


def execute(client, source):
    said = []
    begun = time.perf_counter()
    client.execute_interactive(
        source,
        timeout=120,
        output_hook=lambda m: (
            said.append(m["content"].get("text", "")) if m["msg_type"] == "stream" else None
        ),
    )
    return 1000 * (time.perf_counter() - begun), "".join(said)


def rounds(client, source):
    """The time of the first cell, and of the middle one."""
    taken = []
    for number in range(CELLS):
        taken.append(execute(client, source.format(number))[0])
        time.sleep(0.01)  # nobody presses keys faster; what waits for the background can be done
    return taken[0], statistics.median(taken[1:])


def after_a_rest():
    """The first tracked cell of a kernel that had two seconds between it and %load_ext; and its longer hook."""
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        execute(client, "%load_ext jupyter_mlops")
        time.sleep(2)
        taken = execute(client, "%%track rested\nz = 0")[0]
        hooks = json.loads(execute(client, HOOKS)[1])[0]
        return taken, 1000 * max(hooks[1:3])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


rested, rested_hook = after_a_rest()
manager, client = start_new_kernel(kernel_name="python3")
try:
    execute(client, "import math")
    _, plain = rounds(client, "x{0} = {0}")
    execute(client, "%load_ext jupyter_mlops")
    _, loaded = rounds(client, "y{0} = {0}")
    first, tracked = rounds(client, "%%track cell{0}\nz{0} = {0}")
    # At the end only: what looks into the session could write anything, and every later slice would hold it.
    spent, collecting = json.loads(
        execute(client, HOOKS)[1]
    )  # one before and one after a cell; loading has one
    untracked, hooks = spent[1 : 1 + 2 * CELLS], spent[1 + 2 * CELLS : 1 + 4 * CELLS]
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)

print(
    json.dumps(
        {
            "plain_ms": plain,
            "loaded_ms": loaded,
            "tracked_ms": tracked,
            "first_ms": first,
            "rested_ms": rested,
            "rested_hook_ms": rested_hook,
            "hooks_ms": 2000 * statistics.median(hooks[2:]),  # one before a cell, one after
            "worst_hook_ms": 1000 * max(hooks[2:]),
            "collections_ms": 1000 * collecting,  # in all of them
            "untracked_hooks_ms": 2000 * statistics.median(untracked),
        }
    )
)
