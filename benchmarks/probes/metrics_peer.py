"""One call of another tool that logs one number, per call: metrics_peer.py NAME N. Each as its pages say, without a network."""

import json
import os
import sys
import time

name, n = sys.argv[1], int(sys.argv[2])


def wandb():
    os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    import wandb

    run = wandb.init(project="bench")
    return (lambda i: run.log({"loss": 1.0 / (i + 1)}, step=i)), run.finish


def aim():
    from aim import Run

    run = Run(repo=".", system_tracking_interval=None, capture_terminal_logs=False)
    return (lambda i: run.track(1.0 / (i + 1), name="loss", step=i)), run.close


def dvclive():
    from dvclive import Live

    live = Live(save_dvc_exp=False, report=None)

    def log(i):
        live.log_metric("loss", 1.0 / (i + 1))
        live.next_step()

    return log, live.end


def trackio():
    import trackio

    trackio.init(project="bench", embed=False)
    return (lambda i: trackio.log({"loss": 1.0 / (i + 1)}, step=i)), trackio.finish


log, end = {"wandb": wandb, "aim": aim, "dvclive": dvclive, "trackio": trackio}[name]()
for i in range(50):
    log(i)
begun = time.perf_counter()
for i in range(50, n):
    log(i)
took = time.perf_counter() - begun
end()
sys.stdout.flush()
print("\n" + json.dumps({"call_us": took / (n - 50) * 1e6}))
