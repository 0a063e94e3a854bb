"""Flies cases through NVIDIA Dynamo's own replay and prints how long the replay says it took.

stdin:  {"runs": 3, "trace": "/path.jsonl" or null, "synthetic": [input, output, requests] or null,
         "engine": {...} or "prefill_engine" and "decode_engine", "options": {keyword arguments of the replay}}
stdout: last line {"wall_time_ms": [one per run], "duration_ms": simulated, "completed": requests}
"""

import json
import sys

from dynamo.replay import api

case = json.load(sys.stdin)
options = {
    **case["options"],
    "capture_per_request": False,
}
for key, option in (
    ("engine", "extra_engine_args"),
    ("prefill_engine", "prefill_engine_args"),
    ("decode_engine", "decode_engine_args"),
):
    if case.get(key) is not None:
        options[option] = json.dumps({"engine": case[key]})
wall_times = []
for _ in range(case["runs"]):
    if case.get("synthetic") is not None:
        report = api.run_synthetic_trace_replay(*case["synthetic"], **options)
    else:
        report = api.run_trace_replay([case["trace"]], **options)
    wall_times.append(report.summary["wall_time_ms"])
result = {
    "wall_time_ms": wall_times,
    "duration_ms": report.summary["duration_ms"],
    "completed": report.summary["completed_requests"],
}
print("\n" + json.dumps(result))
