"""Flies cases through NVIDIA Dynamo's own replay and prints how long the replay says it took.

stdin:  {"runs": 3, "trace": "/path.jsonl" or null, "synthetic": [input, output, requests] or null,
         "engine": {...}, "options": {keyword arguments of the replay}}
stdout: last line {"wall_time_ms": [one per run], "duration_ms": simulated, "completed": requests}
"""

import json
import sys

from dynamo.replay import api

case = json.load(sys.stdin)
options = {
    **case["options"],
    "extra_engine_args": json.dumps({"engine": case["engine"]}),
    "capture_per_request": False,
}
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
