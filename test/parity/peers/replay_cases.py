"""Runs replay cases through the real peer: a case a line in, an answer a line out.

usage: replay_cases.py FOLDER

FOLDER holds dynamo_replay.py, which knows how to run one case. A line is {"id": n, "input": {…}};
its answer is {"id": n, "answer": {"summary": {…}, "requests": […]}} or {"error": text} in place of
those. One process serves many cases, because loading the peer takes longer than most of them.
"""
import json
import os
import sys


def main():
    sys.path.insert(0, sys.argv[1])
    # The peer writes warnings straight to file descriptors 1 and 2; answers leave by a copy of 1.
    answers = os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    import dynamo_replay

    answers.write(json.dumps({"ready": True}) + "\n")
    answers.flush()
    for line in sys.stdin:
        case = json.loads(line)
        try:
            answer = dynamo_replay.run_case(case["input"], rows=True)
        except BaseException as error:  # a panic of the peer's core is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps({"id": case["id"], "answer": answer}) + "\n")
        answers.flush()


main()
